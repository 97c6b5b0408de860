// SPDX-License-Identifier: Apache-2.0
// kind: reaction
// Brain coral: long grooves of one width that wind at random, with rounded walls lit from above.
#include "lib/noise.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 q = p + 0.12 * vec2(noise(1.7 * p + 40.0 * r.xy), noise(1.7 * p + 70.0 * r.zw));
  float k = 13.0 + 13.0 * r.x;
  vec3 wave = vec3(0.0);  // height and slope of random plane waves of nearly one length
  for (int i = 0; i < 9; i++) {
    vec4 h = more(r, i + 1);
    vec2 along = polar(k * (0.92 + 0.16 * h.z), PI * (float(i) + h.x) / 9.0);
    float phase = dot(along, q) + TAU * h.y + 0.25 * t;
    wave += vec3(cos(phase), -along * sin(phase));
  }
  float wall_here = exp(-0.55 * wave.x * wave.x);
  vec2 slope = -1.1 * wave.x * wall_here * wave.yz / k;
  float light = 0.72 + 0.22 * dot(slope, polar(1.0, 1.2 + TAU * r.y));
  vec3 tissue_colour = mix(palette(r.w, r) * 0.3, palette(r.w + 0.2, r) * 0.5 + 0.42,
      smoothstep(0.05, 0.9, wall_here));
  return tissue_colour * light * (1.05 - 0.2 * length(p)) + 0.08 * wall_here;
}
