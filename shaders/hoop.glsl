// SPDX-License-Identifier: Apache-2.0
// kind: objects
// A hoop: one torus in space, thick or thin, ribbed or smooth, shining, on black.
// ground: black
#include "lib/march.glsl"
#include "lib/palette.glsl"
#include "lib/place.glsl"

float scene(vec3 x, float t, vec4 r) {
  float ribs = floor(24.0 * r.y), ring = length(x.xz) - 0.7;
  float rib = r.x < 0.5 ? 0.04 * sin(ribs * bearing(x.xz) + 2.0 * bearing(vec2(ring, x.y)) + t) : 0.0;
  return 0.8 * (length(vec2(ring, x.y)) - 0.08 - 0.2 * r.z - rib);
}

vec3 pattern(vec2 p, float t, vec4 r) {
  Place here = place(p, 0.45, 0.95, 444, r);
  vec4 h = more(r, 445);
  Ray ray = camera(here.q, 3.4, 3.2, TAU * h.x, 0.2 + 1.3 * h.y);
  vec2 hit = march(ray, 2.2, 4.6, 26, t, r);
  if (hit.x >= 4.6) return vec3(0.0);
  vec3 normal = facing(ray.from + hit.x * ray.along, t, r);
  vec3 sun = normalize(vec3(cos(TAU * h.z + 0.3 * t), 0.9, sin(TAU * h.z + 0.3 * t)));
  float shine = pow(max(dot(reflect(ray.along, normal), sun), 0.0), 6.0 + 40.0 * h.w);
  return hsv(r.w, 0.85 * h.w, 0.85) * max(0.05, dot(normal, sun)) + 0.6 * shine;
}
