// SPDX-License-Identifier: Apache-2.0
// kind: glows
// Embers: many small sparks that drift upward, near ones large and soft, far ones sharp and faint.
// ground: black
#include "lib/hash.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec4 h = more(r, 540);
  vec3 light = vec3(0.0);
  for (int layer = 0; layer < 4; layer++) {
    float scale = (2.0 + 3.0 * h.x) * exp2(0.6 * float(layer));
    vec2 q = scale * turn(p, 0.8 * (h.y - 0.5)) + 60.0 * r.xy + vec2(0.0, -0.4 * t) + 7.0 * float(layer);
    vec3 own = hash3(ivec2(floor(q)), layer);
    vec2 x = fract(q) - 0.25 - 0.5 * own.xy;
    float size = 0.05 + 0.18 * h.z * own.y, d = dot(x, x) / (size * size);
    vec2 rim = abs(fract(q) - 0.5);  // where a spark must have faded, for the next cell knows nothing of it
    float lit = step(own.z, 0.2 + 0.4 * h.w) * (1.0 - smoothstep(0.3, 0.5, max(rim.x, rim.y)));
    lit *= exp(-0.25 * float(layer));
    light += hsv(r.z + 0.12 * own.x, 0.8 * r.w + 0.15, 1.0) * (exp(-d) + 0.2 * exp(-0.3 * d)) * lit;
  }
  return min(light, 1.0);
}
