// SPDX-License-Identifier: Apache-2.0
// Simplex noise in four dimensions: within [-1, 1], zero at the lattice's points. Perlin,
// Noise Hardware, 2001.
#include "lib/hash.glsl"

// What one corner of the simplex adds; see snoise2D.
float corner4D(ivec4 cell, vec4 away) {
  float hill = max(0.5 - dot(away, away), 0.0);
  vec4 slope = normalize(vec4(pcg4d(uvec4(cell)) >> 8u) / 16777216.0 - 0.5);
  return hill * hill * hill * hill * dot(slope, away);
}

float snoise4D(vec4 p) {
  const float skew = 0.309016994, flat4D = 0.138196601;  // (sqrt(5) - 1) / 4 and (5 - sqrt(5)) / 20
  vec4 base = floor(p + skew * dot(p, vec4(1.0)));
  vec4 a = p - base + flat4D * dot(base, vec4(1.0));
  // The rank of each coordinate: how many others it exceeds, of equal ones those that come later.
  vec3 x = step(a.yzw, a.xxx);
  vec2 y = step(a.zw, a.yy);
  float z = step(a.w, a.z);
  ivec4 rank = ivec4(x.x + x.y + x.z, 1.0 - x.x + y.x + y.y, 2.0 - x.y - y.x + z, 3.0 - x.z - y.y - z);
  float sum = 0.0;
  for (int k = 0; k < 5; k++) {
    ivec4 corner = ivec4(greaterThan(rank, ivec4(3 - k)));
    sum += corner4D(ivec4(base) + corner, a - vec4(corner) + flat4D * float(k));
  }
  return 108.5 * sum;  // over the greatest sum that aligned slopes can give
}
