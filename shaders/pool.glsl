// SPDX-License-Identifier: Apache-2.0
// kind: light
// A tiled pool: the floor seen through a moving surface that bends the lines and gathers the light.
#include "lib/hash.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 q = (1.3 + 1.2 * r.x) * p, slope = vec2(0.0);
  vec3 second = vec3(0.0);
  for (int k = 0; k < 6; k++) {
    vec4 h = more(r, k + 1);
    vec2 wave = polar(1.2 + 2.6 * h.y, TAU * h.x);
    float phase = dot(wave, q) + TAU * h.z + t * length(wave), height = 0.16 / (0.6 + h.y);
    slope += wave * height * cos(phase);
    second -= vec3(wave.x * wave.x, wave.x * wave.y, wave.y * wave.y) * height * sin(phase);
  }
  float area = abs((1.0 + second.x) * (1.0 + second.z) - second.y * second.y);
  float light = min(0.6 / (0.25 + area), 1.8);
  vec2 tile = (2.0 + 2.0 * r.y) * turn(q + 0.22 * slope, TAU * r.z);
  vec2 joint = abs(fract(tile) - 0.5);
  vec3 glaze = palette(r.w + 0.08 * hash2(ivec2(floor(tile))).x, r) * 0.5 + vec3(0.0, 0.12, 0.16);
  float grout = smoothstep(0.42, 0.46, max(joint.x, joint.y));
  return mix(glaze, 0.4 * glaze + 0.35, grout) * (0.55 + 0.45 * light) + 0.05 * light * light;
}
