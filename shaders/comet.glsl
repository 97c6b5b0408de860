// SPDX-License-Identifier: Apache-2.0
// kind: glows
// A comet: a small bright head and a tail that widens, streaks and fades, over faint stars.
// ground: black
#include "lib/noise.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec4 h = more(r, 500);
  vec2 q = turn(p - 0.8 * (2.0 * h.xy - 1.0) * 0.8, TAU * h.z + 0.03 * t);
  float far = max(q.x, 0.0), wide = 0.03 + (0.08 + 0.25 * h.w) * far;
  float streak = 0.6 + 0.7 * noise(vec2(2.0 * q.x - t, 14.0 * q.y / (0.2 + far)) + 40.0 * r.xy);
  float tail = exp(-q.y * q.y / (wide * wide) - (1.0 + 2.0 * r.z) * far);
  tail *= smoothstep(-0.03, 0.05, q.x) * streak;
  float head = exp(-length(q) / (0.03 + 0.04 * r.w));
  vec2 sky = 14.0 * p + 90.0 * r.xy;
  vec3 own = hash3(ivec2(floor(sky)), 3);
  vec2 x = fract(sky) - 0.2 - 0.6 * own.xy;
  float star = exp(-90.0 * dot(x, x)) * pow(own.z, 6.0);
  return hsv(r.x, 0.7 * r.y, 1.0) * tail * 0.9 + head + star;
}
