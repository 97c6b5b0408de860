// SPDX-License-Identifier: Apache-2.0
// kind: lines
// Traces of an oscilloscope: waves of several harmonics as bright lines on a dark screen with a faint grid.
// ground: black
#include "lib/palette.glsl"
#include "lib/plane.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec4 style = more(r, 222);
  int traces = 1 + int(3.0 * style.x);
  vec2 q = style.y < 0.3 ? p.yx : p;
  vec2 grid = 0.25 * abs(fract(4.0 * p) - 0.5);
  vec3 colour = vec3(0.05 + 0.05 * style.z) * paint(min(grid.x, grid.y) - 0.002, pixel);
  for (int k = 0; k < traces; k++) {
    vec4 h = more(r, 223 + k), g = finer(h);
    float x = (2.0 + 5.0 * h.x) * q.x + t, high = 0.15 + 0.3 * h.y;
    vec3 rate = vec3(1.0, 2.0 + floor(3.0 * h.z), 5.0 + floor(6.0 * h.w));
    vec3 part = vec3(1.0, 0.7 * g.x, 0.4 * g.y);
    float wave = high * dot(part, sin(rate * x + TAU * vec3(0.0, g.zw)));
    float slope = high * (2.0 + 5.0 * h.x) * dot(part * rate, cos(rate * x + TAU * vec3(0.0, g.zw)));
    float middle = 1.2 * (float(k) + 0.5) / float(traces) - 0.6 + 0.4 * (g.x - 0.5);
    float d = abs(q.y - middle - wave) / sqrt(1.0 + slope * slope);
    vec3 phosphor = hsv(r.x + 0.3 * float(k) * r.y, 0.8 * r.z, 1.0);
    colour += phosphor * (paint(d - 0.012, pixel) + 0.25 * exp(-30.0 * d));
  }
  return colour;
}
