// SPDX-License-Identifier: Apache-2.0
// Signed distances in the plane (negative inside), how to join them, and how to paint them without jaggies.

float box(vec2 p, vec2 half_size) {
  vec2 q = abs(p) - half_size;
  return length(max(q, 0.0)) + min(max(q.x, q.y), 0.0);
}

float segment(vec2 p, vec2 a, vec2 b) {
  vec2 along = b - a;
  return length(p - a - along * clamp(dot(p - a, along) / dot(along, along), 0.0, 1.0));
}

// A regular polygon with n sides and inradius size, as the nearest of its sides.
float polygon(vec2 p, float n, float size) {
  float wedge = 3.14159265 / n;
  float angle = mod(atan(p.x, p.y) + wedge, 2.0 * wedge) - wedge;
  return length(p) * cos(angle) - size;
}

// Minimum with a rounded joint of width k: the polynomial blend of Quilez, "Smooth minimum", 2013.
float smooth_min(float a, float b, float k) {
  float h = max(k - abs(a - b), 0.0) / k;
  return min(a, b) - 0.25 * h * h * k;
}

// 1 inside, 0 outside, one sample wide between.
float paint(float distance, float width) { return clamp(0.5 - distance / width, 0.0, 1.0); }

// A triangle wave of period 1 and range [0, 1].
float zigzag(float x) { return abs(fract(x) * 2.0 - 1.0); }
