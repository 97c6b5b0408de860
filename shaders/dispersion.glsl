// SPDX-License-Identifier: Apache-2.0
// kind: light
// Split light: caustics of three colours, each bent a little more than the last, with rainbow seams.
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 q = (1.3 + 1.5 * r.x) * p;
  vec3 second = vec3(0.0);
  for (int k = 0; k < 6; k++) {
    vec4 h = more(r, k + 1);
    vec2 wave = polar(0.8 + 1.9 * h.y, TAU * h.x);
    float bend = (0.35 + 0.3 * h.w) * sin(dot(wave, q) + TAU * h.z + 0.7 * t);
    second += vec3(wave.x * wave.x, wave.x * wave.y, wave.y * wave.y) * bend / (0.5 + h.y);
  }
  vec3 depth = (0.4 + 0.4 * r.y) * (1.0 + (0.1 + 0.25 * r.z) * vec3(-1.0, 0.0, 1.0));
  vec3 area = abs(1.0 + depth * (second.x + second.z)
      + depth * depth * (second.x * second.z - second.y * second.y));
  vec3 light = 0.42 / (0.14 + area);
  light = light / (0.6 + light);
  return mix(light * light * 1.25, light * ramp(0.6, r) * 1.2, 0.5 * r.w) + 0.03;
}
