// SPDX-License-Identifier: Apache-2.0
// kind: cellular
// Pointillism: overlapping dabs of paint, each in the colour that a soft scene has at its middle.
#include "lib/noise.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  float scale = 7.0 + 6.0 * r.x;
  vec3 colour = ramp(0.75, r);
  for (int layer = 0; layer < 3; layer++) {
    vec2 q = scale * turn(p, 0.9 * float(layer)) + 19.0 * float(layer);
    ivec2 cell = ivec2(floor(q));
    vec3 h = hash3(cell, layer);
    vec2 centre = vec2(cell) + 0.5 + 0.25 * (h.xy - 0.5), x = q - centre;
    vec2 at = turn((centre - 19.0 * float(layer)) / scale, -0.9 * float(layer));
    float scene = noise(1.1 * at + 100.0 * r.yz + 0.04 * t) + 0.5 * sin(2.0 * at.y + TAU * r.w);
    float d = length(x) - 0.3 - 0.14 * h.z;
    vec3 dab = palette(0.45 * scene + 0.1 * (h.x - 0.5) + r.w, r) * (0.75 + 0.3 * h.y + 0.15 * scene);
    colour = mix(colour, dab, paint(d, 2.5 * scale * pixel));
  }
  return colour;
}
