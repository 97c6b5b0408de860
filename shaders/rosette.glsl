// SPDX-License-Identifier: Apache-2.0
// kind: kaleidoscope
// Rosettes: sums of powers of z and its mirror image that share a rotation, on a colour wheel (Farris, 2015).
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  float n = 3.0 + floor(5.0 * r.x), radius = 1.25 * length(p), angle = bearing(p);
  vec2 sum = vec2(0.0);
  for (int k = 0; k < 4; k++) {
    vec4 h = more(r, k + 1);
    // z to the a times its conjugate to the b turns as a - b, a multiple of n, plus one shared turn.
    float winds = n * (floor(3.0 * h.x) - 1.0) + 1.0, steep = abs(winds) + 2.0 * floor(2.5 * h.y);
    sum += polar((0.4 + 0.6 * h.z) * pow(radius, min(steep, 9.0) * 0.5), winds * angle + TAU * h.w + 0.3 * t);
  }
  sum = over(sum, vec2(1.0, 0.0) + 0.25 * square(sum));
  float size = length(sum), hue = bearing(sum) / TAU;
  vec3 wheel = r.z < 0.5 ? palette(hue + r.w, r) : palette(0.35 * log2(size + 0.05) + r.w, r);
  return wheel * (0.55 + 0.45 * size / (0.4 + size)) * (0.85 + 0.3 * cos(TAU * 2.0 * hue));
}
