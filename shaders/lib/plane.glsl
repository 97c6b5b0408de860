// SPDX-License-Identifier: Apache-2.0
// Maps of the plane: rotation, folding, complex arithmetic (a point is x + iy).

const float PI = 3.14159265;
const float TAU = 6.28318531;

mat2 rotation(float angle) {
  float c = cos(angle), s = sin(angle);
  return mat2(c, s, -s, c);
}

vec2 turn(vec2 p, float angle) { return rotation(angle) * p; }

// The angle of a point in (-π, π]; 0 at the origin, where atan is undefined.
float bearing(vec2 p) { return atan(p.y, p == vec2(0.0) ? 1.0 : p.x); }

// The point at a radius and an angle.
vec2 polar(float radius, float angle) { return radius * vec2(cos(angle), sin(angle)); }

// The fundamental domain of the dihedral group with n mirrors: a wedge around the x axis.
vec2 fold(vec2 p, float n) {
  float wedge = PI / n;
  return polar(length(p), abs(mod(bearing(p) + wedge, 2.0 * wedge) - wedge));
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

// The logarithm: radius and angle become the two sides of a strip, and turning becomes sliding.
vec2 logarithm(vec2 z) { return vec2(0.5 * log(max(dot(z, z), 1e-12)), bearing(z)); }

// z turned inside out: the image of z in the unit circle.
vec2 invert(vec2 z) { return z / max(dot(z, z), 1e-6); }
