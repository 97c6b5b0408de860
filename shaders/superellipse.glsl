// SPDX-License-Identifier: Apache-2.0
// kind: figures
// A curve between diamond, ellipse and box, with a gradient within (Lamé, 1818), on black.
// ground: black
#include "lib/palette.glsl"
#include "lib/place.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  Place here = place(p, 0.3, 0.9, 120, r);
  vec4 h = more(r, 121);
  vec2 q = abs(turn(here.q, 0.12 * t)) / vec2(1.0, 0.35 + 0.6 * h.x);
  float n = exp2(-0.7 + 3.2 * h.y);
  float level = pow(pow(max(q.x, 1e-4), n) + pow(max(q.y, 1e-4), n), 1.0 / n);
  float inside = 1.0 - smoothstep(1.0 - 1.5 * here.grain, 1.0 + 1.5 * here.grain, level);
  float hollow = h.z < 0.35 ? smoothstep(0.4 + 0.4 * h.w, 0.42 + 0.4 * h.w, level) : 1.0;
  return ramp(0.25 + 0.75 * (h.w < 0.5 ? level : 0.5 + 0.5 * here.q.x), r) * inside * hollow;
}
