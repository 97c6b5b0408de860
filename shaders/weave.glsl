// SPDX-License-Identifier: Apache-2.0
// kind: tiling
// Weave: warp and weft threads, over and under by a simple rule.
#include "lib/palette.glsl"
#include "lib/plane.glsl"
#include "lib/hash.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  float scale = 4.0 + 8.0 * r.x;
  vec2 q = scale * turn(p, TAU * r.y) + 0.3 * sin(0.8 * scale * p.yx + t) + 50.0;
  vec2 thread = floor(q), x = fract(q) - 0.5;
  float over_count = 1.0 + floor(2.0 * r.z);  // plain weave or twill
  bool warp_on_top = mod(thread.x + thread.y, 1.0 + over_count) < over_count;
  vec2 along = warp_on_top ? x.yx : x;
  float which = warp_on_top ? thread.x : thread.y + 1000.0;
  float stripe = hash2(ivec2(int(mod(which, 6.0)), int(1000.0 * r.w) + int(warp_on_top))).x;
  float round_across = sqrt(max(1.0 - 4.4 * along.y * along.y, 0.0));
  float arch = 0.65 + 0.35 * cos(PI * along.x);
  float fibre = 0.92 + 0.08 * sin(26.0 * along.y + 5.0 * along.x);
  return palette((warp_on_top ? 0.0 : 0.4) + 0.3 * stripe + r.w, r) * round_across * arch * fibre * 1.1;
}
