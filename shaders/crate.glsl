// SPDX-License-Identifier: Apache-2.0
// kind: objects
// A crate: the bars along the edges of a box, one box within another, on black.
// ground: black
#include "lib/march.glsl"
#include "lib/palette.glsl"
#include "lib/place.glsl"

// The bars along the edges of a box.
float bars(vec3 x, vec3 half_size, float thick) {
  vec3 q = abs(x) - half_size, b = abs(q + thick) - thick;
  vec3 edges = vec3(length(max(vec3(q.x, b.yz), 0.0)), length(max(vec3(b.x, q.y, b.z), 0.0)),
      length(max(vec3(b.xy, q.z), 0.0)));
  return min(edges.x, min(edges.y, edges.z));
}

float scene(vec3 x, float t, vec4 r) {
  vec3 half_size = 0.35 + 0.3 * vec3(r.x, r.y, r.z);
  float outer = bars(x, half_size, 0.03 + 0.05 * r.w);
  x.xz = turn(x.xz, 0.3 * t);
  return min(outer, r.w < 0.5 ? bars(x, 0.5 * half_size, 0.03) : 9.0);
}

vec3 pattern(vec2 p, float t, vec4 r) {
  Place here = place(p, 0.6, 1.1, 480, r);
  vec4 h = more(r, 481);
  Ray ray = camera(here.q, 3.4, 3.0, TAU * h.x + 0.15 * t, 1.6 * (h.y - 0.5));
  vec2 hit = march(ray, 2.2, 4.8, 36, t, r);
  if (hit.x >= 4.8) return vec3(0.0);
  vec3 normal = facing(ray.from + hit.x * ray.along, t, r);
  vec3 own = hsv(h.z, 0.8 * h.w, 1.0) * (0.35 + 0.65 * abs(normal));
  return own * dot(abs(normal), vec3(0.5, 0.95, 0.25)) * exp(-0.6 * max(hit.x - 3.0, 0.0));
}
