// SPDX-License-Identifier: Apache-2.0
// kind: rough
// Needles: short straight strokes by the thousand, in one direction or any, light on dark or dark on light.
// colour: grey
#include "lib/hash.glsl"
#include "lib/plane.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec4 h = more(r, 601);
  float scale = 8.0 + 26.0 * h.x, light = 0.0;
  vec2 q = scale * p + 300.0;
  for (int j = -1; j <= 1; j++) {
    for (int i = -1; i <= 1; i++) {
      ivec2 cell = ivec2(floor(q)) + ivec2(i, j);
      vec3 own = hash3(cell, 1), more_own = hash3(cell, 2);
      vec2 half_way = polar(0.5 + 0.5 * own.z, TAU * h.y + PI * (more_own.x - 0.5) * h.z * 2.0 + 0.1 * t);
      float d = segment(q - vec2(cell) - own.xy, -half_way, half_way) - 0.05 - 0.08 * h.w;
      light = max(light, (0.3 + 0.7 * more_own.y) * paint(d, scale * pixel));
    }
  }
  return vec3(0.03 + 0.95 * (r.x < 0.6 ? light : 1.0 - light));
}
