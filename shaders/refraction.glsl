// SPDX-License-Identifier: Apache-2.0
// kind: waves
// Waves through lenses: plane waves that a few round bodies slow down, so that fronts lag, bend and focus.
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 q = turn(p, TAU * r.x);
  float lag = 0.0, light = 1.0;
  for (int k = 0; k < 4; k++) {
    vec4 h = more(r, k + 1);
    vec2 offset = q - 1.5 * (h.xy - 0.5);
    float size = 0.14 + 0.2 * h.z, behind = offset.x / size;
    float chord = exp(-offset.y * offset.y / (size * size));
    float through = smoothstep(-1.0, 1.0, behind) * chord;
    lag += through * (1.0 + h.w);
    light += 1.5 * through * exp(-0.4 * (behind - 2.5) * (behind - 2.5)) - 0.3 * through;
  }
  float wave = sin((16.0 + 22.0 * r.y) * q.x + (2.0 + 3.5 * r.z) * lag - t);
  return palette(0.2 * wave + 0.12 * lag + r.w, r) * light * (0.55 + 0.25 * wave);
}
