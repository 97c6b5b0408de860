// SPDX-License-Identifier: Apache-2.0
// kind: glows
// Filaments: a few wavering threads of light from edge to edge, each with a halo.
// ground: black
#include "lib/noise.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec4 style = more(r, 505);
  int count = 1 + int(5.0 * style.x);
  vec2 q = turn(p, TAU * style.y);
  vec3 light = vec3(0.0);
  for (int k = 0; k < count; k++) {
    vec4 h = more(r, 506 + k);
    float rate = 0.7 + 2.5 * h.x, high = 0.15 + 0.35 * h.y;
    vec3 wave = noise_slope(vec2(rate * q.x + 30.0 * h.z, 0.2 * t + 50.0 * h.w));
    vec3 fine = noise_slope(vec2(3.1 * rate * q.x, 9.0 * h.w + 0.3 * t)) * 0.3;
    float slope = high * rate * (wave.y + 3.1 * fine.y);
    float d = abs(q.y - 0.9 * (2.0 * h.w - 1.0) - high * (wave.x + fine.x)) / sqrt(1.0 + slope * slope);
    vec3 colour = hsv(style.z + 0.3 * style.w * h.z, 0.85 * r.x, 1.0);
    light += colour * 0.009 / (0.009 + d) * exp(-7.0 * d) + exp(-d * d * 16000.0);
  }
  return 1.0 - exp(-(0.9 + r.y) * light);
}
