// SPDX-License-Identifier: Apache-2.0
// kind: volume
// A canyon land from the air: a height field crossed in growing steps, with strata in its walls, and haze.
#include "lib/camera.glsl"
#include "lib/noise.glsl"
#include "lib/palette.glsl"

float height_of(vec2 p, vec4 r) {
  float h = noise(0.55 * p + 70.0 * r.xy) + 0.4 * noise(1.4 * p + 20.0);
  float terrace = 3.0 * h;
  return 0.55 * mix(h, (floor(terrace) + smoothstep(0.55, 0.95, fract(terrace))) / 3.0, 0.3 + 0.65 * r.z)
      + 0.05 * noise(4.0 * p);
}

vec3 pattern(vec2 p, float t, vec4 r) {
  Ray ray = camera(p - vec2(0.0, 0.55), 0.0, 1.3, TAU * r.w, 0.28 + 0.25 * r.y);
  ray.from = vec3(0.0, 1.15, 0.5 * t);
  float gone = 0.5, before = 0.0, above = 1.0, above_before = 1.0;
  for (int i = 0; i < 20; i++) {
    vec3 x = ray.from + gone * ray.along;
    above_before = above;
    above = x.y - height_of(x.xz, r);
    if (above < 0.0) break;
    before = gone;
    gone += max(0.5 * above, 0.05 * gone);
  }
  vec3 sky = mix(ramp(0.95, r), ramp(0.5, r), clamp(0.7 * p.y + 0.2, 0.0, 1.0));
  if (above >= 0.0) return sky;
  gone = mix(before, gone, above_before / (above_before - above));  // the secant's zero
  vec3 x = ray.from + gone * ray.along;
  float here = height_of(x.xz, r), e = 0.03 + 0.01 * gone;
  vec2 slope = (vec2(height_of(x.xz + vec2(e, 0.0), r), height_of(x.xz + vec2(0.0, e), r)) - here) / e;
  float light = 0.35 + 0.65
      * clamp(dot(normalize(vec3(-slope.x, 1.0, -slope.y)), vec3(0.5, 0.7, 0.5)), 0.0, 1.0);
  float strata = line_noise(14.0 * here + 0.3 * noise(x.xz), 3);
  vec3 rock = palette(r.z + 0.25 * strata + 0.2 * here, r) * 0.5 + vec3(0.22, 0.16, 0.1);
  return mix(sky, rock * light * (0.8 + 0.35 * strata), exp(-0.16 * gone));
}
