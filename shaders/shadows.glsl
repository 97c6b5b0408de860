// SPDX-License-Identifier: Apache-2.0
// kind: light
// Long shadows: posts of many widths lit by one lamp, whose shadows widen and blur away from it.
#include "lib/palette.glsl"
#include "lib/plane.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 lamp_place = 0.9 * polar(0.4 + 0.9 * r.x, TAU * r.y + 0.15 * t), away = p - lamp_place;
  float radius = length(away), light = 1.0, body = 9.0, which = 0.0;
  for (int k = 0; k < 9; k++) {
    vec4 h = more(r, k + 1);
    vec2 place = 1.15 * (2.0 * h.xy - 1.0), post = place - lamp_place;
    float size = 0.03 + 0.11 * h.z, far = max(length(post), size + 0.05);
    float beside = abs(post.x * away.y - post.y * away.x) / far;      // from the line lamp – post
    float beyond = dot(away, post) / far - far;
    float wide = size * max(radius / far, 0.2), blur = 0.01 + 0.12 * max(beyond, 0.0);
    float shade = (1.0 - smoothstep(wide - blur, wide + blur, beside)) * smoothstep(-0.02, 0.02, beyond);
    light *= 1.0 - shade * 0.85;
    float d = length(p - place) - size;
    which = d < body ? h.w : which;
    body = min(body, d);
  }
  float glow_of_lamp = 1.0 / (0.7 + 0.9 * radius * radius);
  vec3 ground = palette(r.w + 0.1 * radius, r) * (0.16 + light * glow_of_lamp * 0.75);
  vec3 top = palette(which + r.z, r) * (0.35 + 0.5 * glow_of_lamp) * (1.0 - 3.0 * (body + 0.05));
  return mix(ground, top, paint(body, 2.0 * pixel));
}
