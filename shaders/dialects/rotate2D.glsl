// SPDX-License-Identifier: Apache-2.0
// The matrix that turns the plane counterclockwise.
mat2 rotate2D(float angle) {
  float c = cos(angle), s = sin(angle);
  return mat2(c, s, -s, c);
}
