// SPDX-License-Identifier: Apache-2.0
// kind: objects
// A spring: a wire wound about an axis, close or wide, seen from the side, on black.
// ground: black
// colour: grey
#include "lib/march.glsl"
#include "lib/place.glsl"

float scene(vec3 x, float t, vec4 r) {
  float winds = 2.5 + 5.0 * r.x, around = bearing(x.xz) / TAU;
  float up = (fract(winds * (x.y + 0.05 * sin(t)) / 1.6 - around + 0.5) - 0.5) * 1.6 / winds;
  float wire = length(vec2(length(x.xz) - 0.2 - 0.25 * r.y, up)) - 0.05 - 0.07 * r.z;
  return 0.6 * max(wire, abs(x.y) - 0.85);
}

vec3 pattern(vec2 p, float t, vec4 r) {
  Place here = place(p, 0.65, 1.15, 460, r);
  vec4 h = more(r, 461);
  Ray ray = camera(here.q, 3.4, 3.2, TAU * h.x + 0.2 * t, 1.2 * (h.y - 0.5));
  vec2 hit = march(ray, 2.3, 4.5, 40, t, r);
  if (hit.x >= 4.5) return vec3(0.0);
  vec3 normal = facing(ray.from + hit.x * ray.along, t, r);
  float light = max(dot(normal, normalize(0.35 * ray.from + vec3(0.8, 0.9, 0.3))), 0.0);
  return vec3((0.08 + 0.7 * light + 0.5 * pow(light, 10.0 + 20.0 * h.z)) * exp(-0.5 * max(hit.x - 3.0, 0.0)));
}
