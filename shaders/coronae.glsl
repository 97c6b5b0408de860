// SPDX-License-Identifier: Apache-2.0
// kind: light
// Haloes about lamps in mist: rings of colour by diffraction, each colour's rings as wide as its wavelength.
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec3 sum = ramp(0.07, r) + 0.03;
  for (int k = 0; k < 4; k++) {
    vec4 h = more(r, k + 1);
    vec2 offset = p - 1.0 * (2.0 * h.xy - 1.0);
    float drop = (8.0 + 16.0 * r.x) * (0.7 + 0.6 * h.z);
    // About the pattern of a round opening, (2 J₁(x) / x)², by its asymptotic form with the pole taken out.
    vec3 x = drop * length(offset + 1e-6) / vec3(1.2, 1.0, 0.83);
    vec3 wave = cos(x - 2.3562 * x * x / (3.0 + x * x));
    vec3 rings = wave * wave / (1.0 + 0.05 * x * x);
    sum += (0.6 + 0.8 * h.w) * rings * (0.7 + 0.3 * sin(t * h.z + TAU * h.w))
        * (0.45 + palette(r.w + 0.12 * h.w, r));
  }
  return sum / (0.8 + 0.45 * sum);
}
