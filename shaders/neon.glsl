// SPDX-License-Identifier: Apache-2.0
// kind: shapes
// Neon signs: bent glowing tubes before a dim wall of bricks.
#include "lib/palette.glsl"
#include "lib/plane.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 wall = vec2(p.x * 3.5 + 0.5 * mod(floor(7.0 * p.y), 2.0), 7.0 * p.y);
  vec2 joint = abs(fract(wall) - 0.5) * vec2(2.0, 1.0);
  vec2 mortar = smoothstep(vec2(0.9, 0.42), vec2(0.97, 0.49), joint);
  float brick_light = 1.0 - 0.25 * max(mortar.x, mortar.y);
  vec3 light = vec3(0.0), core = vec3(0.0);
  for (int k = 0; k < 5; k++) {
    vec4 h = more(r, k + 1), g = finer(h);
    vec2 q = turn(p - 1.3 * (h.xy - 0.5), TAU * h.z + 0.05 * t);
    float size = 0.14 + 0.35 * h.w;
    float corners = 3.0 + floor(3.0 * g.y);
    float d = abs(g.x < 0.3 ? length(q) - size
                : g.x < 0.55 ? polygon(q, corners, 0.8 * size) - 0.05
                : g.x < 0.75 ? star(q, corners + 1.0, size, 0.5 * size) - 0.03
                             : arc(q, 1.0 + 1.6 * g.y, size, 0.0));
    vec3 gas = hsv(g.z + r.w, 0.75, 1.0);
    light += gas * (0.018 / (0.03 + d)) * (0.8 + 0.2 * sin(t + TAU * g.w));
    core += (0.25 + 0.75 * gas) * (1.0 - smoothstep(0.008, 0.022, d));
  }
  return palette(r.w, r) * 0.1 * brick_light + light * (0.55 + 0.45 * brick_light) + 0.6 * core;
}
