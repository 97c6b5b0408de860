// SPDX-License-Identifier: Apache-2.0
// kind: glyphs
// Braille: cells of two by three dots, raised or missing, grey on white with a shadow.
// ground: white
// colour: grey
#include "lib/hash.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec4 h = more(r, 336);
  float scale = 5.0 + 10.0 * h.x;
  vec2 q = scale * turn(p, h.y < 0.6 ? 0.0 : 0.6 * (h.z - 0.5)) + 50.0 * r.xy + vec2(0.3 * t, 0.0);
  vec2 spot = floor(q), letter = mod(spot, vec2(3.0, 4.0)), x = fract(q) - 0.5;
  bool dot_here = letter.x < 1.5 && letter.y < 2.5 && hash2(ivec2(spot)).x < 0.35 + 0.3 * h.w;
  bool word = hash2(ivec2(floor(spot / vec2(12.0, 4.0)))).y < 0.85;
  float edge = scale * pixel, radius = 0.26 + 0.12 * r.z;
  float disc = 1.0 - smoothstep(radius - edge, radius + edge, length(x));
  float light = 0.15 + 0.5 * r.w + 0.5 * dot(x, vec2(-0.6, 0.8));
  return vec3(dot_here && word ? mix(1.0, light, disc) : 1.0);
}
