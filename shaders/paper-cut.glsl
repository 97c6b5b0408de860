// SPDX-License-Identifier: Apache-2.0
// kind: shapes
// Paper cut: layers of rounded shapes, each casting a soft shadow on the one below.
#include "lib/palette.glsl"
#include "lib/plane.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec3 colour = palette(r.x, r) * 0.5 + 0.3;
  for (int k = 0; k < 7; k++) {
    vec4 h = more(r, k + 1);
    vec4 g = finer(h);
    vec2 q = turn(p - 1.2 * (h.xy * 2.0 - 1.0), TAU * h.z + 0.1 * t);
    float size = 0.15 + 0.4 * h.w;
    float shape = g.x < 0.35 ? length(q) - size
                : g.x < 0.65 ? box(q, size * vec2(0.5 + 0.5 * g.y, 0.4 + 0.4 * g.z)) - 0.08
                             : polygon(q, 3.0 + floor(4.0 * g.y), 0.7 * size) - 0.06;
    float ring = g.w < 0.3 ? abs(shape) - 0.06 : shape;
    colour *= 1.0 - 0.45 * exp(-14.0 * max(ring, 0.0)) * (1.0 - paint(ring, pixel));
    vec3 paper = palette(0.13 * float(k) + r.y, r) * (0.85 + 0.15 * p.y);
    colour = mix(colour, paper, paint(ring, pixel));
  }
  return colour;
}
