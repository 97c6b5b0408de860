// SPDX-License-Identifier: Apache-2.0
// kind: noise
// Islands: fractal land above a flat sea, shaded from the north-west, the water paler over shallow ground.
#include "lib/noise.glsl"
#include "lib/palette.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 q = (1.0 + 1.2 * r.x) * p + 180.0 * r.yz, x = q;
  vec3 ground = vec3(0.0);
  float high = 0.65, scale = 1.0;
  for (int i = 0; i < 4; i++) {
    ground += high * noise_slope(x + 0.02 * t) * vec3(1.0, scale, scale);
    x = 2.03 * x + 31.0;
    scale *= 2.03;
    high *= 0.47;
  }
  float sea = 0.3 * (r.w - 0.6), above = ground.x - sea;
  float shade = 0.75 + 0.25 * clamp(dot(ground.yz, vec2(0.6, -0.7)), -1.5, 1.0);
  vec3 land = mix(palette(r.w + 0.1, r) * 0.5 + 0.3, vec3(0.95), smoothstep(0.25, 0.65, above)) * shade;
  vec3 beach = palette(r.w, r) * 0.25 + vec3(0.65, 0.6, 0.48);
  vec3 water = mix(palette(r.w + 0.5, r) * 0.35, palette(r.w + 0.45, r) * 0.5 + 0.35,
      exp(4.0 * min(above, 0.0)));
  return above < 0.0 ? water : mix(beach, land, smoothstep(0.02, 0.08, above));
}
