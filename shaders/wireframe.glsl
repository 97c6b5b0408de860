// SPDX-License-Identifier: Apache-2.0
// kind: lines
// The edges of a prism or a pyramid in space, in perspective: thin lines, the farther the dimmer.
// ground: black
#include "lib/palette.glsl"
#include "lib/place.glsl"
#include "lib/shape.glsl"

// A corner in the picture, and its depth.
vec3 seen(vec2 flat_place, float high, vec4 h, float t) {
  vec3 x = vec3(flat_place.x, high, flat_place.y);
  x.xz = turn(x.xz, TAU * h.x + 0.3 * t);
  x.yz = turn(x.yz, 0.4 + 1.2 * h.y);
  return vec3(2.4 * x.xy / (3.0 + x.z), x.z);
}

float edge(vec2 q, vec3 a, vec3 b, float width, float grain) {
  return paint(segment(q, a.xy, b.xy + 1e-4) - width, grain) * (0.75 - 0.15 * (a.z + b.z));
}

vec3 pattern(vec2 p, float t, vec4 r) {
  Place here = place(p, 0.5, 0.95, 194, r);
  vec4 h = more(r, 195);
  int sides = 3 + int(5.0 * h.z);
  float narrow = h.w < 0.3 ? 0.0 : 0.3 + 0.7 * h.w, width = 0.012 + 0.015 * r.z, light = 0.0;
  for (int k = 0; k < sides; k++) {
    vec2 a = polar(1.0, TAU * float(k) / float(sides)), b = polar(1.0, TAU * float(k + 1) / float(sides));
    vec3 low = seen(a, -0.7, h, t), high = seen(narrow * a, 0.8, h, t);
    light = max(light, edge(here.q, low, seen(b, -0.7, h, t), width, here.grain));
    light = max(light, edge(here.q, high, seen(narrow * b, 0.8, h, t), width, here.grain));
    light = max(light, edge(here.q, low, high, width, here.grain));
  }
  return hsv(r.x, 0.8 * r.y, 1.0) * light;
}
