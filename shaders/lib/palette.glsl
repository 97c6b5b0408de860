// SPDX-License-Identifier: Apache-2.0
// Colours that belong together, another set for each picture.
#include "lib/hash.glsl"

// A closed walk through colour space, once round for x in [0, 1]: one cosine per channel.
// Form: Quilez, "Palettes", 2015. Phases apart by thirds give a rainbow, by less two or three related hues.
vec3 palette(float x, vec4 r) {
  vec4 q = more(r, 0);
  float apart = mix(0.05, 0.38, q.y) * (q.z < 0.5 ? 1.0 : -1.0);
  vec3 phase = q.x + apart * vec3(0.0, 1.0, 2.0);
  vec3 middle = 0.5 + 0.14 * cos(6.2831853 * (q.w + vec3(0.0, 0.33, 0.67)));
  return middle + mix(0.26, 0.44, fract(q.z * 2.0)) * cos(6.2831853 * (x + phase));
}

// Two colours far apart in lightness with the palette's hues between: x = 0 is dark, x = 1 is light.
vec3 ramp(float x, vec4 r) {
  x = clamp(x, 0.0, 1.0);
  vec3 hue = palette(0.45 * x, r);
  return mix(hue * hue * 0.35, mix(hue, vec3(1.0), 0.55 * x), x);
}

// Hue, saturation and value, each in [0, 1], to RGB. Smith, Color Gamut Transform Pairs, SIGGRAPH 1978.
vec3 hsv(float h, float s, float v) {
  vec3 tent = abs(fract(h + vec3(0.0, 2.0, 1.0) / 3.0) * 6.0 - 3.0) - 1.0;
  return v * mix(vec3(1.0), clamp(tent, 0.0, 1.0), s);
}
