// SPDX-License-Identifier: Apache-2.0
// kind: reaction
// Two fluids that part: fine domains of both, coarser from one side to the other, with sharp interfaces.
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  float fine = 0.5 + 0.5 * sin(1.4 * dot(p, polar(1.0, TAU * r.x)) + TAU * r.y);
  float sum = 0.0, weights = 0.0;
  for (int i = 0; i < 10; i++) {
    vec4 h = more(r, i + 1);
    float k = 7.0 + 2.6 * float(i);
    float off = float(i) / 9.0 - fine, weight = exp(-9.0 * off * off);
    sum += weight * cos(dot(p, polar(k, TAU * h.x)) + TAU * h.y + 0.2 * t)
        + weight * cos(dot(p, polar(k, TAU * h.z)) + TAU * h.w);
    weights += weight * weight;
  }
  float phase = tanh(1.6 * (sum / sqrt(weights) + 1.2 * (r.z - 0.5)));
  float skin = 1.0 - phase * phase;
  return diverge(0.5 + 0.42 * phase, r) * (0.9 + 0.1 * phase) + 0.22 * skin * palette(r.w, r);
}
