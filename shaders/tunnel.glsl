// SPDX-License-Identifier: Apache-2.0
// kind: volume
// Tunnel: a patterned tube seen from inside, one over the radius for depth.
#include "lib/noise.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 q = p - 0.5 * (r.xy - 0.5);
  float corners = 3.0 + floor(5.0 * r.z);
  vec2 wedge = fold(q, corners);
  float radius = mix(length(q), wedge.x, r.w < 0.5 ? 0.0 : 1.0) + 0.03;
  float depth = (0.4 + 0.4 * r.w) / radius + t;
  float angle = bearing(q) / TAU;
  float wall = cos(TAU * depth) * cos(TAU * (2.0 * corners * angle + 0.3 * depth * r.x));
  float dark = smoothstep(0.02, 0.7, radius);
  return palette(0.25 * wall + 0.06 * depth + r.y, r) * dark * (0.9 + 0.3 * wall);
}
