// SPDX-License-Identifier: Apache-2.0
// kind: glyphs
// Tracks of a circuit: lines along a grid that bend, join and end in round pads, bright on black.
// ground: black
#include "lib/hash.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"
#include "lib/shape.glsl"

// Whether a track runs from a crossing to its right (axis 0) or upper (axis 1) neighbour.
bool track(ivec2 cell, int axis, float dense) { return hash3(cell, axis).x < dense; }

vec3 pattern(vec2 p, float t, vec4 r) {
  vec4 h = more(r, 340);
  float scale = 4.0 + 18.0 * h.x, dense = 0.25 + 0.3 * h.y;
  vec2 q = scale * turn(p, 0.25 * PI * floor(2.0 * h.z)) + 60.0 * r.xy + 0.15 * t;
  ivec2 cell = ivec2(floor(q + 0.5));
  vec2 x = fract(q + 0.5) - 0.5;
  bool ways[4] = bool[4](track(cell, 0, dense), track(cell - ivec2(1, 0), 0, dense), track(cell, 1, dense),
      track(cell - ivec2(0, 1), 1, dense));
  float d = 9.0, count = 0.0;
  for (int k = 0; k < 4; k++) {
    vec2 way = k < 2 ? vec2(k == 0 ? 0.6 : -0.6, 0.0) : vec2(0.0, k == 2 ? 0.6 : -0.6);
    if (ways[k]) d = min(d, segment(x, vec2(0.0), way));
    count += ways[k] ? 1.0 : 0.0;
  }
  float line = 0.06 + 0.08 * h.w, pad = length(x) - 0.26;
  float dark = paint(d - line, scale * pixel);
  if (count == 1.0) dark = max(paint(pad, scale * pixel), dark) * paint(0.1 - length(x), scale * pixel);
  return hsv(r.z, 0.8 * r.w, 0.55 + 0.45 * hash2(cell).y) * dark;
}
