// SPDX-License-Identifier: Apache-2.0
// Smooth noise on a lattice of unit cells, and sums of it.
#include "lib/hash.glsl"

// Perlin's quintic fade: its first two derivatives vanish at the lattice. Perlin, Improving Noise, 2002.
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

// The same noise in x, and its slope in yz: the derivatives of its bilinear form and of the fade.
vec3 noise_slope(vec2 p) {
  vec2 cell = floor(p);
  vec2 x = p - cell;
  ivec2 i = ivec2(cell);
  vec2 f = fade(x), df = 30.0 * x * x * (x - 1.0) * (x - 1.0);
  vec2 g00 = hash2(i) * 2.0 - 1.0, g10 = hash2(i + ivec2(1, 0)) * 2.0 - 1.0;
  vec2 g01 = hash2(i + ivec2(0, 1)) * 2.0 - 1.0, g11 = hash2(i + 1) * 2.0 - 1.0;
  float a = dot(g00, x), b = dot(g10, x - vec2(1, 0)), c = dot(g01, x - vec2(0, 1)), d = dot(g11, x - 1.0);
  float twist = a - b - c + d;
  float height = a + f.x * (b - a) + f.y * (c - a) + f.x * f.y * twist;
  vec2 slope = g00 + f.x * (g10 - g00) + f.y * (g01 - g00) + f.x * f.y * (g00 - g10 - g01 + g11);
  return 1.4 * vec3(height, slope + df * (vec2(b, c) - a + f.yx * twist));
}

// A gradient in space, as in the plane.
float corner(ivec3 cell, vec3 offset) { return dot(hash3(cell.xy, cell.z) * 2.0 - 1.0, offset); }

// Gradient noise in space: twice the cost of the plane's, and the same range and zeros.
float noise(vec3 p) {
  vec3 cell = floor(p);
  vec3 x = p - cell;
  vec3 f = vec3(fade(x.xy), fade(x.zz).x);
  float plane[2];
  for (int k = 0; k < 2; k++) {
    ivec3 i = ivec3(cell) + ivec3(0, 0, k);
    vec3 o = x - vec3(0, 0, k);
    float bottom = mix(corner(i, o), corner(i + ivec3(1, 0, 0), o - vec3(1, 0, 0)), f.x);
    float top = mix(corner(i + ivec3(0, 1, 0), o - vec3(0, 1, 0)),
        corner(i + ivec3(1, 1, 0), o - vec3(1, 1, 0)), f.x);
    plane[k] = mix(bottom, top, f.y);
  }
  return 1.2 * mix(plane[0], plane[1], f.z);
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
