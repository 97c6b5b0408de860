// SPDX-License-Identifier: Apache-2.0
// kind: kaleidoscope
// Hyperbolic tiling {p, q} of the Poincaré disk, by folding into one triangle (Coxeter; Escher).
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  float sides = 3.0 + floor(5.0 * r.x);
  float around = (sides < 4.0 ? 7.0 : sides < 5.0 ? 5.0 : 4.0) + floor(3.0 * r.y);  // 1/p + 1/q < 1/2
  float a = PI / sides, b = PI / around;
  // The circle of a side: it meets the disk's edge and the neighbouring mirror at the angle π/q.
  float root = sqrt(max(cos(b) * cos(b) - sin(a) * sin(a), 1e-6));
  float centre = cos(b) / root, radius = sin(a) / root;
  vec2 z = turn(p * 0.98, 0.3 * t);
  // Move the tiling within the disk: a Möbius map that keeps the disk.
  vec2 move = 0.6 * (r.zw - 0.5);
  bool outside = dot(z, z) > 1.0;
  if (outside) z /= dot(z, z);
  z = over(z - move, vec2(1.0, 0.0) - times(vec2(move.x, -move.y), z));
  float folds = 0.0;
  for (int i = 0; i < 16; i++) {
    z = fold(z, sides);
    vec2 offset = z - vec2(centre, 0.0);
    float inside = dot(offset, offset);
    if (inside > radius * radius) break;
    z = vec2(centre, 0.0) + offset * radius * radius / max(inside, 1e-6);
    folds += 1.0;
  }
  float rim = abs(length(z - vec2(centre, 0.0)) - radius);
  vec3 tile = palette(mod(folds, 2.0) * 0.5 + 0.6 * length(z) + r.w, r);
  return tile * smoothstep(0.0, 0.05, rim) * exp(-0.07 * folds) * (outside ? 0.45 : 1.0);
}
