// SPDX-License-Identifier: Apache-2.0
// kind: stripes
// Halftone: a soft picture printed in dots of one colour on another, or two such screens at an angle.
#include "lib/noise.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  float scale = 4.0 + 7.0 * r.x;
  vec3 colour = ink(0.0, r);
  for (int k = 0; k < 2; k++) {
    float lean = TAU * r.y + 0.5236 * float(k);
    vec2 q = turn(p, lean) * scale, cell = floor(q) + 0.5;
    vec2 at = turn(cell / scale, -lean);
    float wave = sin(2.2 * at.x + TAU * r.z + 0.3 * t + 1.7 * float(k)) * cos(2.0 * at.y + TAU * r.w);
    float tone = 0.5 + 0.45 * wave + 0.3 * noise(1.3 * at + 40.0 * r.zw + 17.0 * float(k));
    float size = 0.62 * sqrt(clamp(tone, 0.02, 1.0));
    vec3 dye = palette(r.w + 0.4 * float(k), r) * 0.75;
    float dot_here = paint(length(q - cell) - size, 2.5 * scale * pixel);
    colour *= mix(vec3(1.0), dye, dot_here * (k == 0 || r.x < 0.6 ? 1.0 : 0.0));
  }
  return colour;
}
