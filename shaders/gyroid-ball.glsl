// SPDX-License-Identifier: Apache-2.0
// kind: objects
// A ball of walls: what a gyroid leaves of a sphere or a block, one hard light from above, on black.
// ground: black
// colour: grey
#include "lib/march.glsl"
#include "lib/place.glsl"
#include "lib/solid.glsl"

float scene(vec3 x, float t, vec4 r) {
  float scale = 4.0 + 9.0 * r.x, wall = (abs(gyroid(scale * x + t)) - 0.15 - 0.5 * r.y) / scale;
  return 0.65 * max(wall, r.z < 0.6 ? ball(x, 0.9) : brick(x, vec3(0.6)));
}

vec3 pattern(vec2 p, float t, vec4 r) {
  Place here = place(p, 0.45, 0.95, 462, r);
  vec4 h = more(r, 463);
  Ray ray = camera(here.q, 3.4, 3.0, TAU * h.x, 1.4 * (h.y - 0.5));
  vec2 hit = march(ray, 2.3, 4.5, 34, t, r);
  if (hit.x >= 4.5) return vec3(0.0);
  vec3 x = ray.from + hit.x * ray.along;
  float light = max(dot(facing(x, t, r), normalize(0.3 * ray.from + vec3(0.5, 1.2, 0.3))), 0.0);
  return vec3((0.04 + 0.9 * light) * (0.35 + 0.65 * smoothstep(0.2, 0.9, length(x))));
}
