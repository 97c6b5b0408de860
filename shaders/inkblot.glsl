// SPDX-License-Identifier: Apache-2.0
// kind: figures
// A blot folded along one axis: noise, cut hard and cut off around, mirrored, pale on black.
// ground: black
// colour: grey
#include "lib/noise.glsl"
#include "lib/place.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  Place here = place(p, 0.5, 0.95, 140, r);
  vec4 h = more(r, 141);
  vec2 q = vec2(abs(here.q.x), here.q.y);
  float field = fbm((1.5 + 3.0 * h.x) * q + 60.0 * r.xy + vec2(0.0, 0.05 * t), 5);
  field += 0.55 - 0.25 * h.y - 0.9 * dot(here.q, here.q);
  float soft = 0.02 + 0.25 * h.z * h.z + 3.0 * here.grain;
  return vec3((0.55 + 0.45 * h.w) * smoothstep(-soft, soft, field));
}
