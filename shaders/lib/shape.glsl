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
  float angle = mod(atan(p.x, p == vec2(0.0) ? 1.0 : p.y) + wedge, 2.0 * wedge) - wedge;
  return length(p) * cos(angle) - size;
}

// A star of n points: radius from its centre to the points, and to the notches between.
float star(vec2 p, float n, float points, float notches) {
  float wedge = 3.14159265 / n;
  float angle = abs(mod(atan(p.x, p == vec2(0.0) ? 1.0 : p.y) + wedge, 2.0 * wedge) - wedge);
  // Folded: one point upward, half of one edge to the right.
  vec2 q = length(p) * vec2(sin(angle), cos(angle));
  vec2 tip = vec2(0.0, points), along = notches * vec2(sin(wedge), cos(wedge)) - tip;
  vec2 nearest = q - tip - along * clamp(dot(q - tip, along) / dot(along, along), 0.0, 1.0);
  return length(nearest) * (along.y * (q.x - tip.x) - along.x * (q.y - tip.y) > 0.0 ? -1.0 : 1.0);
}

// An arc about the y axis: half its opening angle, the radius of its middle line, half its width.
float arc(vec2 p, float half_angle, float radius, float half_width) {
  vec2 end = vec2(sin(half_angle), cos(half_angle)), q = vec2(abs(p.x), p.y);
  float middle = end.y * q.x > end.x * q.y ? length(q - end * radius) : abs(length(q) - radius);
  return middle - half_width;
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

// A square wave of range [-1, 1] and period 2, as its mean over an interval of some width around x.
float square_wave(float x, float width) {
  width = max(width, 1e-4);
  return (zigzag(0.5 * (x + 0.5 * width)) - zigzag(0.5 * (x - 0.5 * width))) / width;
}
