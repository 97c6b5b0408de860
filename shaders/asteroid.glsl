// SPDX-License-Identifier: Apache-2.0
// kind: objects
// An asteroid: one lump of stone with dents, half of it in the dark, alone on black.
// ground: black
// colour: grey
#include "lib/march.glsl"
#include "lib/noise.glsl"
#include "lib/place.glsl"

float scene(vec3 x, float t, vec4 r) {
  vec3 q = x * vec3(1.0, 1.0 + 0.8 * r.x, 1.0 + 0.4 * r.y);
  q.xz = turn(q.xz, 0.2 * t);
  float dents = noise(2.0 * q + 20.0 * r.yzw) + 0.4 * noise(4.6 * q + 9.0);
  return 0.6 * (length(q) - 0.72 + (0.12 + 0.3 * r.z) * dents);
}

vec3 pattern(vec2 p, float t, vec4 r) {
  Place here = place(p, 0.5, 1.05, 464, r);
  vec4 h = more(r, 465);
  if (dot(here.q, here.q) > 1.3) return vec3(0.0);
  Ray ray = camera(here.q, 3.4, 3.2, 0.0, 0.0);
  vec2 hit = march(ray, 2.2, 4.6, 12, t, r);
  if (hit.x >= 4.6) return vec3(0.0);
  vec3 normal = facing(ray.from + hit.x * ray.along, t, r);
  vec3 sun = normalize(vec3(polar(1.0, TAU * h.x), 0.2 - 1.2 * h.y));
  return vec3((0.6 + 0.4 * h.z) * pow(max(dot(normal, sun), 0.0), 0.6 + 0.8 * h.w));
}
