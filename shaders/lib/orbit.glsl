// SPDX-License-Identifier: Apache-2.0
// Fields from the orbits of z² + c and its kin, about [-1, 1].
// Peitgen & Richter, The Beauty of Fractals, 1986.
#include "lib/plane.glsl"

// How soon the orbit of z leaves: smooth between whole numbers of steps, and −1 if it stays.
float escape(vec2 z, vec2 c, int steps) {
  float n = 0.0, size = dot(z, z);
  for (int i = 0; i < steps && size < 256.0; i++) {
    z = square(z) + c;
    size = dot(z, z);
    n += 1.0;
  }
  float left = size < 256.0 ? 0.0 : n - log2(0.5 * log2(size)) + 3.0;
  return 1.6 * sqrt(clamp(left / float(steps), 0.0, 1.5)) - 1.0;
}

// How near the orbit of z comes to a circle about the origin.
float circle_trap(vec2 z, vec2 c, float radius, int steps) {
  float nearest = 4.0;
  for (int i = 0; i < steps && dot(z, z) < 16.0; i++) {
    z = square(z) + c;
    nearest = min(nearest, abs(length(z) - radius));
  }
  return 1.0 - 2.0 * sqrt(min(nearest, 1.0));
}

// How near the orbit of z comes to the two axes.
float cross_trap(vec2 z, vec2 c, int steps) {
  float nearest = 4.0;
  for (int i = 0; i < steps && dot(z, z) < 16.0; i++) {
    z = square(z) + c;
    nearest = min(nearest, min(abs(z.x), abs(z.y)));
  }
  return 1.0 - 2.6 * sqrt(min(nearest, 1.0));
}

// Newton's method for zⁿ = 1, relaxed: how the last of so many steps turned.
float newton(vec2 z, int n, float stride, int steps) {
  float shift = 0.0;
  for (int i = 0; i < steps; i++) {
    vec2 lower = n > 2 ? power(z, n - 1) : z;
    vec2 step = over(times(lower, z) - vec2(1.0, 0.0), float(n) * lower);
    z -= stride * step / max(1.0, 0.5 * length(step));
    shift += exp(-4.0 * length(step));
  }
  return 0.6 * cos(bearing(z)) + 0.8 * shift / float(steps) - 0.4;
}

// Folding and inversion by turns: the mean size of the orbit.
float shrine(vec2 z, vec2 c, int steps) {
  float sum = 0.0;
  for (int i = 0; i < steps; i++) {
    z = abs(z) / clamp(dot(z, z), 0.08, 4.0) - c;
    sum += exp(-1.5 * length(z));
  }
  return 4.5 * sum / float(steps) - 2.0;
}
