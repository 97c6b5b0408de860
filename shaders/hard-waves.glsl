// SPDX-License-Identifier: Apache-2.0
// kind: stencils
// Stripes of black and white that wave, all alike or each less than the one before.
// colour: grey
#include "lib/noise.glsl"
#include "lib/plane.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec4 h = more(r, 611);
  float lines = 3.0 + 37.0 * h.x * h.x, rate = 1.5 + 9.0 * h.y;
  vec2 q = turn(p, TAU * r.x);
  float high = (0.05 + 0.3 * h.z) * (r.y < 0.5 ? 1.0 : 0.5 + 0.5 * q.y);
  float wave = r.z < 0.4 ? sin(rate * q.x + t) : r.z < 0.7 ? 2.0 * zigzag(0.3 * rate * q.x + 0.2 * t) - 1.0
      : 1.6 * noise(vec2(0.5 * rate * q.x + 40.0 * r.w, 0.3 * t + q.y));
  float steep = 1.0 + high * rate;
  return vec3(0.5 + 0.47 * square_wave(lines * (q.y + high * wave), min(lines * steep * pixel, 0.6)));
}
