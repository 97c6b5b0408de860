// SPDX-License-Identifier: Apache-2.0
// A colour from its hue in turns, its saturation and its value, the latter two in [0, 1].
vec3 hsv(float h, float s, float v) {
  // Each channel is a trapezoid over the hue, a third of a turn from the next.
  vec3 away = abs(fract(h + vec3(0.0, 2.0, 1.0) / 3.0) * 6.0 - 3.0);
  return v * (1.0 - s + s * clamp(away - 1.0, 0.0, 1.0));
}
