// SPDX-License-Identifier: Apache-2.0
// kind: rough
// A mesh of fine holes before a light that is blocked here and there: every hole bright or dark on its own.
#include "lib/noise.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec4 h = more(r, 430);
  float scale = 24.0 + 40.0 * h.x;
  vec2 q = scale * turn(p, TAU * h.y);
  q.x += h.z < 0.5 ? 0.5 * mod(floor(q.y), 2.0) : 0.0;
  vec2 x = fract(q) - 0.5;
  vec3 own = hash3(ivec2(floor(q)), 3 + int(t));
  float cloud = 0.5 + 0.8 * fbm((0.8 + 1.5 * h.w) * p + 60.0 * r.xy + 0.1 * t, 3);
  float light = step(own.x, cloud) * (0.5 + 0.5 * own.y), edge = scale * pixel;
  float d = r.z < 0.5 ? length(x) : max(abs(x.x), abs(x.y));
  float hole = 1.0 - smoothstep(0.38 - edge, 0.38 + edge, d);
  return mix(vec3(0.05), mix(vec3(0.04), 0.2 + 0.8 * palette(0.3 * own.z + 0.4 * cloud, r), light), hole);
}
