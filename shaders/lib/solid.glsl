// SPDX-License-Identifier: Apache-2.0
// Signed distances in space, negative inside.

float ball(vec3 x, float radius) { return length(x) - radius; }

float brick(vec3 x, vec3 half_size) {
  vec3 q = abs(x) - half_size;
  return length(max(q, 0.0)) + min(max(q.x, max(q.y, q.z)), 0.0);
}

// A gyroid: the surface where this is 0 parts space in two that never meet. Schoen, NASA TN D-5541, 1970.
float gyroid(vec3 x) { return dot(sin(x), cos(x.yzx)); }
