// SPDX-License-Identifier: Apache-2.0
// kind: kaleidoscope
// A mandala: rings of petals about one centre, each ring with its own number, shape and colours.
#include "lib/palette.glsl"
#include "lib/plane.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  float radius = length(p), angle = bearing(p) + 0.1 * t;
  vec3 colour = palette(r.w, r) * 0.35;
  for (int k = 6; k >= 0; k--) {
    vec4 h = more(r, k + 1);
    float petals = (3.0 + floor(3.0 * r.x)) * (1.0 + floor(float(k) * 0.5));
    float outer = 0.17 * float(k + 1) + 0.05 * h.x;
    float wave = abs(cos(0.5 * petals * (angle + PI * h.y)));
    float rim = outer - (0.05 + 0.09 * h.z) * (h.w < 0.5 ? 1.0 - wave : wave * wave);
    float inside = rim - radius;
    vec3 dye = palette(0.17 * float(k) + 0.9 * inside + r.y, r) * (0.6 + 0.4 * wave);
    dye *= 1.0 - 0.55 * exp(-900.0 * (inside - 0.035) * (inside - 0.035));  // a seam within the rim
    colour *= 1.0 - 0.4 * exp(14.0 * min(inside, 0.0));
    colour = mix(colour, dye, paint(-inside, 2.0 * pixel));
  }
  return colour;
}
