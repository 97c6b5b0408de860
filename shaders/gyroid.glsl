// SPDX-License-Identifier: Apache-2.0
// kind: volume
// Inside a gyroid: the endless surface that parts space in two, thickened, its halls fading in mist.
#include "lib/march.glsl"
#include "lib/palette.glsl"
#include "lib/solid.glsl"

float scene(vec3 x, float t, vec4 r) {
  float sheet = abs(gyroid(4.0 * x) + 0.8 * (r.z - 0.5)) - 0.1 - 0.3 * r.w;
  return 0.16 * sheet;
}

vec3 pattern(vec2 p, float t, vec4 r) {
  Ray ray = camera(p, 0.0, 0.9 + 0.5 * r.y, TAU * r.x, 0.8 * (r.y - 0.5));
  ray.from = vec3(TAU * r.zw, 0.3 * t + TAU * r.x);
  vec2 hit = march(ray, 0.4, 8.0, 24, t, r);
  vec3 x = ray.from + hit.x * ray.along, normal = facing(x, t, r);
  float light = 0.2 + 0.5 * max(-dot(normal, ray.along), 0.0) + 0.35 * lamp(normal);
  float fog = exp(-0.22 * hit.x);
  vec3 wall_colour = palette(0.12 * (x.x + x.y) + 0.3 * gyroid(2.0 * x + 1.0) + r.w, r);
  return mix(ramp(0.3 + 0.3 * r.z, r), wall_colour * light, fog) + 0.05 * fog;
}
