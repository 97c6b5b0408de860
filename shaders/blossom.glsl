// SPDX-License-Identifier: Apache-2.0
// kind: figures
// A blossom on black: petals by a polar curve, darker towards the heart, around a small disc.
// ground: black
#include "lib/palette.glsl"
#include "lib/place.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  Place here = place(p, 0.3, 0.85, 107, r);
  vec4 h = more(r, 108);
  float petals = 3.0 + floor(8.0 * h.x), radius = length(here.q), angle = bearing(here.q) + 0.1 * t;
  float notch = 0.25 + 0.5 * h.y;
  float edge = 1.0 - notch + notch * pow(abs(cos(0.5 * petals * angle)), 0.4 + 1.2 * h.z);
  float leaf = paint((radius - edge) * 0.7, here.grain);
  float heart = paint(radius - 0.12 - 0.15 * h.w, here.grain);
  vec3 colour = hsv(r.x + 0.12 * radius, 0.3 + 0.7 * r.y, (0.35 + 0.65 * radius) * (0.6 + 0.4 * r.z));
  return mix(colour * leaf, hsv(r.w, 0.8, 0.9), heart);
}
