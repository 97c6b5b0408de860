// SPDX-License-Identifier: Apache-2.0
// kind: waves
// The open sea to its horizon: crossing swells that turn to the sky, and the sun's road on them.
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  float horizon = 0.15 + 0.5 * r.x, below = horizon - p.y;
  vec2 sun = vec2(1.4 * r.y - 0.7, horizon + 0.25);
  float halo = exp(-2.5 * length(p - sun));
  vec3 sky = ramp(0.55 + 0.3 * below, r) + 0.5 * halo * palette(r.w, r);
  float depth = 0.7 / max(below, 1e-3);
  vec2 q = vec2(p.x * depth, depth), slope = vec2(0.0);
  for (int k = 0; k < 7; k++) {
    vec4 h = more(r, k + 1);
    vec2 wave = polar((4.0 + 4.5 * float(k)) * (0.7 + 0.6 * h.x), 1.57 + 1.2 * (h.y + r.z - 1.0));
    float fine = depth * depth * length(wave) * pixel;  // phase from one sample to the next
    slope += 0.16 * normalize(wave) * cos(dot(wave, q) + 1.5 * t + TAU * h.z) * exp(-2.0 * fine * fine);
  }
  float up = clamp(0.5 + 1.2 * slope.y - 0.1 * below, 0.0, 1.0);
  float road = exp(-8.0 * abs(p.x - sun.x + 0.6 * slope.x)) * smoothstep(-0.1, 0.35, slope.y + 0.1);
  vec3 water = mix(ramp(0.12, r), ramp(0.7, r), up) + 0.55 * road;
  return mix(sky, mix(water, sky, exp(-9.0 * max(below, 0.0))), smoothstep(0.0, 2.0 * pixel, below));
}
