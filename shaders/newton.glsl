// SPDX-License-Identifier: Apache-2.0
// kind: fractal
// Newton's method for zⁿ = 1: which root each point falls to, and how soon (Cayley, 1879).
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  int n = 3 + int(3.0 * r.x);
  vec2 z = turn(p * (0.8 + 1.5 * r.y), TAU * r.z) + 0.4 * (r.yw - 0.5);
  vec2 relax = vec2(1.0 + 0.5 * r.w, 0.25 * sin(t));  // complex step: twists the basins
  float slowness = 0.0;
  for (int i = 0; i < 14; i++) {
    vec2 almost = power(z, n - 1);
    vec2 dz = over(times(almost, z) - vec2(1.0, 0.0), float(n) * almost);
    z -= times(relax, clamp(dz, -9.0, 9.0));  // from near a zero of the slope a step would leave all bounds
    slowness += exp(-4.0 * length(dz));
  }
  float root = round(bearing(z) / TAU * float(n)) / float(n);
  return palette(root + r.z, r) * (0.25 + 0.06 * slowness);
}
