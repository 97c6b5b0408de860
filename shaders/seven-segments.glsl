// SPDX-License-Identifier: Apache-2.0
// kind: glyphs
// A row of digits of seven bars each, some lit and some barely, as on a clock, glowing on black.
// ground: black
#include "lib/palette.glsl"
#include "lib/place.glsl"
#include "lib/shape.glsl"

const int DIGITS[10] = int[10](0x77, 0x24, 0x5D, 0x6D, 0x2E, 0x6B, 0x7B, 0x25, 0x7F, 0x6F);

vec3 pattern(vec2 p, float t, vec4 r) {
  Place here = place(p, 0.5, 1.1, 334, r);
  vec4 h = more(r, 335);
  float count = 1.0 + floor(6.0 * h.x), wide = 2.0 / count;
  float slot = clamp(floor((here.q.x + 1.0) / wide), 0.0, count - 1.0);
  vec2 x = (here.q - vec2((slot + 0.5) * wide - 1.0, 0.0)) / (0.5 * wide) - vec2(0.12, 0.0) * here.q.y;
  int digit = DIGITS[int(10.0 * hash2(ivec2(int(slot), int(4096.0 * h.y) + int(t))).x)];
  vec3 light = vec3(0.0), colour = hsv(h.z, 0.5 + 0.5 * r.x, 1.0);
  for (int k = 0; k < 7; k++) {
    int row = k < 1 ? 1 : k < 3 ? 0 : k < 4 ? 2 : k < 6 ? 3 : 4;  // top, its two sides, middle, and so on
    vec2 middle = row == 1 ? vec2(0.0, 1.1) : row == 2 ? vec2(0.0) : row == 4 ? vec2(0.0, -1.1)
        : vec2(k == 1 || k == 4 ? -0.6 : 0.6, row == 0 ? 0.55 : -0.55);
    vec2 half_way = row == 1 || row == 2 || row == 4 ? vec2(0.45, 0.0) : vec2(0.0, 0.4);
    float d = segment(x, middle - half_way, middle + half_way) - 0.08 - 0.06 * h.w;
    float lit = (digit >> k & 1) == 1 ? 1.0 : 0.06;
    light += colour * lit * (paint(d, 2.0 * here.grain / wide) + 0.25 * r.y * exp(-7.0 * max(d, 0.0)));
  }
  return min(light, 1.0);
}
