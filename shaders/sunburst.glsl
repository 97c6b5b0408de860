// SPDX-License-Identifier: Apache-2.0
// kind: stripes
// Two bursts of rays from near centres: their crossings draw curves that neither of them holds.
#include "lib/palette.glsl"
#include "lib/plane.glsl"

float burst(vec2 p, float rays, float twist, float phase) {
  float radius = length(p), fine = 2.0 * rays / (radius + 1e-3) * pixel;
  return cos(rays * bearing(p) + twist * radius + phase) * (1.0 - smoothstep(1.2, 3.0, fine));
}

vec3 pattern(vec2 p, float t, vec4 r) {
  vec4 h = more(r, 1);
  float rays = 8.0 + floor(20.0 * r.x);
  vec2 apart = polar(0.06 + 0.25 * r.y, TAU * h.x), middle = 0.7 * (h.yz - 0.5);
  float one = burst(p - middle - apart, rays, 9.0 * (r.z - 0.5), t);
  float other = burst(p - middle + apart, rays, -9.0 * (r.z - 0.5) * floor(2.0 * h.w), -0.5 * t);
  float light = 0.5 + 0.25 * (one + other);
  float beat = one * other;
  return scheme(0.45 * light + 0.1 * beat + 0.25 * length(p - middle) + r.w, r) * (0.45 + 0.6 * light);
}
