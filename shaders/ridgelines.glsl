// SPDX-License-Identifier: Apache-2.0
// kind: stripes
// Ridgelines: profile before profile, each hiding what lies behind it, like the traces of a pulsar.
#include "lib/noise.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  float lines = 7.0 + floor(9.0 * r.x), gap = 2.0 / lines, high = 0.25 + 0.35 * r.y;
  float line_light = 0.0, below = 0.0, row_seen = 0.0;
  // From the nearest profile, lowest in the picture, to the farthest that could still reach this height.
  float first = floor((p.y + 1.1) / gap) + 1.0;
  for (int k = 0; k < 7; k++) {
    float row = first - float(k), base = row * gap - 1.1, x = p.x + 0.02 * row;
    float off = x - 0.3 * sin(0.7 * row + TAU * r.w), hill = exp(-(3.0 + 4.0 * r.z) * off * off);
    float trace = 0.6 * line_noise(6.0 * x + 9.0 * r.w, int(row) + 40);
    trace += 0.4 * line_noise(15.0 * x, int(row) + 90);
    float d = p.y - base - high * hill * (trace + 0.05 * sin(t + row)) * 0.8;
    float line = 1.0 - smoothstep(0.004, 4.0 * pixel + 0.008, abs(d));
    line_light = mix(line_light, 1.0, k == 0 ? 0.0 : line);
    if (d < 0.0) {  // inside this profile: it hides what was found behind
      line_light = line;
      row_seen = row;
      below = -d;
    }
  }
  vec3 ground = ramp(0.04 + 0.25 * exp(-5.0 * below) * r.z, r);
  return mix(ground, palette(0.03 * row_seen + r.w, r) * 0.5 + 0.5, line_light);
}
