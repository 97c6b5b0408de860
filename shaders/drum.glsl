// SPDX-License-Identifier: Apache-2.0
// kind: waves
// A drumhead: the modes of a round membrane, Bessel functions from their integral, two of them at once.
#include "lib/palette.glsl"
#include "lib/plane.glsl"

// J_n(x) is the mean of cos(n τ - x sin τ) over half a turn. Abramowitz & Stegun, 9.1.21.
float bessel(float n, float x) {
  float sum = 0.0;
  for (int i = 0; i < 10; i++) {
    float angle = PI * (float(i) + 0.5) / 10.0;
    sum += cos(n * angle - x * sin(angle));
  }
  return sum / 10.0;
}

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 q = turn(p, TAU * r.x);
  float radius = length(q), angle = bearing(q);
  float n = floor(5.0 * r.y), m = 1.0 + floor(4.0 * r.z);
  float mode = bessel(n, (6.0 + 5.0 * r.w) * radius) * cos(n * angle + t);
  float other = bessel(m, (8.0 + 3.0 * r.x) * radius) * cos(m * angle - 0.7 * t);
  float height = 1.6 * (mode + 0.8 * other);
  return scheme(0.5 * height + r.w, r) * clamp(0.8 + 0.4 * height, 0.3, 1.1);
}
