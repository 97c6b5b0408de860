// SPDX-License-Identifier: Apache-2.0
// kind: figures
// An amoeba: a few discs that flow into one another, with a bright rim and a darker inside, on black.
// ground: black
#include "lib/palette.glsl"
#include "lib/place.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  Place here = place(p, 0.35, 0.9, 142, r);
  vec4 style = more(r, 143);
  float d = length(here.q) - 0.3;
  for (int k = 0; k < 6; k++) {
    vec4 h = more(r, 144 + k);
    vec2 centre = polar(0.3 + 0.4 * h.x, TAU * h.y + 0.3 * sin(0.5 * t + TAU * h.z));
    d = smooth_min(d, length(here.q - centre) - 0.08 - 0.2 * h.w, 0.1 + 0.5 * style.x);
  }
  float rim = exp(-abs(d) * (8.0 + 30.0 * style.y));
  float inside = paint(d, here.grain + 0.1 * style.z);
  vec3 body = palette(style.w + 0.5 * d, r) * (0.2 + 0.7 * style.z);
  return (body + (0.3 + 0.5 * palette(r.w, r)) * rim) * inside;
}
