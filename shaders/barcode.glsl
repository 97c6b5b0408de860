// SPDX-License-Identifier: Apache-2.0
// kind: glyphs
// A bar code: upright strokes of four widths on white, cut off above and below.
// ground: white
// colour: grey
#include "lib/place.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  Place here = place(p, 0.5, 1.0, 330, r);
  vec4 h = more(r, 331);
  float modules = 20.0 + floor(60.0 * h.x), slot = modules * here.q.x + floor(t), edge = modules * here.grain;
  float cell = floor(slot), dark = 0.0;
  for (int k = -1; k <= 1; k++) {
    bool bar = hash2(ivec2(int(cell) + k, int(9999.0 * h.y))).x < 0.35 + 0.2 * h.z;
    float from = max(slot - 0.5 * edge, cell + float(k)), to = min(slot + 0.5 * edge, cell + float(k) + 1.0);
    dark += bar ? max(to - from, 0.0) / max(edge, 1e-3) : 0.0;
  }
  float within = paint(box(here.q, vec2(1.0, 0.3 + 0.5 * h.w)), here.grain);
  return vec3(1.0 - (0.85 + 0.15 * r.z) * min(dark, 1.0) * within);
}
