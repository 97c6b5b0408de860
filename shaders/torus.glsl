// SPDX-License-Identifier: Apache-2.0
// A twisted torus, its distance field marched along each ray (Hart, Sphere tracing, 1996).
#include "lib/palette.glsl"
#include "lib/plane.glsl"
#include "lib/shape.glsl"

float scene(vec3 x, vec4 r, float t) {
  float angle = atan(x.z, x.x);
  vec2 section = vec2(length(x.xz) - 0.75, x.y);
  section = turn(section, angle * (0.5 * floor(1.0 + 4.0 * r.x)) + t);
  return 0.7 * (box(section, 0.05 + vec2(0.3, 0.1) * (0.4 + 0.6 * r.yz)) - 0.05);
}

vec3 pattern(vec2 p, float t, vec4 r) {
  float pitch = 0.3 + 1.0 * r.w, yaw = TAU * r.z;
  vec3 from = vec3(0.0, 0.0, -2.6), ray = normalize(vec3(p, 1.9));
  from.yz = turn(from.yz, pitch);
  ray.yz = turn(ray.yz, pitch);
  from.xz = turn(from.xz, yaw);
  ray.xz = turn(ray.xz, yaw);
  float far = 1.3;
  float gap = 1.0, nearest = 1.0;
  for (int i = 0; i < 22 && far < 4.2; i++) {
    gap = scene(from + far * ray, r, t);
    nearest = min(nearest, gap);
    if (gap < 0.004) break;
    far += gap;
  }
  vec3 ground = palette(r.y + 0.2 * p.y, r) * (0.75 - 0.3 * length(p));
  if (gap > 0.02) return ground * (1.0 - 0.4 * exp(-9.0 * nearest));
  vec3 x = from + far * ray;
  vec2 e = vec2(0.003, 0.0);
  float here = scene(x, r, t);
  vec3 normal = normalize(vec3(scene(x + e.xyy, r, t), scene(x + e.yxy, r, t), scene(x + e.yyx, r, t)) - here);
  float light = 0.5 + 0.5 * dot(normal, normalize(vec3(0.5, 0.8, -0.3)));
  return palette(r.y + 0.4 + atan(x.z, x.x) / TAU, r) * (0.2 + 0.85 * light) + 0.3 * pow(light, 20.0);
}
