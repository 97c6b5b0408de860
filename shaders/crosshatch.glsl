// SPDX-License-Identifier: Apache-2.0
// kind: rough
// Cross-hatching: fine hard lines in one direction where it is light, in up to four where it is darker.
// colour: grey
#include "lib/noise.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec4 h = more(r, 620);
  float lines = 16.0 + 34.0 * h.x, tone = 0.55 + 0.75 * fbm((0.7 + 1.5 * h.y) * p + 50.0 * r.xy + 0.1 * t, 3);
  tone += r.z < 0.4 ? 0.3 * sin((2.0 + 4.0 * h.w) * length(p - r.xw + 0.5) - t) : 0.0;
  float paper = 1.0;
  for (int k = 0; k < 4; k++) {
    vec2 q = turn(p, TAU * h.z + 0.785 * float(k)) + 0.01 * noise(6.0 * p + 9.0 * float(k));
    float width = 0.15 + 0.5 * clamp(0.9 - 0.22 * float(k) - tone, 0.0, 0.6);
    bool inked = tone < 0.95 - 0.22 * float(k) && fract(lines * q.x) < width;
    paper = inked ? 0.04 : paper;
  }
  return vec3(paper == 1.0 ? 0.96 : paper);
}
