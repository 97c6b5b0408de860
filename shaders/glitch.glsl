// SPDX-License-Identifier: Apache-2.0
// kind: rough
// A torn picture: stripes and blocks of it are shifted, repeated, or lose all colours but one.
#include "lib/noise.glsl"
#include "lib/palette.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec4 h = more(r, 405);
  float rows = 10.0 + 50.0 * h.x, row = floor(rows * p.y), beat = floor(3.0 * t);
  vec3 own = hash3(ivec2(int(row), int(beat)), 1);
  vec2 q = p + vec2(own.x < 0.5 ? 0.5 * (own.y - 0.5) : 0.0, 0.0);
  ivec2 block = ivec2(floor(vec2(4.0 + 8.0 * h.y, 0.3 * rows) * q));
  vec3 torn = hash3(block, 2 + int(beat));
  q += torn.x < 0.35 ? torn.yz - 0.5 : vec2(0.0);
  float lines = 40.0 + 88.0 * h.z;
  vec2 fine = floor(lines * q * vec2(1.0, torn.z < 0.5 ? 0.1 : 1.0));
  float grain = hash2(ivec2(fine)).x;
  vec3 colour = palette(1.2 * fbm(2.0 * q + 40.0 * r.xy, 3) + 0.3 * own.z, r);
  colour += (0.3 + 0.6 * h.w) * (grain - 0.5);
  vec3 left = step(hash3(block, 9), vec3(0.6));
  return torn.y < 0.3 ? colour * left + 0.2 * (1.0 - left) * grain : colour;
}
