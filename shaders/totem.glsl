// SPDX-License-Identifier: Apache-2.0
// kind: figures
// A totem: blocks of random widths one above the other, alike on both sides, in flat greys.
// ground: black
// colour: grey
#include "lib/place.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  Place here = stand(p, 0.55, 1.0, 150, r);
  vec4 h = more(r, 151);
  vec2 q = turn(here.q, 0.25 * (h.x - 0.5) + 0.1 * sin(t));
  float blocks = 3.0 + floor(7.0 * h.y), slot = clamp(floor(0.5 * blocks * (q.y + 1.0)), 0.0, blocks - 1.0);
  vec2 own = hash2(ivec2(int(slot), int(4096.0 * h.z)));
  vec2 eye = hash2(ivec2(int(slot) + 31, int(4096.0 * h.z)));
  vec2 x = vec2(abs(q.x), q.y - (2.0 * slot + 1.0) / blocks + 1.0);
  float d = box(x, vec2(0.1 + 0.45 * own.x, (0.8 + 0.2 * h.w) / blocks));
  float hole = eye.x < 0.6 ? box(x - vec2(0.08 + 0.2 * eye.y, 0.0), vec2(0.07, 0.5 / blocks)) : 1.0;
  return vec3((0.25 + 0.75 * own.y) * paint(max(d, -hole), here.grain));
}
