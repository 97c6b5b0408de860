// SPDX-License-Identifier: Apache-2.0
// kind: kaleidoscope
// A rose window: glass of glowing colours between bars of stone, ring outside ring, lit from behind.
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  float radius = length(p), n = 4.0 + floor(5.0 * r.x), bars = 9.0;
  float light = exp(-1.2 * length(p - 0.5 * cos(vec2(0.3 * t, 0.3 * t + 1.57)))), pane = 0.0;
  for (int k = 0; k < 5; k++) {
    vec4 h = more(r, k + 1);
    float inner = 0.19 * float(k), middle = inner + 0.095;
    float count = k == 0 ? n : n * float(1 + k / 2);
    float turned = h.x < 0.5 ? 0.0 : 0.5, place = bearing(p) / TAU * count + turned;
    vec2 w = fold(turn(p, TAU * turned / count), count);
    float from_pane = length(w - vec2(middle, 0.0)) - 0.095 * (0.65 + 0.3 * h.y);
    float round_pane = abs(from_pane) * (h.z < 0.7 ? 1.0 : 9.0);
    float spoke = radius * abs(sin(PI * (place + 0.5))) * 2.0 / count;
    bool here = radius > inner && radius < inner + 0.19;
    bars = here ? min(min(round_pane, spoke), min(radius - inner, inner + 0.19 - radius)) : bars;
    pane = here ? h.w + (from_pane < 0.0 ? 0.37 : 0.0) + 0.11 * mod(floor(place + 0.5), 2.0) : pane;
  }
  vec3 glass = radius < 0.95 ? hsv(pane + r.y, 0.75 - 0.3 * r.z, 0.5 + 0.6 * light) : ramp(0.25, r) * 0.5;
  return glass * smoothstep(0.008, 0.022, radius < 0.95 ? bars : radius - 0.95) * (0.9 + 0.3 * light) + 0.02;
}
