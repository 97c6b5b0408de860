// SPDX-License-Identifier: Apache-2.0
// kind: fractal
// Phoenix curves: an orbit that remembers its last but one place, z² + c + k·(previous z) (Ushiki, 1988).
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 z = turn(p, TAU * r.y) * (0.55 + 0.7 * r.x) + 0.5 * (r.zw - 0.5), before = vec2(0.0);
  float c = 0.5667 + 0.05 * (r.y - 0.5), k = -0.5 + 0.1 * (r.z - 0.5) + 0.02 * sin(t);
  float count = 0.0, near = 9.0, away = 9.0;
  for (int i = 0; i < 40 && dot(z, z) < 36.0; i++) {
    vec2 next = square(z) + vec2(c, 0.12 * (r.w - 0.5)) + k * before;
    before = z;
    z = next;
    near = min(near, abs(z.x));
    away = min(away, dot(z - vec2(0.3, 0.0), z - vec2(0.3, 0.0)));
    count += 1.0;
  }
  vec3 flame = palette(0.9 * sqrt(away) + r.w, r) * (0.45 + 0.5 * exp(-6.0 * near));
  float out_there = dot(z, z) < 36.0 ? 0.0 : 1.0;
  return mix(flame, ramp(0.9 - 0.07 * count, r), 0.75 * out_there) + 0.2 * exp(-40.0 * near);
}
