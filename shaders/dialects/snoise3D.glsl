// SPDX-License-Identifier: Apache-2.0
// Simplex noise in space: within [-1, 1], zero at the lattice's points. Perlin, Noise Hardware, 2001.
#include "lib/hash.glsl"

// What one corner of the tetrahedron adds; see snoise2D.
float corner3D(ivec3 cell, vec3 away) {
  float hill = max(0.5 - dot(away, away), 0.0);
  vec3 slope = normalize(hash3(cell.xy, cell.z) - 0.5);
  return hill * hill * hill * hill * dot(slope, away);
}

float snoise3D(vec3 p) {
  vec3 base = floor(p + (p.x + p.y + p.z) / 3.0);
  vec3 a = p - base + (base.x + base.y + base.z) / 6.0;
  // The way from corner to corner takes the axes in the order of the point's coordinates.
  vec2 x = step(a.yz, a.xx);
  float y = step(a.z, a.y);
  ivec3 rank = ivec3(x.x + x.y, 1.0 - x.x + y, 2.0 - x.y - y);
  ivec3 first = ivec3(equal(rank, ivec3(2))), second = ivec3(greaterThan(rank, ivec3(0)));
  ivec3 cell = ivec3(base);
  float sum = corner3D(cell, a) + corner3D(cell + 1, a - 0.5);
  sum += corner3D(cell + first, a - vec3(first) + 1.0 / 6.0);
  sum += corner3D(cell + second, a - vec3(second) + 1.0 / 3.0);
  return 107.6 * sum;  // over the greatest sum that aligned slopes can give
}
