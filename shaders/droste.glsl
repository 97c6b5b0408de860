// SPDX-License-Identifier: Apache-2.0
// kind: kaleidoscope
// Endless zoom: the logarithm unrolls the plane into a strip, and one mirrored motif fills it.
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  float arms = 1.0 + floor(4.0 * r.x), twist = (floor(3.0 * r.y) - 1.0) * (1.0 + floor(2.0 * r.w));
  vec2 z = logarithm(p - 0.3 * (r.zw - 0.5)) * arms / PI;
  z = vec2(z.x + 0.2 * t, z.y + 0.5 * twist * z.x);  // shear: a straight line becomes a spiral
  vec2 q = abs(mod(z, 2.0) - 1.0);
  float motif = 0.0;
  for (int k = 0; k < 3; k++) {
    vec4 h = more(r, k + 1);
    motif += cos((2.0 + 4.0 * h.x) * length(q - h.yz) * PI + TAU * h.w);
  }
  float edge = min(min(q.x, 1.0 - q.x), min(q.y, 1.0 - q.y));
  return scheme(0.16 * motif + 0.25 * q.x + r.z, r)
      * (0.55 + 0.45 * smoothstep(0.0, 0.1, edge) + 0.12 * motif);
}
