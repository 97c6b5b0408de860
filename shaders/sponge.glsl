// SPDX-License-Identifier: Apache-2.0
// kind: volume
// A sponge of cubes: a box bored through along its axes, and again at a third of the size (Menger, 1926).
#include "lib/march.glsl"
#include "lib/palette.glsl"
#include "lib/solid.glsl"

float scene(vec3 x, float t, vec4 r) {
  float d = brick(x, vec3(1.0)), size = 1.0, bore = 0.26 + 0.14 * r.z;
  for (int i = 0; i < 3; i++) {
    vec3 a = abs(mod(x * size + 1.0, 2.0) - 1.0);  // in each cube its three bores cross in the middle
    float nearest_axis = min(max(a.x, a.y), min(max(a.y, a.z), max(a.z, a.x)));
    d = max(d, (bore - nearest_axis) / size);
    size *= 3.0;
  }
  return d;
}

vec3 pattern(vec2 p, float t, vec4 r) {
  Ray ray = camera(p, 3.6 - 1.4 * r.x, 1.6, TAU * r.y + 0.2 * t, 0.25 + 0.7 * r.w);
  vec2 hit = march(ray, 0.5, 6.0, 24, t, r);
  vec3 ground = ramp(0.75 - 0.3 * length(p) + 0.15 * p.y, r);
  if (hit.x >= 6.0) return ground * (1.0 - 0.35 * exp(-9.0 * hit.y));
  vec3 x = ray.from + hit.x * ray.along, normal = facing(x, t, r);
  float depth = max(abs(x.x), max(abs(x.y), abs(x.z)));
  return palette(0.5 * depth + 0.12 * x.y + r.w, r) * lamp(normal) * (0.35 + 0.75 * depth * depth);
}
