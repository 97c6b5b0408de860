// SPDX-License-Identifier: Apache-2.0
// kind: shapes
// Confetti: rounds, squares, triangles and stars, strewn in two layers with soft shadows.
#include "lib/hash.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec3 colour = ramp(0.85 + 0.1 * p.y, r);
  if (r.w < 0.4) colour = ramp(0.12, r);
  for (int k = 0; k < 2; k++) {
    float scale = 2.0 + 2.0 * r.x - 0.7 * float(k);
    vec2 q = turn(scale * p, 1.1 * float(k) + TAU * r.y) + 60.0 * r.zw + 0.1 * t;
    ivec2 cell = ivec2(floor(q));
    vec3 h = hash3(cell, k), g = hash3(cell, k + 7);
    float size = 0.15 + 0.12 * h.z;
    vec2 x = turn(fract(q) - 0.5 - (0.46 - size) * (2.0 * h.xy - 1.0), TAU * g.x + 0.3 * t);
    float d = g.y < 0.25 ? length(x) - size
            : g.y < 0.5  ? box(x, 0.8 * size * vec2(1.0, 0.4 + 0.6 * g.z))
            : g.y < 0.75 ? polygon(x, 3.0, 0.6 * size)
                         : star(x, 5.0, 1.1 * size, 0.55 * size);
    colour *= 1.0 - 0.4 * exp(-12.0 * max(d, 0.0));
    colour = mix(colour, paints(g.z + h.x, r) * (0.9 + 0.6 * d / size), paint(d, 2.0 * scale * pixel));
  }
  return colour;
}
