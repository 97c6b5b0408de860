// SPDX-License-Identifier: Apache-2.0
// kind: waves
// Interference: circular waves from a few points, added; bright where their crests meet.
#include "lib/palette.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  float frequency = 8.0 + 22.0 * r.x;
  int sources = 2 + int(4.0 * r.y);
  vec4 q = more(r, 1);
  vec2 wave = vec2(0.0);  // real and imaginary part of the sum
  for (int k = 0; k < sources; k++) {
    vec2 place = 1.3 * cos(6.2831853 * (q.xy * float(k + 1) + vec2(0.0, 0.25) + q.zw));
    float distance = length(p - place);
    wave += vec2(cos(frequency * distance - t), sin(frequency * distance - t)) / (0.6 + distance);
  }
  float height = 1.3 * wave.x / sqrt(float(sources));
  return palette(0.3 * length(wave) / float(sources) + r.z, r) * (0.75 + 0.45 * height) + 0.08 * height;
}
