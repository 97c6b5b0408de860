// SPDX-License-Identifier: Apache-2.0
// kind: kaleidoscope
// Kaleidoscope: soft coloured glass seen in three to eight pairs of mirrors.
#include "lib/noise.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 wedge = fold(turn(p, TAU * r.z), 3.0 + floor(6.0 * r.x));
  vec2 q = turn((1.2 + 1.6 * r.y) * wedge, 0.3 * t) + 100.0 * r.wz;
  float glass = noise(q) + 0.5 * noise(2.1 * q + 9.0);
  float shine = noise(1.5 * q.yx - 40.0);
  return palette(0.6 * glass + 0.3 * length(p), r) * (0.75 + 0.4 * shine);
}
