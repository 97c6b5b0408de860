// SPDX-License-Identifier: Apache-2.0
// kind: stripes
// Harmonic stripes: stacks of wavering parallel lines that start and fade, like voices in a spectrogram.
#include "lib/noise.glsl"
#include "lib/palette.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  float sum = 0.03;
  for (int voice = 0; voice < 3; voice++) {
    vec4 h = more(r, voice + 1);
    float x = 1.5 * p.x + 20.0 * h.z + 0.1 * t;
    float pitch = (0.09 + 0.13 * h.x)
        * (1.0 + 0.6 * (line_noise(x, voice) - 0.5) + 0.015 * sin(25.0 * p.x * h.y));
    float height = 0.5 * (p.y + 1.02);
    float order = height / pitch;
    float line = exp(-40.0 * pitch * pow(abs(order - max(round(order), 1.0)), 2.0) / (0.01 + 0.03 * h.w));
    float loudness = smoothstep(0.3, 0.6, line_noise(2.2 * x, voice + 9));
    float formant = 0.3 + line_noise(4.0 * height + 3.0 * h.w, voice + 20);
    sum += line * loudness * formant * exp(-1.6 * height);
  }
  return ramp(1.1 * sum, r);
}
