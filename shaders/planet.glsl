// SPDX-License-Identifier: Apache-2.0
// kind: objects
// A planet: one rough ball, lit by a hard lamp from the side, black night around and behind.
// ground: black
// colour: grey
#include "lib/noise.glsl"
#include "lib/place.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  Place here = place(p, 0.3, 0.9, 440, r);
  vec4 h = more(r, 441);
  float high = 1.0 - dot(here.q, here.q);
  vec3 normal = vec3(here.q, sqrt(max(high, 0.0))), x = normal;
  x.xz = turn(x.xz, 0.2 * t);
  vec3 q = (1.5 + 4.0 * h.x) * x + 20.0 * r.xyz;
  float ground = noise(q) + 0.5 * noise(2.1 * q) + 0.25 * noise(4.3 * q) * h.y;
  float banded = h.z < 0.4 ? sin(9.0 * x.y + 2.0 * ground) : 1.5 * ground;
  vec3 sun = normalize(vec3(polar(1.0, TAU * h.w), 1.6 * r.w - 0.3));
  float light = max(dot(normal, sun) + 0.12 * ground, 0.0);
  return vec3(light * (0.65 + 0.35 * banded) * paint(length(here.q) - 1.0, here.grain));
}
