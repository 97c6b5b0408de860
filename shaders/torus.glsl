// SPDX-License-Identifier: Apache-2.0
// kind: volume
// A twisted torus, its distance field marched along each ray.
#include "lib/march.glsl"
#include "lib/palette.glsl"
#include "lib/shape.glsl"

float scene(vec3 x, float t, vec4 r) {
  vec2 section = vec2(length(x.xz) - 0.75, x.y);
  section = turn(section, bearing(x.xz) * (0.5 * floor(1.0 + 4.0 * r.x)) + t);
  return 0.7 * (box(section, 0.05 + vec2(0.3, 0.1) * (0.4 + 0.6 * r.yz)) - 0.05);
}

vec3 pattern(vec2 p, float t, vec4 r) {
  Ray ray = camera(p, 2.6, 1.9, TAU * r.z, 0.3 + r.w);
  vec2 hit = march(ray, 1.3, 4.2, 20, t, r);
  vec3 ground = palette(r.y + 0.2 * p.y, r) * (0.75 - 0.3 * length(p));
  if (hit.x >= 4.2) return ground * (1.0 - 0.4 * exp(-9.0 * hit.y));
  vec3 x = ray.from + hit.x * ray.along, normal = facing(x, t, r);
  float light = max(0.5 + 0.5 * dot(normal, normalize(vec3(0.5, 0.8, -0.3))), 0.0);
  return palette(r.y + 0.4 + bearing(x.xz) / TAU, r) * (0.2 + 0.85 * light) + 0.3 * pow(light, 20.0);
}
