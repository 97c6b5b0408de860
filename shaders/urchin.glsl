// SPDX-License-Identifier: Apache-2.0
// kind: objects
// An urchin: a ball whose spines stand out in all directions, long or short, on black.
// ground: black
#include "lib/march.glsl"
#include "lib/palette.glsl"
#include "lib/place.glsl"

float scene(vec3 x, float t, vec4 r) {
  float rows = 5.0 + floor(5.0 * r.x), radius = length(x) + 1e-4;
  float down = acos(clamp(x.y / radius, -1.0, 1.0)), ring = (floor(rows * down / PI) + 0.5) / rows;
  float around = max(floor(2.0 * rows * sin(PI * ring)), 1.0);
  float spine = (fract(around * bearing(x.xz) / TAU + 0.1 * t) - 0.5) / around * TAU;
  vec2 away = radius * vec2(down - PI * ring, spine * sin(PI * ring));
  float reach = 0.8 + 0.15 * r.z, thick = 0.14 * (reach - radius) * (0.5 + r.w);
  return 0.45 * min(radius - 0.3 - 0.25 * r.y, max(length(away) - thick, radius - reach));
}

vec3 pattern(vec2 p, float t, vec4 r) {
  Place here = place(p, 0.55, 1.05, 468, r);
  vec4 h = more(r, 469);
  Ray ray = camera(here.q, 3.4, 3.2, TAU * h.x + 0.2 * t, 1.4 * (h.y - 0.5));
  vec2 hit = march(ray, 2.3, 4.5, 30, t, r);
  if (hit.x >= 4.5) return vec3(0.0);
  vec3 x = ray.from + hit.x * ray.along;
  float light = 0.1 + 0.9 * max(dot(facing(x, t, r), normalize(0.3 * ray.from + vec3(0.6, 1.0, 0.3))), 0.0);
  return hsv(h.z + 0.25 * length(x), 0.8 * h.w, 0.4 + 0.6 * length(x)) * light;
}
