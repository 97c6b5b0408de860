// SPDX-License-Identifier: Apache-2.0
// kind: reaction
// Rust: stains that ate through old paint, with pale haloes at their rims and flakes within.
#include "lib/noise.glsl"
#include "lib/palette.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 q = (0.9 + 0.9 * r.x) * p + 140.0 * r.yz;
  float eaten = fbm(q + 0.35 * noise(2.4 * q + 0.04 * t), 4) + 0.18 * noise(0.5 * q + 9.0);
  float level = eaten - 0.2 * (r.w - 0.5);
  float grain = noise(7.0 * q) + 0.5 * noise(17.0 * q + 20.0);
  float streak = noise(vec2(5.0, 0.6) * q + 31.0);
  vec3 coat = palette(r.w + 0.04 * streak, r) * 0.55 + 0.28 + 0.03 * grain;
  coat *= 1.0 - 0.3 * exp(-5.0 * max(-level, 0.0)) * smoothstep(0.0, 0.5, streak);
  vec3 iron = mix(vec3(0.5, 0.22, 0.08), vec3(0.22, 0.12, 0.1), smoothstep(0.05, 0.4, level + 0.12 * grain));
  iron = mix(iron, palette(r.w + 0.4, r) * 0.5, 0.25) * (1.0 + 0.3 * grain);
  float rim = exp(-900.0 * (level + 0.02) * (level + 0.02));
  return mix(coat, iron, smoothstep(-0.01, 0.02, level + 0.02 * grain)) + 0.2 * rim;
}
