// SPDX-License-Identifier: Apache-2.0
// kind: figures
// A target on black: rings about one point, each of its own width and grey.
// ground: black
// colour: grey
#include "lib/place.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  Place here = place(p, 0.25, 0.8, 103, r);
  vec4 h = more(r, 104);
  vec2 q = here.q * vec2(1.0, 1.0 + 0.8 * h.x);
  float rings = 3.0 + floor(7.0 * h.y), radius = length(q), slot = floor(rings * radius);
  vec2 own = hash2(ivec2(int(slot), int(4096.0 * h.z)));
  float light = 0.15 + 0.85 * fract(own.x + 0.05 * t);
  float gap = abs(fract(rings * radius) - 0.5) - 0.2 - 0.29 * own.y;
  return vec3(light * paint(gap / rings, here.grain) * paint(radius - 1.0, here.grain));
}
