// SPDX-License-Identifier: Apache-2.0
// kind: objects
// A die: one block with rounded edges and hollow pips, in a hard light, on black.
// ground: black
#include "lib/march.glsl"
#include "lib/palette.glsl"
#include "lib/place.glsl"
#include "lib/solid.glsl"

float scene(vec3 x, float t, vec4 r) {
  float soft = 0.02 + 0.15 * r.y;
  float block = brick(x, vec3(0.6) - soft) - soft;
  vec3 size = abs(x), face = size.x > max(size.y, size.z) ? x.yzx : size.y > size.z ? x.zxy : x;
  vec2 pip = r.x < 0.3 ? face.xy : vec2(abs(face.x) - 0.3, r.x < 0.7 ? abs(face.y) - 0.3 : face.y);
  return max(block, 0.14 - length(vec3(pip, abs(face.z) - 0.62)));
}

vec3 pattern(vec2 p, float t, vec4 r) {
  Place here = place(p, 0.6, 1.1, 442, r);
  vec4 h = more(r, 443);
  Ray ray = camera(here.q, 3.4, 3.0, TAU * h.x + 0.2 * t, 1.4 * (h.y - 0.5));
  vec2 hit = march(ray, 2.2, 4.7, 28, t, r);
  if (hit.x >= 4.7) return vec3(0.0);
  vec3 normal = facing(ray.from + hit.x * ray.along, t, r);
  vec3 lamp_at = normalize(0.4 * ray.from + vec3(0.9, 1.2, 0.5));
  return hsv(r.z, 0.9 * r.w, 1.0) * (0.06 + 0.94 * max(dot(normal, lamp_at), 0.0));
}
