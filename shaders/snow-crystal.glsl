// SPDX-License-Identifier: Apache-2.0
// kind: kaleidoscope
// A snow crystal: six arms with side branches that shorten outward, of ice on a dark ground.
#include "lib/palette.glsl"
#include "lib/plane.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 q = fold(turn(p, 0.4 * t + TAU * r.x), 6.0);
  float ice = segment(q, vec2(0.0), vec2(0.92, 0.0)) - 0.025;
  float heart = polygon(q.yx, 6.0, 0.08 + 0.16 * r.w);
  ice = min(ice, abs(heart) - 0.02);
  float spread = PI / 3.0 * (r.z < 0.7 ? 1.0 : 0.6);
  for (int k = 0; k < 6; k++) {
    vec4 h = more(r, k + 1);
    float at = 0.2 + 0.12 * float(k), reach = (0.08 + 0.26 * h.x) * (1.15 - at) * 1.3;
    vec2 tip = vec2(at, 0.0) + polar(reach, spread);
    ice = min(ice, segment(vec2(q.x, abs(q.y)), vec2(at, 0.0), tip) - 0.012 - 0.012 * h.y);
    ice = smooth_min(ice, length(vec2(q.x, abs(q.y)) - tip) - 0.03 * h.z, 0.02);
  }
  float body = 1.0 - smoothstep(-0.02, 0.012, ice);
  vec3 sky = ramp(0.1 + 0.2 * r.y - 0.1 * length(p), r) + 0.3 * exp(-7.0 * max(ice, 0.0)) * palette(r.w, r);
  return mix(sky, mix(vec3(0.95), palette(r.w + 2.0 * length(p) * r.y, r), 0.3) * (0.75 - 7.0 * ice),
      body * 0.95);
}
