// SPDX-License-Identifier: Apache-2.0
// kind: rough
// Grain: a few soft shapes, strongly speckled in every channel, as on a film pushed too far.
#include "lib/noise.glsl"
#include "lib/palette.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec4 h = more(r, 403);
  vec3 soft = ramp(0.5 + 0.6 * fbm((0.6 + 2.0 * h.x) * p + 50.0 * r.xy + 0.05 * t, 2), r);
  vec2 q = (60.0 + 68.0 * h.y) * p + 400.0;
  vec3 own = hash3(ivec2(floor(q)), int(6.0 * t)) + hash3(ivec2(floor(q)), 99 + int(6.0 * t)) - 1.0;
  own = mix(vec3(own.x), own, h.z);
  return soft + (0.5 + 0.6 * h.w) * own * (0.3 + 1.2 * soft * (1.0 - soft));
}
