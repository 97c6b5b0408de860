// SPDX-License-Identifier: Apache-2.0
// kind: stripes
// Turned metal or a record: fine concentric grooves that gather the light in opposed fans.
#include "lib/noise.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 q = p - 0.5 * (r.xy - 0.5);
  float radius = length(q), angle = bearing(q);
  float groove = 0.5 * sin((70.0 + 50.0 * r.z) * radius) * (1.0 - smoothstep(0.8, 2.0, 240.0 * pixel))
      + 0.5 * (2.0 * line_noise(40.0 * radius, 5) - 1.0);
  float track = smoothstep(0.25, 0.75, line_noise(6.0 * radius + 9.0 * r.z, 8));
  float fan = 0.0;
  for (int k = 0; k < 3; k++) {
    vec4 h = more(r, k + 1);
    float turned = cos(angle - TAU * h.x - 0.2 * t + 0.06 * groove);
    fan += (0.4 + 0.6 * h.y) * exp((12.0 + 30.0 * h.z) * (turned * turned - 1.0));
  }
  vec3 body = r.w < 0.5 ? ramp(0.08 + 0.06 * track, r) : palette(r.z, r) * 0.35 + 0.12;
  vec3 shine = mix(vec3(0.9), palette(0.8 * radius + r.w + 0.3 * fan, r) + 0.2, 0.5 + 0.4 * r.z);
  float label = 1.0 - smoothstep(0.24, 0.24 + 2.0 * pixel, radius);
  float hole = 1.0 - smoothstep(0.025, 0.03, radius);
  vec3 disc = body * (0.85 + 0.3 * groove) + 0.6 * fan * shine * (0.7 + 0.3 * groove) * (0.6 + 0.4 * track);
  return mix(mix(disc, palette(r.w + 0.4, r) * (0.75 + 0.2 * fan), label), vec3(0.04), hole);
}
