// SPDX-License-Identifier: Apache-2.0
// kind: objects
// A molecule: a chain of balls of several sizes, joined by rods, each ball in one of two colours, on black.
// ground: black
#include "lib/palette.glsl"
#include "lib/place.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  Place here = place(p, 0.7, 1.3, 446, r);
  vec4 style = more(r, 447);
  int count = 3 + int(6.0 * style.x);
  vec3 colour = vec3(0.0), last = vec3(0.0);
  float nearest = -9.0;
  for (int k = 0; k < count; k++) {
    vec4 h = more(r, 448 + k);
    vec3 ball = k == 0 ? 0.3 * (h.xyz - 0.5) : last + 0.5 * normalize(h.xyz - 0.5 + 1e-3);
    ball *= min(1.0, 0.8 / length(ball));
    vec3 x = vec3(turn(ball.xz, 0.25 * t), ball.y).xzy;
    vec3 y = vec3(turn(last.xz, 0.25 * t), last.y).xzy;
    float size = 0.12 + 0.16 * h.w * style.y + (h.w < 0.4 ? 0.06 : 0.0);
    float rod = k == 0 ? 9.0 : segment(here.q, x.xy, y.xy + 1e-3) - 0.035;
    if (rod < 0.0 && nearest < min(x.z, y.z)) colour = vec3(0.25 - 9.0 * rod);
    vec2 offset = here.q - x.xy;
    float inside = size * size - dot(offset, offset), front = x.z + sqrt(max(inside, 0.0));
    if (inside > 0.0 && front > nearest) {
      vec3 normal = vec3(offset, sqrt(inside)) / size;
      float light = max(dot(normal, normalize(vec3(-0.5, 0.7, 0.6))), 0.04);
      colour = hsv(h.w < 0.4 ? style.z : style.w, 0.8 * r.x, 0.95) * light + 0.5 * pow(light, 24.0);
      nearest = front;
    }
    last = ball;
  }
  return colour;
}
