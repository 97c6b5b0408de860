// SPDX-License-Identifier: Apache-2.0
// kind: fractal
// Sierpiński's triangle, carpet and kin: a plane folded to one corner and enlarged, its distance as light.
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 z = turn(p * (0.7 + 0.5 * r.x), TAU * r.y + 0.05 * t);
  float n = 3.0 + floor(3.0 * r.z), scale = n < 3.5 ? 2.0 : n < 4.5 ? 2.6 : 2.3;
  scale *= 0.97 + 0.08 * r.w;
  float size = 1.0, trap = 9.0, bend = 0.3 * (r.w - 0.5);
  for (int i = 0; i < 6; i++) {
    z = turn(fold(z, n), bend);
    z = scale * z - vec2(0.75, 0.0) * (scale - 1.0);
    size *= scale;
    trap = min(trap, length(z));
  }
  float d = (length(z) - 0.8) / size;
  float edge = smoothstep(0.0, 2.0 * pixel, d);
  vec3 dust = palette(0.5 * trap + r.w, r);
  vec3 ground = scheme(9.0 * sqrt(max(d, 0.0)) * (0.3 + r.x) * 0.3 + r.w, r)
      * (0.35 + 0.5 * exp(-5.0 * max(d, 0.0)));
  return mix(dust * 1.05, ground, edge);
}
