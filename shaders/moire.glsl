// SPDX-License-Identifier: Apache-2.0
// kind: stripes
// Moiré: two fine gratings of lines or rings, slightly unlike, laid over each other.
#include "lib/palette.glsl"
#include "lib/plane.glsl"

// Either rings or lines, bent a little.
float grating(vec2 p, float kind, float frequency, vec2 bend) {
  float phase = kind < 0.5 ? length(p) : p.x + 0.08 * sin(dot(p, 4.0 * bend));
  return 0.5 + 0.5 * cos(frequency * phase);
}

vec3 pattern(vec2 p, float t, vec4 r) {
  vec4 q = more(r, 1);
  float frequency = 30.0 + 50.0 * r.x;
  vec2 shift = 0.35 * cos(TAU * q.xy + 0.3 * t);
  float first = grating(turn(p, TAU * q.w) - shift, r.y, frequency, q.xy);
  float other = grating(turn(p, TAU * q.w + 0.25 * q.z) + shift, r.z, frequency * (0.9 + 0.2 * r.w), q.zw);
  return ramp(first * other, r);
}
