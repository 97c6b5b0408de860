// SPDX-License-Identifier: Apache-2.0
// kind: light
// Light in a cup: rays thrown back by its round wall, whose envelope is a bright cusp (Huygens, 1690).
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 q = p * (0.95 + 0.3 * r.x) - 0.15 * (r.zw - 0.5);
  float from = TAU * r.y + 0.1 * t, near_lamp = r.z, radius = length(q), light = 0.0;
  vec2 lamp_place = polar(1.3 + 3.0 * near_lamp, from);
  for (int k = 0; k < 36; k++) {
    float angle = from + TAU * (float(k) + 0.5) / 36.0;
    vec2 wall = vec2(cos(angle), sin(angle)), arrive = normalize(wall - lamp_place);
    float facing_wall = dot(arrive, wall);
    vec2 leave = arrive - 2.0 * facing_wall * wall;
    float beside = leave.x * (q.y - wall.y) - leave.y * (q.x - wall.x);
    light += max(facing_wall, 0.0) * exp(-beside * beside * 260.0);
  }
  float inside = 1.0 - smoothstep(1.0 - pixel, 1.0 + pixel, radius);
  vec3 tea = palette(r.w, r) * 0.35 + palette(r.w + 0.08, r) * 0.17 * light;
  tea += 0.05 * light * light * ramp(0.9, r) * 0.35;
  vec3 cup = ramp(0.85 - 0.25 * radius, r) * (0.8 + 0.2 * dot(q, polar(0.7, from)));
  return mix(cup * smoothstep(0.98, 1.12, radius) + 0.1, tea, inside);
}
