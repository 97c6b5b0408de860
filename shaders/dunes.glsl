// SPDX-License-Identifier: Apache-2.0
// kind: stripes
// Dunes: slanted ripples of sand with a lit side and a shadowed side.
#include "lib/noise.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"

// A wave that climbs slowly and falls steeply.
float dune(vec2 p, vec4 r) {
  float phase = (1.0 + 1.8 * r.y) * p.x + (0.8 + 1.2 * r.z) * fbm(vec2(0.9, 0.5) * p + 80.0 * r.zw, 2);
  float x = fract(phase);
  return smoothstep(0.0, 0.78, x) * (1.0 - smoothstep(0.78, 1.0, x)) / (1.0 + 1.8 * r.y);
}

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 q = turn(p, TAU * r.x) + 0.02 * t;
  float here = dune(q, r);
  float slope = (dune(q + vec2(0.03, 0.0), r) - here) / 0.03;
  float ripple = 0.04 * sin(70.0 * q.x + 12.0 * noise(2.0 * q));
  return ramp(clamp(0.4 + 0.16 * slope + 0.5 * here + ripple, 0.0, 1.0), r);
}
