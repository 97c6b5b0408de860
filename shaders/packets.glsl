// SPDX-License-Identifier: Apache-2.0
// kind: waves
// Wave packets that have met: hue is the phase of their sum, brightness its size, as of particles in a box.
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 sum = vec2(0.0);
  for (int k = 0; k < 5; k++) {
    vec4 h = more(r, k + 1);
    vec2 centre = 1.6 * (h.xy - 0.5), offset = p - centre;
    float angle = TAU * h.z, width = 0.3 + 0.35 * h.w;
    float phase = (6.0 + 14.0 * r.x) * dot(offset, polar(1.0, angle)) - t * (1.0 + h.z);
    sum += polar(exp(-dot(offset, offset) / (width * width)), phase);
  }
  float size = length(sum);
  vec3 wheel = r.y < 0.5 ? hsv(bearing(sum) / TAU, 0.5 + 0.4 * r.z, 1.0)
      : palette(bearing(sum) / TAU, r) + 0.15;
  return mix(ramp(0.08, r) + 0.04, wheel, 1.0 - exp(-(1.2 + r.w) * size * size));
}
