// SPDX-License-Identifier: Apache-2.0
// kind: glows
// A wisp of smoke: pale threads that rise, fold and thin out, before nothing.
// ground: black
// colour: grey
#include "lib/noise.glsl"
#include "lib/place.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  Place here = stand(p, 0.6, 1.2, 580, r);
  vec4 h = more(r, 581);
  vec2 q = here.q + vec2(0.0, -0.05 * t);
  vec2 bend = vec2(fbm(1.3 * q + 40.0 * r.xy, 3), fbm(1.3 * q + 40.0 * r.zw, 3));
  q += (0.4 + 0.5 * h.x) * bend;
  float fold_line = noise((1.2 + h.y) * vec2(1.6, 0.6) * q + 3.0 * bend + 17.0);
  float thread = exp(-abs(fold_line) * (7.0 + 14.0 * h.z)) + 0.4 * exp(-abs(fold_line - 0.2) * 20.0);
  float wide = 0.15 + 0.25 * h.w + 0.2 * here.q.y, away = here.q.x + 0.6 * bend.x;
  float around = exp(-away * away / (wide * wide + 0.02)) * exp(-1.5 * here.q.y * here.q.y);
  return vec3(1.0 - exp(-3.0 * thread * around));
}
