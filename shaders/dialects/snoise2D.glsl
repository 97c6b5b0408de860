// SPDX-License-Identifier: Apache-2.0
// Simplex noise in the plane: within [-1, 1], zero at the lattice's points. Perlin, Noise Hardware, 2001.
#include "lib/hash.glsl"

// What one corner of the triangle adds: a slope of length 1, under a hill that ends at half a unit squared.
float corner2D(ivec2 cell, vec2 away) {
  float hill = max(0.5 - dot(away, away), 0.0);
  vec2 slope = normalize(hash2(cell) - 0.5);
  return hill * hill * hill * hill * dot(slope, away);
}

float snoise2D(vec2 p) {
  const float skew = 0.366025404, flat2D = 0.211324865;  // (sqrt(3) - 1) / 2 and (3 - sqrt(3)) / 6
  vec2 base = floor(p + skew * (p.x + p.y));
  vec2 a = p - base + flat2D * (base.x + base.y);
  ivec2 cell = ivec2(base), step = a.x > a.y ? ivec2(1, 0) : ivec2(0, 1);
  vec2 b = a - vec2(step) + flat2D, c = a - 1.0 + 2.0 * flat2D;
  float sum = corner2D(cell, a) + corner2D(cell + step, b) + corner2D(cell + 1, c);
  return 99.2 * sum;  // over the greatest sum that aligned slopes can give
}
