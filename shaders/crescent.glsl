// SPDX-License-Identifier: Apache-2.0
// kind: figures
// A crescent: a disc from which another is cut, softly lit, alone in the dark.
// ground: black
// colour: grey
#include "lib/noise.glsl"
#include "lib/place.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  Place here = place(p, 0.3, 0.9, 105, r);
  vec4 h = more(r, 106);
  vec2 q = turn(here.q, 0.15 * t), shade = vec2(0.15 + 0.8 * h.x, 0.0);
  float soft = here.grain + 0.5 * h.y * h.y;
  float lit = smoothstep(-soft, soft, length(q - shade) - 0.75 - 0.2 * h.z);
  float craters = 0.8 + 0.35 * fbm((2.0 + 5.0 * h.w) * q + 40.0 * r.xy, 4);
  return vec3(lit * craters * paint(length(q) - 1.0, here.grain) * (0.6 + 0.4 * r.z));
}
