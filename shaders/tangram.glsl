// SPDX-License-Identifier: Apache-2.0
// kind: figures
// A few flat triangles of several colours, joined or overlapping, on black.
// ground: black
#include "lib/palette.glsl"
#include "lib/place.glsl"
#include "lib/shape.glsl"

float corners(vec2 p, vec2 a, vec2 b, vec2 c) {
  vec3 side = vec3(dot(p - a, normalize(vec2(b.y - a.y, a.x - b.x))),
      dot(p - b, normalize(vec2(c.y - b.y, b.x - c.x))), dot(p - c, normalize(vec2(a.y - c.y, c.x - a.x))));
  side *= (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x) < 0.0 ? -1.0 : 1.0;
  return max(side.x, max(side.y, side.z));
}

vec3 pattern(vec2 p, float t, vec4 r) {
  Place here = place(p, 0.4, 0.9, 109, r);
  vec3 colour = vec3(0.0);
  int count = 2 + int(5.0 * more(r, 110).x);
  vec2 a = vec2(-0.5, -0.3), b = vec2(0.4, -0.4);
  for (int k = 0; k < count; k++) {
    vec4 h = more(r, 111 + k);
    vec2 c = 0.95 * (2.0 * h.xy - 1.0) + 0.08 * sin(t + TAU * h.zw);
    vec3 own = hsv(r.x + 0.4 * h.z * r.y, 0.2 + 0.75 * h.w, 0.45 + 0.55 * fract(5.0 * h.z));
    colour = mix(colour, own, paint(corners(here.q, a, b, c), here.grain));
    a = h.w < 0.5 ? b : a;
    b = c;
  }
  return colour;
}
