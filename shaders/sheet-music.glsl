// SPDX-License-Identifier: Apache-2.0
// kind: glyphs
// Sheet music: staves of five lines with note heads, stems and bars, black on white.
// ground: white
// colour: grey
#include "lib/hash.glsl"
#include "lib/plane.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec4 h = more(r, 345);
  float scale = 5.0 + 9.0 * h.x;
  vec2 q = scale * turn(p, 0.3 * (h.y - 0.5)) + vec2(70.0 * r.x + 0.6 * t, 30.0 * r.y);
  float staff = floor(q.y / 9.0), y = mod(q.y, 9.0) - 4.5, edge = scale * pixel;
  float d = max(abs(fract(y + 0.5) - 0.5), abs(y) - 2.4) - 0.05;
  for (int k = -1; k <= 1; k++) {
    float slot = floor(q.x / 2.2) + float(k);
    vec3 own = hash3(ivec2(int(slot), int(staff)), 1);
    vec2 x = vec2(q.x - 2.2 * (slot + 0.5), y - (floor(9.0 * own.x) - 4.0) * 0.5);
    if (own.y < 0.45 + 0.35 * h.z) {
      vec2 head = turn(x, -0.35) / vec2(0.62, 0.42);
      float note = (length(head) - 1.0) * 0.42;
      note = own.z < 0.3 ? max(note, 0.12 - abs(note + 0.05)) : note;
      float up = own.x < 0.5 ? 1.0 : -1.0;
      d = min(d, min(note, box(x - vec2(0.55 * up, 1.6 * up), vec2(0.06, 1.6))));
    }
    if (mod(slot, 5.0) < 0.5) d = min(d, box(vec2(x.x + 1.1, y), vec2(0.06, 2.0)));
  }
  return vec3(1.0 - (0.7 + 0.3 * h.w) * paint(d, edge));
}
