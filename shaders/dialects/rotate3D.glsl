// SPDX-License-Identifier: Apache-2.0
// The matrix that turns space counterclockwise about an axis, as seen against it. Rodrigues, 1840.
mat3 rotate3D(float angle, vec3 axis) {
  vec3 a = normalize(axis);
  float c = cos(angle), s = sin(angle);
  mat3 across = mat3(0.0, a.z, -a.y, -a.z, 0.0, a.x, a.y, -a.x, 0.0);  // v -> cross(a, v)
  return c * mat3(1.0) + s * across + (1.0 - c) * outerProduct(a, a);
}
