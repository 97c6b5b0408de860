// SPDX-License-Identifier: Apache-2.0
// kind: reaction
// Stripes with faults: a grating in which lines end and fork, as on fish and on sand, with a lit relief.
#include "lib/noise.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 q = turn(p, TAU * r.x) + 0.07 * vec2(noise(2.0 * p + 30.0 * r.yz), noise(2.0 * p + 77.0));
  float phase = (12.0 + 18.0 * r.y) * q.x + 2.5 * noise(0.9 * q + 50.0 * r.wz) + 0.4 * t;
  float calm = 1.0;
  for (int k = 0; k < 10; k++) {
    vec4 h = more(r, k + 1);
    vec2 offset = q - 1.3 * (2.0 * h.xy - 1.0);
    phase += (h.z < 0.5 ? 1.0 : -1.0) * bearing(offset);
    calm *= 1.0 - exp(-dot(offset, offset) * 500.0);  // the pattern is blank in a fault's core
  }
  float wave = sin(phase) * calm, belly = smoothstep(-1.1, 0.6, p.y + 0.3 * sin(2.0 * p.x + TAU * r.z));
  float band = smoothstep(-0.35, 0.35, wave + 0.4 * (r.w - 0.5));
  vec3 light_band = mix(palette(r.w, r), vec3(0.95, 0.9, 0.75), 0.5),
      dark_band = palette(r.w + 0.35, r) * 0.3;
  return mix(light_band, dark_band, band * (0.4 + 0.6 * belly)) * (0.9 + 0.12 * cos(phase));
}
