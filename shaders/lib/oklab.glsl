// SPDX-License-Identifier: Apache-2.0
// A space in which equal steps look equal. Ottosson, "A perceptual color space for image processing", 2020.

// From lightness, green–red and blue–yellow to linear light.
vec3 linear_of_oklab(vec3 lab) {
  vec3 cones = lab.x + lab.y * vec3(0.39633778, -0.10556135, -0.08948418) +
      lab.z * vec3(0.21580376, -0.06385417, -1.29148555);
  cones *= cones * cones;
  return cones.x * vec3(4.07674166, -1.26843800, -0.00419609) +
      cones.y * vec3(-3.30771159, 2.60975740, -0.70341861) + cones.z * vec3(0.23096993, -0.34131940, 1.70761470);
}

// From lightness in [0, 1] and green–red and blue–yellow, about [-0.3, 0.3] each, to sRGB (IEC 61966-2-1).
vec3 oklab(vec3 lab) {
  vec3 light = clamp(linear_of_oklab(lab), 0.0, 1.0);
  vec3 curve = 1.055 * pow(max(light, 1e-6), vec3(1.0 / 2.4)) - 0.055;
  return mix(curve, 12.92 * light, lessThan(light, vec3(0.0031308)));
}

// The colour of some lightness, chroma and hue; hues go round in 1.
vec3 oklch(float lightness, float chroma, float hue) {
  return oklab(vec3(lightness, chroma * vec2(cos(6.2831853 * hue), sin(6.2831853 * hue))));
}
