// SPDX-License-Identifier: Apache-2.0
// Where a figure stands in the picture: another place, size and turn for each.
#include "lib/hash.glsl"
#include "lib/plane.glsl"

struct Place {
  vec2 q;      // the point as the figure sees it: it lies about the origin and reaches about 1
  float size;  // how far it reaches in the picture
  float grain;  // the distance between neighbouring samples in units of q
};

// The place that the k-th quartet of a picture's numbers gives, between two sizes; nearly all of it is seen.
Place place(vec2 p, float least, float most, int k, vec4 r) {
  vec4 h = more(r, k);
  float size = mix(least, most, h.z);
  vec2 centre = max(1.0 - 0.8 * size, 0.0) * (2.0 * h.xy - 1.0);
  return Place(turn(p - centre, TAU * h.w) / size, size, pixel / size);
}

// The same without a turn: for what hangs or stands.
Place stand(vec2 p, float least, float most, int k, vec4 r) {
  Place found = place(p, least, most, k, r);
  found.q = turn(found.q, -TAU * more(r, k).w);
  return found;
}
