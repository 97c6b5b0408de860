// SPDX-License-Identifier: Apache-2.0
// kind: volume
// A weathered boulder, or an asteroid: a ball that noise has dented, lit by one lamp.
#include "lib/march.glsl"
#include "lib/noise.glsl"
#include "lib/palette.glsl"
#include "lib/solid.glsl"

float scene(vec3 x, float t, vec4 r) {
  float dent = 0.5 * noise((1.3 + 1.5 * r.x) * x + 40.0 * r.yzw) + 0.12 * noise(5.0 * x + 9.0);
  return 0.7 * (ball(x * vec3(1.0, 1.0 + 0.5 * r.y, 1.0), 0.85) + (0.5 + 0.4 * r.z) * dent);
}

vec3 pattern(vec2 p, float t, vec4 r) {
  Ray ray = camera(p, 2.9, 2.0 + 0.5 * r.w, TAU * r.x + 0.3 * t, 0.5 * (r.z - 0.5));
  vec2 hit = march(ray, 1.6, 4.2, 11, t, r);
  vec3 sky = ramp(0.35 + 0.3 * p.y, r) * (1.0 - 0.25 * exp(-6.0 * hit.y));
  if (hit.x >= 4.2) return sky;
  vec3 x = ray.from + hit.x * ray.along, normal = facing(x, t, r);
  float light = max(dot(normal, normalize(vec3(0.5, 0.7, 0.2) - 0.5 * ray.along)), 0.0);
  vec3 rock = palette(r.w + 0.25 * length(x), r) * 0.6 + 0.12;
  return rock * (0.16 + 0.95 * light) * smoothstep(0.35, 0.85, length(x));
}
