// SPDX-License-Identifier: Apache-2.0
// kind: fractal
// Halley's method for a polynomial with chosen roots: smoother basins than Newton's, shaded by the steps.
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 roots[3], z = 1.3 * p;
  for (int k = 0; k < 3; k++) {
    vec4 h = more(r, k + 1);
    roots[k] = polar(0.45 + 0.6 * h.x, TAU * (float(k) + 0.7 * h.y) / 3.0 + 0.1 * t);
  }
  float slow = 0.0;
  for (int i = 0; i < 8; i++) {
    vec2 a = z - roots[0], b = z - roots[1], c = z - roots[2];
    vec2 f = times(times(a, b), c), df = times(a, b) + times(b, c) + times(c, a), ddf = 2.0 * (a + b + c);
    vec2 step_of_z = over(2.0 * times(f, df), 2.0 * square(df) - times(f, ddf));
    z -= (0.75 + 0.5 * r.x) * clamp(step_of_z, -9.0, 9.0);
    slow += exp(-3.0 * length(step_of_z));
  }
  vec3 away = vec3(length(z - roots[0]), length(z - roots[1]), length(z - roots[2]));
  float root = away.x < min(away.y, away.z) ? 0.0 : away.y < away.z ? 1.0 : 2.0;
  float light = 0.12 * slow;
  return scheme(0.25 * root + 0.5 * light + r.w, r) * (0.3 + 0.7 * light);
}
