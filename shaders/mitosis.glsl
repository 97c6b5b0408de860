// SPDX-License-Identifier: Apache-2.0
// kind: reaction
// Dividing spots: round cells on a jittered lattice, some stretched, some pinched in two, in a pale medium.
#include "lib/hash.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 q = turn(p, TAU * r.x) * (2.2 + 2.6 * r.y) + 90.0 * r.zw;
  ivec2 home = ivec2(floor(q));
  float field = 0.0, tint = 0.0;
  for (int k = 0; k < 9; k++) {
    ivec2 id = home + ivec2(k % 3, k / 3) - 1;
    vec3 h = hash3(id, 3);
    vec2 offset = q - vec2(id) - 0.3 - 0.4 * h.xy;
    float stage = fract(h.z + 0.1 * t), split = 0.3 * smoothstep(0.4, 1.0, stage);
    vec2 half_way = split * vec2(cos(6.2831853 * h.x), sin(6.2831853 * h.x));
    float size = 0.045 * (1.0 - 0.45 * smoothstep(0.4, 1.0, stage)) * (0.6 + 0.6 * h.y);
    vec2 a = offset - half_way, b = offset + half_way;
    float part = size * (exp(-9.0 * dot(a, a)) + exp(-9.0 * dot(b, b)));
    field += part;
    tint += part * h.y;
  }
  float spot = smoothstep(0.016, 0.024 + 0.02 * r.w, field), own = tint / max(field, 1e-4);
  float rim = exp(-4000.0 * (field - 0.018) * (field - 0.018));
  vec3 medium = scheme(r.w + 6.0 * min(field, 0.02), r) * 0.75 + 0.12;
  vec3 body = palette(r.z + 0.4 * own, r) * (0.35 + 9.0 * min(field, 0.07));
  return mix(medium, body, spot) * (1.0 - 0.35 * rim);
}
