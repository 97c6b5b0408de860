// SPDX-License-Identifier: Apache-2.0
// kind: flow
// Logarithmic spirals: arms along which the angle grows with the logarithm of the radius (Descartes, 1638).
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 q = p - 0.5 * (r.zw - 0.5);
  float radius = length(q) + 0.02;
  float arms = 1.0 + floor(6.0 * r.x);
  float turns = log(radius) * (2.0 + 5.0 * r.y) * (r.z < 0.5 ? -1.0 : 1.0);
  float wave = cos(arms * bearing(q) + turns - t);
  float soft = smoothstep(0.0, 0.25, radius);
  return palette(0.3 * wave * soft + 0.25 * log(radius) + r.w, r) * (0.75 + 0.3 * wave * soft);
}
