// SPDX-License-Identifier: Apache-2.0
// kind: waves
// Zone plates: rings ever closer, like Newton's rings between two lenses, two sets of them multiplied.
#include "lib/palette.glsl"
#include "lib/plane.glsl"

float rings(vec2 p, float fineness, float phase) {
  float radius = length(p);
  float step_of_phase = 2.0 * fineness * radius * pixel;  // between neighbouring samples
  return cos(fineness * radius * radius + phase) * (1.0 - smoothstep(0.6, 2.2, step_of_phase));
}

vec3 pattern(vec2 p, float t, vec4 r) {
  vec4 h = more(r, 1);
  float fineness = 9.0 + 26.0 * r.x * r.x;
  float first = rings(p - 0.9 * (h.xy - 0.5), fineness, t);
  float other = rings(p - 1.6 * (h.zw - 0.5), fineness * (0.5 + 0.5 * r.y), TAU * r.z);
  float light = 0.5 + 0.25 * first + 0.25 * first * other;
  return film(2.0 + 5.0 * light + 4.0 * r.w) * 0.35 + scheme(0.5 * light + r.z, r) * 0.65 * (0.4 + light);
}
