// SPDX-License-Identifier: Apache-2.0
// kind: lines
// Contour lines of a landscape: thin dark lines at equal steps of height on white paper.
// ground: white
// colour: grey
#include "lib/noise.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec4 h = more(r, 196);
  float scale = 0.7 + 1.5 * h.x, levels = 3.0 + 5.0 * h.y;
  vec2 q = scale * p + 70.0 * r.xy;
  vec3 hill = noise_slope(q + 0.03 * t) + 0.4 * noise_slope(2.1 * q + 9.0) * vec3(1.0, 2.1, 2.1);
  float level = levels * hill.x, steep = levels * scale * length(hill.yz) + 1e-3;
  float away = abs(fract(level + 0.5) - 0.5) / steep, bold = mod(floor(level + 0.5), 5.0) < 0.5 ? 2.2 : 1.0;
  float width = bold * (0.004 + 0.006 * h.z);
  float dark = clamp(0.5 + (width - away) / pixel, 0.0, 1.0) * min(1.0, 8.0 * steep * 0.05);
  return vec3(1.0 - (0.7 + 0.28 * h.w) * dark);
}
