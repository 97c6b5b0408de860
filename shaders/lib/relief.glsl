// SPDX-License-Identifier: Apache-2.0
// The slope of a field. The program that includes this defines `height`: the field's value at a point.

float height(vec2 p, float t, vec4 r);

// The field's value in x, and in yz how it changes to the right and upward, per unit of length.
vec3 sloped(vec2 p, float t, vec4 r) {
  const float e = 0.01;
  float here = 0.0;
  vec2 rise = vec2(0.0);
  // A loop: the compiler would otherwise have the whole field to translate three times.
  for (int i = 0; i < 3; i++) {
    vec2 aside = vec2(i == 1, i == 2);
    float x = height(p + e * aside, t, r);
    here = i == 0 ? x : here;
    rise += aside * (x - here) / e;
  }
  return vec3(here, rise);
}
