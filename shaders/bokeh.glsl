// SPDX-License-Identifier: Apache-2.0
// kind: light
// Lights out of focus: pale overlapping discs with brighter rims, round or six-cornered as the aperture is.
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec3 colour = mix(ramp(0.06, r), ramp(0.22, r), 0.5 + 0.5 * p.y);
  mat2 lean = rotation(TAU * r.z);
  vec3 first = palette(r.w, r) + 0.2, last = palette(r.w + 0.3, r) + 0.2;
  for (int k = 0; k < 12; k++) {
    vec4 h = more(r, k + 1), g = finer(h);
    float size = 0.06 + 0.26 * h.z * h.z + 0.03 * r.w;
    vec2 x = p - 1.15 * (2.0 * h.xy - 1.0) - 0.03 * sin(vec2(t, 0.8 * t) + TAU * g.xy);
    vec2 q = abs(lean * x);
    float d = (r.x < 0.4 ? length(x) : max(q.x, dot(q, vec2(0.5, 0.8660254)))) - size;
    float soft = 0.02 + 0.12 * size * g.w;
    float disc = (1.0 - smoothstep(-soft, soft, d)) * (0.6 + 0.4 * (1.0 - smoothstep(0.0, 0.3 * size, -d)));
    colour += disc * (0.1 + 0.5 * h.w * h.w) * mix(first, last, g.z);
  }
  return colour / (0.75 + 0.4 * colour);
}
