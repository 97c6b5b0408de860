// SPDX-License-Identifier: Apache-2.0
// kind: flow
// Dye in a turning fluid: a sheet of soft colours carried along the swirls of noise.
#include "lib/palette.glsl"
#include "lib/plane.glsl"
#include "lib/stream.glsl"

vec2 flow(vec2 p, float t, vec4 r) {
  vec3 n = noise_slope((0.9 + 0.8 * r.x) * p + 150.0 * r.yz + 0.05 * t);
  return vec2(n.z, -n.y);  // across the slope: nothing wells up or drains
}

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 from = carry(p, -0.22, 5, t, r);
  float dye = sin((2.0 + 2.5 * r.w) * from.x + TAU * r.x) + cos((2.0 + 2.0 * r.z) * from.y + TAU * r.y);
  return scheme(0.22 * dye + r.w, r) * (0.85 + 0.25 * smoothstep(0.0, 1.2, length(from - p)));
}
