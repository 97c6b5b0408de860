// SPDX-License-Identifier: Apache-2.0
// kind: fractal
// Multibrot and tricorn sets: powers two to five, some mirrored, with shells outside and rings inside.
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  int n = 2 + int(4.0 * r.x);
  float mirrored = n == 2 || r.y < 0.4 ? -1.0 : 1.0;
  vec2 c = turn(p, TAU * r.z + 0.1 * t) * mix(1.35, 0.35, r.y) + polar(mix(0.0, 0.85, r.y), TAU * r.w),
      z = vec2(0.0);
  float count = 0.0, near = 9.0;
  for (int i = 0; i < 30 && dot(z, z) < 64.0; i++) {
    z.y *= mirrored;
    vec2 product = square(z);
    if (n >= 3) product = times(product, z);
    if (n >= 4) product = times(product, z);
    if (n >= 5) product = times(product, z);
    z = product + c;
    near = min(near, length(z));
    count += 1.0;
  }
  float size = dot(z, z);
  if (size < 64.0) return palette(1.2 * near + r.w, r) * 0.7;
  float level = count - log(0.5 * log2(size)) / log(float(n));
  return scheme(0.3 * log2(1.0 + max(level, 0.0)) + r.w, r) * (0.6 + 0.4 * smoothstep(0.0, 0.4, near));
}
