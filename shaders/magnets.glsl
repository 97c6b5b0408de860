// SPDX-License-Identifier: Apache-2.0
// kind: flow
// Iron filings about a few magnets: grain drawn out along the lines of their fields, dark at the poles.
#include "lib/palette.glsl"
#include "lib/plane.glsl"
#include "lib/stream.glsl"

vec2 flow(vec2 p, float t, vec4 r) {
  vec2 field = vec2(0.0);
  for (int k = 0; k < 4; k++) {
    vec4 h = more(r, k / 2 + 1);
    vec2 half_length = polar(0.12 + 0.22 * h.w, TAU * h.z + 0.1 * t);
    vec2 offset = p - 1.2 * (h.xy - 0.5) + (k % 2 == 0 ? half_length : -half_length);
    field += (k % 2 == 0 ? 1.0 : -1.0) * offset / (dot(offset, offset) + 0.004);
  }
  return field;
}

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 field = flow(p, t, r);
  float strength = length(field), filings = smear(p, 18.0, 0.025, 3, t, r);
  float iron = clamp(0.42 + 0.3 * filings + 0.12 * log(strength + 0.1), 0.0, 1.0);
  vec3 pole = palette(bearing(field) / TAU + r.w, r);
  return mix(ink(iron, r), pole, smoothstep(3.0, 14.0, strength) * 0.8);
}
