// SPDX-License-Identifier: Apache-2.0
// kind: rough
// Gauze: two fine grids of black and white lines over each other, one slightly turned or bent.
// colour: grey
#include "lib/noise.glsl"
#include "lib/plane.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec4 h = more(r, 602);
  float lines = 30.0 + 80.0 * h.x, soft = min(1.2 * lines * pixel, 0.5);
  vec2 a = turn(p, TAU * h.y), b = turn(p, TAU * h.y + 0.25 * (h.z - 0.5) + (r.x < 0.4 ? 0.5 * PI : 0.0));
  b += 0.08 * h.w * vec2(noise(2.0 * p + 50.0 * r.yz + 0.1 * t), noise(2.0 * p + 50.0 * r.zw));
  float one = square_wave(lines * a.x + t, soft), other = square_wave(lines * (0.85 + 0.3 * r.y) * b.x, soft);
  return vec3(0.5 + 0.46 * (r.z < 0.5 ? one * other : min(one, other)));
}
