// SPDX-License-Identifier: Apache-2.0
// kind: lines
// A floor of thin lines that runs to the horizon, some of it hilly, under a black sky.
// ground: black
#include "lib/noise.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec4 h = more(r, 230);
  vec2 q = turn(p, 0.6 * (h.x - 0.5)) - vec2(1.2 * (h.y - 0.5), 0.6 * (h.z - 0.5));
  float light = 0.0, eye = 0.4 + 0.4 * h.w, rough = 0.6 * r.z * r.z, skyline = -9.0;
  for (int k = 0; k < 20; k++) {
    float row = float(k) + 1.0 - fract(0.5 * t), depth = 0.5 + 0.18 * row;
    vec2 ground = vec2(2.0 * q.x * depth, float(k) + floor(0.5 * t));
    float y = (rough * noise(0.7 * ground + 50.0 * r.xy + 0.3) - eye) / depth;
    float along = paint(abs(q.y - y) - 0.005, pixel);
    float ahead = paint(abs(fract(ground.x + 0.5) - 0.5) / (2.0 * depth) - 0.004, pixel) * step(q.y, y);
    // What lies behind a nearer hill is hidden.
    if (q.y > skyline - 0.006) light = max(light, max(along, ahead) * exp(-0.35 * depth));
    skyline = max(skyline, y);
  }
  return hsv(r.w, 0.75 * r.x, 1.0) * min(1.7 * light, 1.0);
}
