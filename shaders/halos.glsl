// SPDX-License-Identifier: Apache-2.0
// kind: glows
// Haloes: thin rings of light, whole or in part, about a few points, some inside one another.
// ground: black
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec4 style = more(r, 541);
  int count = 2 + int(7.0 * style.x);
  vec3 light = vec3(0.0);
  for (int k = 0; k < count; k++) {
    vec4 h = more(r, 542 + k);
    vec2 x = p - (style.y < 0.5 ? 0.9 * (2.0 * h.xy - 1.0) : 0.5 * (2.0 * style.zw - 1.0));
    float size = 0.1 + 0.6 * h.z, d = abs(length(x) - size);
    float part = 0.5 + 0.5 * cos(bearing(x) + TAU * h.w + 0.5 * t * (h.x - 0.5));
    float thin = 0.006 + 0.015 * r.x;
    float line = thin / (thin + d) * exp(-5.0 * d) * mix(1.0, part * part, h.y);
    light += hsv(r.y + 0.4 * r.z * h.w, 0.9 * r.w, 1.0) * line;
  }
  return 1.0 - exp(-1.5 * light);
}
