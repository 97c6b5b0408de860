// SPDX-License-Identifier: Apache-2.0
// kind: flow
// Point vortices: the levels of the stream function of whirls that turn left and right (Helmholtz, 1858).
#include "lib/palette.glsl"
#include "lib/plane.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  float stream = 0.5 * dot(p, polar(1.0, TAU * r.x)), core = 0.0;
  for (int k = 0; k < 6; k++) {
    vec4 h = more(r, k + 1);
    vec2 offset = p - 1.15 * (2.0 * h.xy - 1.0) - 0.06 * vec2(cos(t + TAU * h.w), sin(t + TAU * h.w));
    float turning = (h.z < 0.5 ? -1.0 : 1.0) * (0.25 + 0.5 * h.w), away = dot(offset, offset) + 0.01;
    stream += 0.5 * turning * log(away);
    core += turning * exp(-14.0 * away);
  }
  float levels = (2.5 + 4.5 * r.y) * stream;
  float band = smoothstep(0.1, 0.9, zigzag(levels));
  return palette(0.22 * stream + r.w, r) * mix(1.0, 0.55 + 0.5 * band, 0.5 + 0.5 * r.z) + 0.25 * core;
}
