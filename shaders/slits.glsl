// SPDX-License-Identifier: Apache-2.0
// kind: waves
// Diffraction: a plane wave meets a screen with slits, and what passes spreads in circles and interferes.
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 q = turn(p, TAU * r.x);
  float frequency = 14.0 + 16.0 * r.y, spread = 0.12 + 0.35 * r.z;
  int slits = 2 + int(3.0 * r.w);
  float screen = -0.45;
  vec2 wave = vec2(0.0);
  for (int k = 0; k < 4; k++) {
    vec2 offset = q - vec2(screen, spread * (float(k) - 0.5 * float(slits - 1)));
    float away = length(offset) + 0.05;
    float forward = 0.5 + 0.5 * offset.x / away;
    if (k < slits) wave += forward * polar(0.5 / sqrt(away), frequency * away - t);
  }
  vec2 before = polar(0.8, frequency * (q.x - screen) - t);
  wave = mix(before, wave, smoothstep(-0.02, 0.02, q.x - screen));
  return scheme(0.18 * wave.x + 0.1 * length(wave) + r.z, r) * (0.55 + 0.3 * length(wave) + 0.15 * wave.x);
}
