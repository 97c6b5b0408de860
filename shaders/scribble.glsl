// SPDX-License-Identifier: Apache-2.0
// kind: lines
// A scribble: a pen that runs to and fro along a strip, wavering, dark or coloured on white paper.
// ground: white
#include "lib/noise.glsl"
#include "lib/palette.glsl"
#include "lib/place.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  Place here = place(p, 0.6, 1.1, 220, r);
  vec4 h = more(r, 221);
  float turns = 3.0 + floor(6.0 * h.x), loop = 0.05 + 0.3 * h.y, d = 9.0;
  vec2 last = vec2(9.0);
  for (int k = 0; k <= 96; k++) {
    float s = float(k) / 96.0;
    vec2 waver = vec2(line_noise(7.0 * s, int(999.0 * r.x)), line_noise(9.0 * s, int(999.0 * r.y) + 7)) - 0.5;
    vec2 next = vec2(1.8 * s - 0.9, 0.0) + polar(loop, TAU * turns * s + 0.5 * t) * vec2(0.8, 1.6) + waver;
    if (k > 0) d = min(d, segment(here.q, last, next));
    last = next;
  }
  float mark = paint(d - 0.008 - 0.014 * h.z, here.grain);
  return mix(vec3(1.0), hsv(r.z, r.w < 0.5 ? 0.0 : 0.9, 0.1 + 0.4 * h.w), mark);
}
