// SPDX-License-Identifier: Apache-2.0
// Smooth noise on a lattice of unit cells, and sums of it.
#include "lib/hash.glsl"

// Perlin's quintic fade: its first and second derivatives vanish at the lattice. Perlin, Improving Noise, 2002.
vec2 fade(vec2 x) { return x * x * x * (x * (x * 6.0 - 15.0) + 10.0); }

// A gradient from a hash: a point of the square [-1, 1)², cheaper than a unit vector.
float corner(ivec2 cell, vec2 offset) { return dot(hash2(cell) * 2.0 - 1.0, offset); }

// Gradient noise, about [-1, 1], zero at lattice points. Perlin, An Image Synthesizer, SIGGRAPH 1985.
float noise(vec2 p) {
  vec2 cell = floor(p);
  vec2 x = p - cell;
  ivec2 i = ivec2(cell);
  vec2 f = fade(x);
  float bottom = mix(corner(i, x), corner(i + ivec2(1, 0), x - vec2(1, 0)), f.x);
  float top = mix(corner(i + ivec2(0, 1), x - vec2(0, 1)), corner(i + ivec2(1, 1), x - vec2(1, 1)), f.x);
  return 1.4 * mix(bottom, top, f.y);
}

// Fractional Brownian motion: octaves of noise, each twice as fine and half as high. About [-1, 1].
// Each octave is turned by the 3-4-5 angle, so that the lattices do not line up.
float fbm(vec2 p, int octaves) {
  const mat2 turn = 2.0 * mat2(0.8, 0.6, -0.6, 0.8);
  float sum = 0.0, height = 0.6;
  for (int i = 0; i < octaves; i++) {
    sum += height * noise(p);
    p = turn * p + vec2(17.3, 31.7);
    height *= 0.5;
  }
  return sum;
}

// Value noise of one line, in [0, 1]: random heights at whole numbers, joined by the fade.
float line_noise(float x, int line) {
  float cell = floor(x);
  float a = hash2(ivec2(int(cell), line)).x;
  float b = hash2(ivec2(int(cell) + 1, line)).x;
  return mix(a, b, fade(vec2(x - cell)).x);
}
