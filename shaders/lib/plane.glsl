// SPDX-License-Identifier: Apache-2.0
// Maps of the plane: rotation, folding, complex arithmetic (a point is x + iy).

const float PI = 3.14159265;
const float TAU = 6.28318531;

mat2 rotation(float angle) {
  float c = cos(angle), s = sin(angle);
  return mat2(c, s, -s, c);
}

vec2 turn(vec2 p, float angle) { return rotation(angle) * p; }

// The fundamental domain of the dihedral group with n mirrors: a wedge around the x axis.
vec2 fold(vec2 p, float n) {
  float wedge = PI / n;
  float angle = atan(p.y, p.x);
  angle = abs(mod(angle + wedge, 2.0 * wedge) - wedge);
  return length(p) * vec2(cos(angle), sin(angle));
}

vec2 times(vec2 a, vec2 b) { return vec2(a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x); }

vec2 over(vec2 a, vec2 b) { return vec2(dot(a, b), a.y * b.x - a.x * b.y) / max(dot(b, b), 1e-12); }

vec2 square(vec2 a) { return vec2(a.x * a.x - a.y * a.y, 2.0 * a.x * a.y); }

// z to a whole power n ≥ 1.
vec2 power(vec2 z, int n) {
  vec2 product = z;
  for (int i = 1; i < n; i++) product = times(product, z);
  return product;
}
