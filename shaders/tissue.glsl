// SPDX-License-Identifier: Apache-2.0
// kind: cellular
// Living tissue under a microscope: cells with a stained nucleus, grainy plasm and a thin wall.
#include "lib/cells.glsl"
#include "lib/noise.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  float scale = 1.3 + 1.8 * r.x;
  vec2 q = scale * p + 220.0 * r.yz;
  q += 0.12 * vec2(noise(1.5 * q), noise(1.5 * q + 70.0));
  Cells c = cells(q, 0.5 * t);
  vec2 own = hash2(c.id + 5);
  float edge = c.second - c.near;
  vec2 off = turn(c.offset + 0.16 * (own - 0.5), TAU * own.x) * vec2(1.0, 1.0 + 0.6 * own.y);
  float nucleus = 1.0 - smoothstep(0.15, 0.2, length(off));
  float core = 1.0 - smoothstep(0.04, 0.07, length(off - 0.05));
  float plasm = 0.5 + 0.3 * noise(7.0 * q) + 0.2 * own.y;
  vec3 colour = ink(0.1 + 0.25 * plasm, r) * (0.85 + 0.15 * own.x);
  colour = mix(colour, ink(0.8 + 0.2 * noise(11.0 * q), r) + 0.12 * palette(own.y, r), 0.85 * nucleus);
  colour = mix(colour, ink(1.0, r), 0.6 * core);
  return mix(colour, mix(ink(0.55, r), palette(r.w, r), 0.4), 1.0 - smoothstep(0.03, 0.16, edge));
}
