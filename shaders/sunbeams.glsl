// SPDX-License-Identifier: Apache-2.0
// kind: light
// Sunbeams that fan out through gaps in clouds, softer the farther they reach.
#include "lib/noise.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 sun = vec2(1.6 * (r.x - 0.5), 0.6 + 0.5 * r.y), away = p - sun;
  float radius = length(away), angle = bearing(away.yx * vec2(-1.0, 1.0));
  float beam = 0.0;
  for (int k = 0; k < 3; k++) {
    float f = 5.0 + 6.0 * float(k);
    beam += line_noise(f * angle + 40.0 * r.z + 0.1 * t * float(1 - k), k + 3) / float(k + 1);
  }
  beam = smoothstep(0.6, 1.35, beam) * exp(-0.8 * radius);
  float cloud = smoothstep(-0.2, 0.5, fbm(vec2(1.2, 2.0) * p + 60.0 * r.zw, 3) + 0.8 * (p.y - 0.35));
  float halo = exp(-3.0 * radius);
  vec3 air = mix(ramp(0.3, r), ramp(0.55, r), 0.5 - 0.5 * p.y);
  vec3 lit = air + (0.85 * beam + 0.5 * halo) * (0.4 + 0.6 * palette(r.w, r));
  return mix(lit, ramp(0.2 + 0.6 * halo, r) + 0.25 * halo, 0.8 * cloud);
}
