// SPDX-License-Identifier: Apache-2.0
// kind: reaction
// Dendrites: mineral ferns that grew from cracks, their arms branching wherever the field is steep.
#include "lib/noise.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 q = turn(p, TAU * r.x) + 0.04 * t;
  float growth = 0.0, crack = 9.0;
  for (int k = 0; k < 3; k++) {
    vec4 h = more(r, k + 1);
    vec2 x = turn(q - 0.9 * (2.0 * h.xy - 1.0), TAU * h.z);
    float line = abs(x.y - 0.12 * noise(vec2(2.0 * x.x, 9.0 * float(k))));
    float reach = (0.25 + 0.4 * h.w) * (0.6 + 0.6 * line_noise(5.0 * x.x, k + 3));
    vec2 bent = vec2(x.x + 0.07 * noise(5.0 * x), line);
    float arms = noise(vec2(11.0, 3.0) * bent + 50.0 * h.xy) + 0.6 * noise(vec2(26.0, 9.0) * bent + 30.0);
    growth = max(growth, smoothstep(-0.05, 0.2, arms + 0.65 - 1.35 * line / reach));
    crack = min(crack, line);
  }
  float stain = smoothstep(0.0, 1.0, growth), rock = 0.5 + 0.35 * noise(1.5 * p + 50.0 * r.zw)
      + 0.15 * noise(6.0 * p);
  vec3 stone = mix(palette(r.w + 0.15 * rock, r), vec3(0.9, 0.85, 0.76), 0.6) * (0.75 + 0.25 * rock);
  return mix(stone, ink(1.0, r) * 0.7, 0.9 * stain) * (0.8 + 0.2 * smoothstep(0.0, 0.02, crack));
}
