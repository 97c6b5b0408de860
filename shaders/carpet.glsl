// SPDX-License-Identifier: Apache-2.0
// kind: rough
// A carpet: tufts in close rows, each of a slightly other shade, in a pattern of a few coloured fields.
#include "lib/noise.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec4 h = more(r, 406);
  float scale = 30.0 + 60.0 * h.x;
  vec2 q = scale * turn(p, TAU * h.y) + 300.0;
  ivec2 tuft = ivec2(floor(q + vec2(0.5 * mod(floor(q.y), 2.0), 0.0)));
  vec2 x = fract(q + vec2(0.5 * mod(floor(q.y), 2.0), 0.0)) - 0.5;
  vec3 own = hash3(tuft, 1);
  vec2 place = (vec2(tuft) - 300.0) / scale;
  vec2 wave = (3.0 + 5.0 * h.zw) * place + vec2(t, 2.0 * fbm(2.0 * place, 2));
  float field = sin(wave.x) + sin(wave.y);
  vec3 wool = palette(0.25 * floor(1.5 * field + 0.3 * own.x) + r.w, r);
  float tip = 1.0 - 1.6 * dot(x, x) + 0.7 * dot(x, polar(1.0, TAU * own.y));
  return wool * (0.35 + 0.9 * own.z) * max(tip, 0.1);
}
