// SPDX-License-Identifier: Apache-2.0
// kind: shapes
// Ribbons: broad waving bands laid over one another, each rounded by its shading, with shadows beneath.
#include "lib/palette.glsl"
#include "lib/plane.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 q = turn(p, TAU * r.x);
  vec3 colour = ramp(0.3 + 0.2 * q.y, r);
  for (int k = 0; k < 6; k++) {
    vec4 h = more(r, k + 1);
    float f = 1.5 + 2.5 * h.x, phase = f * q.x + TAU * h.y + 0.4 * t * (h.z - 0.5);
    float middle = 1.1 - 0.42 * float(k) + 0.28 * sin(phase) + 0.1 * sin(2.3 * phase);
    float slope = 0.28 * f * cos(phase) + 0.23 * f * cos(2.3 * phase);
    float across = (q.y - middle) / sqrt(1.0 + slope * slope), half_width = 0.12 + 0.16 * h.w;
    float x = across / half_width, d = abs(across) - half_width;
    float light = 0.55 + 0.4 * sqrt(max(1.0 - x * x, 0.0)) + 0.22 * x + 0.12 * slope;
    colour *= 1.0 - 0.45 * exp(-10.0 * max(d, 0.0));
    vec3 dye = paints(0.2 * float(k) + 0.15 * r.y * x + r.w, r) * 0.85 + 0.1;
    colour = mix(colour, dye * clamp(light, 0.2, 1.2), paint(d, 2.0 * pixel));
  }
  return colour;
}
