// SPDX-License-Identifier: Apache-2.0
// kind: lines
// A scribble: a pen that runs to and fro along a strip, wavering, dark or coloured on white paper.
// ground: white
#include "lib/palette.glsl"
#include "lib/place.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  Place here = place(p, 0.6, 1.1, 220, r);
  vec4 h = more(r, 221);
  float turns = 3.0 + floor(6.0 * h.x), loop = 0.05 + 0.3 * h.y, d = 9.0;
  // The pen: along a line, and round by three hands that turn at rates of their own.
  vec2 hand = polar(loop, 0.5 * t), slow = polar(0.25, TAU * r.x), fast = polar(0.12, TAU * r.y), last = hand;
  mat2 turn_hand = rotation(TAU * turns / 80.0), turn_slow = rotation(0.1), turn_fast = rotation(0.25);
  for (int k = 0; k <= 80; k++) {
    vec2 next = vec2(0.0225 * float(k) - 0.9, 0.0) + hand * vec2(0.8, 1.6) + vec2(0.3, 1.0) * slow + fast;
    if (k > 0) d = min(d, segment(here.q, last, next));
    last = next;
    hand = turn_hand * hand;
    slow = turn_slow * slow;
    fast = turn_fast * fast;
  }
  float mark = paint(d - 0.008 - 0.014 * h.z, here.grain);
  return mix(vec3(1.0), hsv(r.z, r.w < 0.5 ? 0.0 : 0.9, 0.1 + 0.4 * h.w), mark);
}
