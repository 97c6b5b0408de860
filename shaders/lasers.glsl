// SPDX-License-Identifier: Apache-2.0
// kind: glows
// Beams: straight shafts of coloured light that cross or leave one lamp, in thin haze.
// ground: black
#include "lib/noise.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec4 style = more(r, 520);
  int count = 2 + int(7.0 * style.x);
  vec2 lamp = 1.1 * (2.0 * style.yz - 1.0);
  vec3 light = vec3(0.0);
  float haze = 0.7 + 0.5 * fbm(2.0 * p + 40.0 * r.xy + 0.2 * t, 3);
  for (int k = 0; k < count; k++) {
    vec4 h = more(r, 521 + k);
    float aim = style.w < 0.5 ? bearing(-lamp) + 2.0 * (h.x - 0.5) : TAU * h.x;
    vec2 way = polar(1.0, aim + 0.15 * sin(t + TAU * h.y));
    vec2 x = p - (style.w < 0.5 ? lamp : 0.9 * (2.0 * h.yz - 1.0));
    float along = dot(x, way), d = abs(dot(x, vec2(-way.y, way.x))), wide = 0.008 + 0.02 * h.w;
    float beam = exp(-d * d / (wide * wide)) + 0.15 * exp(-d / 0.05);
    beam *= style.w < 0.5 ? step(0.0, along) * exp(-0.4 * along) : 1.0;
    light += hsv(r.x + 0.5 * r.y * h.z, 0.6 + 0.4 * r.z, 1.0) * beam * haze;
  }
  return 1.0 - exp(-1.3 * light);
}
