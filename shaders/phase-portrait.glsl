// SPDX-License-Identifier: Apache-2.0
// kind: flow
// Phase portrait of a rational function: hue is its argument, rings its modulus (Wegert, 2012).
#include "lib/palette.glsl"
#include "lib/plane.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 z = 1.2 * p;
  vec2 above = vec2(1.0, 0.0), below = vec2(1.0, 0.0);
  int zeros = 2 + int(3.0 * r.x), poles = 1 + int(3.0 * r.y);
  for (int k = 0; k < 4; k++) {
    vec4 h = more(r, k + 1) * 2.2 - 1.1;
    if (k < zeros) above = times(above, z - h.xy);
    if (k < poles) below = times(below, z - h.zw);
  }
  vec2 w = over(above, below);
  float argument = bearing(w) / TAU;
  float modulus = log2(length(w) + 1e-6);
  float rings = 0.78 + 0.22 * fract((1.0 + floor(2.0 * r.z)) * modulus + 0.2 * t);
  float rays = 0.85 + 0.15 * zigzag(8.0 * argument);
  vec3 wheel = r.w < 0.5 ? hsv(argument + r.z, 0.45 + r.w, 1.0) : palette(argument, r) + 0.15;
  return wheel * rings * rays;
}
