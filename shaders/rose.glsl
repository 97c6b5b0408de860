// SPDX-License-Identifier: Apache-2.0
// kind: shapes
// Rose curves: glowing petals, their distance to first order the value over its gradient (Grandi, 1728).
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 q = p - 0.3 * (r.zw - 0.5);
  float radius = length(q) + 1e-3, angle = bearing(q);
  vec3 colour = ramp(0.1 + 0.1 * p.y, r);
  for (int k = 0; k < 3; k++) {
    vec4 h = more(r, k + 1);
    float petals = 1.0 + floor(7.0 * h.x), size = 0.35 + 0.6 * h.y;
    float phase = petals * (angle + TAU * h.z + 0.1 * t);
    float wobble = 0.25 + 0.35 * h.w;
    float outline = size * (1.0 - wobble + wobble * cos(phase));
    float slope = size * wobble * petals * sin(phase) / radius;
    float d = abs(radius - outline) / sqrt(1.0 + slope * slope);
    vec3 light = palette(r.w + 0.2 * float(k) + 0.15 * radius, r) + 0.1;
    colour += light * (0.022 / (0.02 + d)) * (radius < outline ? 1.0 : 0.75) * 0.8;
  }
  return colour;
}
