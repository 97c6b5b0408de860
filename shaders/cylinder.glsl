// SPDX-License-Identifier: Apache-2.0
// kind: flow
// Streamlines round a cylinder: the flow z + 1/z with circulation, speed as colour (Milne-Thomson, 1938).
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  float size = 0.22 + 0.3 * r.x;
  vec2 z = turn(p - 0.5 * (r.zw - 0.5), TAU * r.y) / size;
  float circulation = 3.5 * (r.z - 0.5);
  float radius = length(z);
  vec2 potential = z + invert(z) * vec2(1.0, -1.0) - circulation * vec2(bearing(z), -log(max(radius, 1e-3)));
  // Its derivative is the speed: 1 - 1/z² - iΓ/z.
  vec2 back = over(vec2(1.0, 0.0), z);
  float speed = length(vec2(1.0, 0.0) - square(back) - circulation * vec2(-back.y, back.x));
  float lines = 0.5 + 0.5 * cos(TAU * (1.2 + 1.6 * r.w) * potential.y);
  float beads = 0.5 + 0.5 * cos(2.0 * potential.x - 2.0 * t);
  vec3 water = palette(0.25 * speed + r.w, r) * (0.5 + 0.35 * lines + 0.12 * lines * beads);
  float light = 0.6 + 0.4 * dot(z, vec2(-0.5, 0.6));
  vec3 body = palette(r.w + 0.5, r) * 0.5 * light + 0.3 * light * light;
  return mix(body, water, smoothstep(1.0 - 3.0 * pixel, 1.0 + 3.0 * pixel, radius) * 0.92 + 0.04);
}
