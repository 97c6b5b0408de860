// SPDX-License-Identifier: Apache-2.0
// kind: shapes
// Soap bubbles of many sizes that drift over a soft ground: clear within, with coloured rims and two glints.
#include "lib/palette.glsl"
#include "lib/plane.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec3 colour = mix(ramp(0.3, r), ramp(0.75, r), 0.5 + 0.5 * dot(p, polar(0.7, TAU * r.x)));
  for (int k = 0; k < 9; k++) {
    vec4 h = more(r, k + 1);
    float size = 0.07 + 0.4 * h.z * h.z;
    vec2 place = vec2(2.4 * h.x - 1.2 + 0.05 * sin(t + TAU * h.w), mod(2.6 * h.y + 0.06 * t, 2.6) - 1.3);
    vec2 x = (p - place) / size;
    float radius = length(x), rim = radius * radius * radius * radius;
    float inside = paint(size * (radius - 1.0), 2.0 * pixel);
    vec3 skin = film(4.0 + 6.0 * h.w + 3.0 * x.y + 5.0 * rim) * rim * 0.75;
    float glint = exp(-26.0 * dot(x - vec2(-0.45, 0.5), x - vec2(-0.45, 0.5)));
    glint += 0.5 * exp(-40.0 * dot(x + vec2(-0.45, 0.55), x + vec2(-0.45, 0.55)));
    colour = mix(colour, colour * (0.95 - 0.3 * rim) + skin + 0.7 * glint, inside);
  }
  return colour;
}
