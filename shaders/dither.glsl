// SPDX-License-Identifier: Apache-2.0
// kind: rough
// A gradient in two tones: small squares, black or white by a threshold matrix (Bayer, 1973) or by chance.
// colour: grey
#include "lib/noise.glsl"
#include "lib/plane.glsl"

float matrix(ivec2 cell, int bits) {
  int level = 0;
  for (int k = 0; k < 4; k++) {
    if (k >= bits) break;
    level = level * 4 + ((((cell.x ^ cell.y) & 1) << 1) | (cell.y & 1));
    cell >>= 1;
  }
  return (float(level) + 0.5) / float(1 << 2 * bits);
}

vec3 pattern(vec2 p, float t, vec4 r) {
  vec4 h = more(r, 402);
  float scale = 30.0 + 98.0 * h.x;
  ivec2 cell = ivec2(floor(scale * p + 500.0));
  vec2 q = (vec2(cell) - 500.0) / scale;
  float wave = 0.5 + 0.45 * sin((1.0 + 5.0 * h.y) * dot(q, polar(1.0, TAU * h.z)) + t);
  float light = r.x < 0.4 ? wave : 0.5 + 0.6 * fbm((0.7 + 2.0 * h.y) * q + 50.0 * r.yz + 0.1 * t, 3);
  float threshold = h.w < 0.65 ? matrix(cell, 2 + int(3.0 * r.w)) : hash2(cell).x;
  return vec3(light > threshold ? 0.96 : 0.04);
}
