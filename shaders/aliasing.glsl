// SPDX-License-Identifier: Apache-2.0
// kind: rough
// Waves that grow finer until the pixels cannot follow, and false rings appear where they fail.
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec4 h = more(r, 603);
  vec2 q = p - 1.2 * (h.xy - 0.5), x = q * q;
  float rate = 60.0 + 500.0 * h.z * h.z;
  float phase = h.w < 0.4 ? x.x + x.y : h.w < 0.7 ? x.x - x.y : q.x * q.y + 0.3 * x.x;
  float wave = sin(rate * phase + 2.0 * t), other = sin(0.7 * rate * (x.x + 0.4 * q.y) + TAU * r.x);
  float mixed = r.y < 0.5 ? wave : wave * other;
  return palette(0.3 * mixed + r.z, r) * (0.55 + 0.45 * mixed * (0.4 + 0.6 * r.w));
}
