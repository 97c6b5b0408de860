// SPDX-License-Identifier: Apache-2.0
// kind: waves
// Electron clouds: hydrogen-like orbitals, lobes of two signs parted by rings and rays of zero.
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 q = 1.15 * turn(p, TAU * r.x + 0.1 * t) / (0.7 + 0.5 * r.w);
  float radius = length(q), n = 1.0 + floor(5.0 * r.y), nodes = 1.0 + floor(3.0 * r.z);
  float lobes = cos(n * bearing(q));
  float shells = cos(PI * (nodes + 0.5) * radius) * exp(-2.2 * radius * radius);
  float inner = pow(min(2.6 * radius, 1.0), n) * lobes * shells;
  vec2 tilted = turn(q, PI / n + 0.3 * t);
  float outer = cos((n + 1.0) * bearing(tilted)) * exp(-16.0 * (radius - 0.85) * (radius - 0.85));
  float wave = 1.3 * inner + 0.45 * outer;
  vec3 sign_colour = palette(wave > 0.0 ? r.w : r.w + 0.5, r);
  float cloud = 1.0 - exp(-3.5 * abs(wave));
  return mix(ramp(0.1 + 0.12 * p.y, r) + 0.03, sign_colour * 0.8 + 0.2 * cloud, cloud);
}
