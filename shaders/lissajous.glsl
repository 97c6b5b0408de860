// SPDX-License-Identifier: Apache-2.0
// kind: lines
// A Lissajous figure: the path of a point that swings across and up at whole-number rates, glowing faintly.
// ground: black
#include "lib/palette.glsl"
#include "lib/place.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  Place here = place(p, 0.5, 0.95, 190, r);
  vec4 h = more(r, 191);
  vec2 rate = 1.0 + floor(vec2(5.0, 4.0) * h.xy);
  rate.y += rate.x == rate.y ? 1.0 : 0.0;
  float phase = TAU * h.z + 0.3 * t, d = 9.0;
  // Two points that go round at their rates; the figure takes the height of each.
  vec2 one = vec2(cos(phase), sin(phase)), other = vec2(1.0, 0.0), last = vec2(one.y, 0.0);
  mat2 across = rotation(TAU * rate.x / 90.0), up = rotation(TAU * rate.y / 90.0);
  for (int k = 0; k < 90; k++) {
    one = across * one;
    other = up * other;
    d = min(d, segment(here.q, last, vec2(one.y, other.y)));
    last = vec2(one.y, other.y);
  }
  float width = 0.01 + 0.02 * h.w;
  return hsv(r.x, 0.7 * r.y, 1.0) * (paint(d - width, here.grain) + 0.3 * r.z * exp(-12.0 * d));
}
