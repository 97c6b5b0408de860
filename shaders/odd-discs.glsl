// SPDX-License-Identifier: Apache-2.0
// kind: stencils
// Overlapping discs and rings: white where an odd number of them lie, black where an even.
// colour: grey
#include "lib/hash.glsl"
#include "lib/plane.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec4 style = more(r, 270);
  int count = 3 + int(10.0 * style.x);
  float parity = style.y < 0.5 ? 1.0 : -1.0;
  for (int k = 0; k < count; k++) {
    vec4 h = more(r, 271 + k);
    vec2 x = p - 1.1 * (2.0 * h.xy - 1.0) - 0.06 * cos(0.7 * t + TAU * h.zw);
    float size = 0.12 + 0.7 * h.z, d = style.z < 0.5 ? length(x) - size : max(abs(x.x), abs(x.y)) - size;
    d = h.w < style.w ? abs(d) - 0.3 * size : d;
    parity *= 1.0 - 2.0 * paint(d, pixel);
  }
  return vec3(0.5 - 0.47 * parity);
}
