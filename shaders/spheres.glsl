// SPDX-License-Identifier: Apache-2.0
// kind: volume
// Spheres: an endless field of balls on a lattice, seen in perspective, ray-traced in closed form per layer.
#include "lib/hash.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec3 ray = normalize(vec3(turn(p, TAU * r.x), 1.3 + r.y));
  vec3 colour = ramp(0.12, r);
  for (int layer = 7; layer >= 1; layer--) {
    float depth = float(layer) - 0.4 * fract(0.2 * t);
    vec2 hit = ray.xy / ray.z * depth + 30.0 * r.zw;  // where the ray meets the layer of centres
    ivec2 cell = ivec2(floor(hit));
    vec3 h = hash3(cell, layer);
    float radius = 0.2 + 0.25 * h.z;
    vec2 offset = hit - vec2(cell) - 0.5 - (0.5 - radius) * (2.0 * h.xy - 1.0);
    float inside = radius * radius - dot(offset, offset);
    vec3 normal = vec3(offset, -sqrt(max(inside, 0.0))) / radius;
    float light = 0.25 + 0.75 * max(dot(normal, vec3(-0.48, 0.64, -0.6)), 0.0);
    float fog = exp(-0.22 * depth);
    vec3 ball = mix(ramp(0.12, r), palette(h.x + 0.2 * h.y, r) * light + 0.4 * pow(light, 16.0), fog);
    colour = mix(colour, ball, clamp(inside / (2.0 * radius * depth * pixel), 0.0, 1.0));
  }
  return colour;
}
