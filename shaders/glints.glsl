// SPDX-License-Identifier: Apache-2.0
// kind: glows
// Glints: bright points that the lens draws out into spikes of four or six rays, in the dark.
// ground: black
// colour: grey
#include "lib/hash.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec4 style = more(r, 560);
  int count = 3 + int(9.0 * style.x);
  float spikes = style.y < 0.5 ? 2.0 : 3.0, light = 0.0;
  for (int k = 0; k < count; k++) {
    vec4 h = more(r, 561 + k);
    vec2 x = turn(p - 0.95 * (2.0 * h.xy - 1.0), style.z + 0.05 * t);
    float size = (0.08 + 0.3 * h.z) * (1.0 + 0.3 * sin(2.0 * t + TAU * h.w)), radius = length(x);
    float across = abs(sin(spikes * bearing(x))) * radius / spikes;
    light += exp(-across / (0.008 + 0.006 * style.w) - radius / size) + 0.25 * exp(-2.0 * radius / size);
    light += 1.2 * exp(-radius * radius / (0.02 * size * size));
  }
  return vec3(1.0 - exp(-1.4 * light));
}
