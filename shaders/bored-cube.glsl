// SPDX-License-Identifier: Apache-2.0
// kind: objects
// A cube bored through again and again, as Menger did in 1926, in two colours of light, on black.
// ground: black
#include "lib/march.glsl"
#include "lib/palette.glsl"
#include "lib/place.glsl"
#include "lib/solid.glsl"

float scene(vec3 x, float t, vec4 r) {
  float d = brick(x, vec3(0.62)), scale = 1.0 / 0.62;
  int levels = 1 + int(3.0 * r.x);
  for (int k = 0; k < levels; k++) {
    vec3 a = abs(1.0 - 3.0 * abs(mod(x * scale + 1.0, 2.0) - 1.0));
    scale *= 3.0;
    vec3 b = max(a, a.yzx);
    d = max(d, (min(b.x, min(b.y, b.z)) - 0.7 - 0.5 * r.y) / scale);
  }
  return d;
}

vec3 pattern(vec2 p, float t, vec4 r) {
  Place here = place(p, 0.45, 0.95, 466, r);
  vec4 h = more(r, 467);
  Ray ray = camera(here.q, 3.4, 2.9, TAU * h.x + 0.2 * t, 0.2 + h.y);
  vec2 hit = march(ray, 2.2, 4.8, 30, t, r);
  if (hit.x >= 4.8) return vec3(0.0);
  vec3 normal = facing(ray.from + hit.x * ray.along, t, r);
  vec2 lit = max(vec2(dot(normal, normalize(vec3(0.3, 0.8, -0.5))), dot(normal, vec3(-0.9, 0.1, -0.4))), 0.0);
  return hsv(r.z, 0.8 * r.w, 1.0) * lit.x + hsv(r.z + 0.4, 0.8 * r.w, 0.6) * lit.y + 0.02;
}
