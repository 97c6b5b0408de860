// SPDX-License-Identifier: Apache-2.0
// Random fields about [-1, 1], made of smooth noise.
#include "lib/noise.glsl"

// Crests: noise folded at 0, in octaves that are higher where the last was. Musgrave, in Texturing and
// Modeling, 1994.
float ridged(vec2 p, int octaves) {
  float sum = 0.0, height = 1.0, last = 1.0;
  for (int i = 0; i < octaves; i++) {
    float crest = 1.0 - abs(noise(p));
    last *= crest * crest;
    sum += height * last;
    p = 2.0 * mat2(0.8, 0.6, -0.6, 0.8) * p + vec2(17.3, 31.7);
    height *= 0.5;
  }
  return 1.1 * sum - 1.0;
}

// Pillows with creases between: noise folded at 0, upside down.
float billow(vec2 p, int octaves) {
  float sum = 0.0, height = 1.6;
  for (int i = 0; i < octaves; i++) {
    sum += height * abs(noise(p));
    p = 2.0 * mat2(0.8, 0.6, -0.6, 0.8) * p + vec2(17.3, 31.7);
    height *= 0.5;
  }
  return sum - 0.9;
}

// Layers of random thickness, two sizes of them.
float strata(float x, int line) {
  return 1.4 * line_noise(x, line) + 0.6 * line_noise(3.7 * x, line + 1) - 1.0;
}
