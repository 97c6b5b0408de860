// SPDX-License-Identifier: Apache-2.0
// kind: stripes
// Zebra: stripes bent by noise, with edges one pixel wide.
#include "lib/noise.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 q = turn(p, TAU * r.x);
  float phase = (4.0 + 7.0 * r.y) * (q.x + (0.2 + 0.35 * r.z) * fbm(1.3 * q + 150.0 * r.zw + 0.05 * t, 2));
  float wave = sin(TAU * phase * 0.5);
  float ink = smoothstep(-0.25, 0.25, wave + 0.5 * r.w - 0.25);
  return mix(palette(0.1 * phase, r) * 0.25, palette(0.5 + 0.1 * q.y, r) * 0.4 + 0.6, ink);
}
