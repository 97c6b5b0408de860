// SPDX-License-Identifier: Apache-2.0
// kind: tiling
// A checkered floor running to the horizon, its squares averaged over each pixel so that none flickers.
#include "lib/palette.glsl"
#include "lib/plane.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 q = turn(p, 0.7 * (r.x - 0.5));
  float below = 0.15 + 0.5 * r.y - q.y;  // distance under the horizon
  float depth = (0.8 + r.z) / max(below, 1e-3);
  vec2 floor_place = turn(vec2(q.x * depth * 1.2, depth + 0.3 * t), TAU * r.w) * 1.5;
  float width = 2.0 * pixel * depth * (1.0 + depth);
  float parity = square_wave(floor_place.x, width) * square_wave(floor_place.y, width);
  vec3 tile = mix(palette(r.z, r) * 0.4, palette(r.z + 0.45, r) * 0.5 + 0.5, 0.5 + 0.5 * parity);
  vec3 sky = ramp(0.75 + 0.35 * below, r);
  return mix(sky, mix(sky, tile, exp(-0.05 * depth)), paint(-below, pixel));
}
