// SPDX-License-Identifier: Apache-2.0
// kind: tiling
// A maze of diagonals: each square holds one of two strokes, and rounded walls appear.
#include "lib/hash.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  float scale = 2.5 + 4.5 * r.x;
  vec2 q = turn(scale * p, TAU * r.y) + 70.0 * r.zw;
  float near = 9.0;
  // Strokes of the neighbours reach into a square with their round ends.
  for (int k = 0; k < 9; k++) {
    ivec2 cell = ivec2(floor(q)) + ivec2(k % 3, k / 3) - 1;
    vec2 x = q - vec2(cell) - 0.5;
    bool rising = hash2(cell).x < 0.3 + 0.4 * r.w;
    near = min(near, segment(x, vec2(-0.5, rising ? -0.5 : 0.5), vec2(0.5, rising ? 0.5 : -0.5)));
  }
  float width = 0.1 + 0.1 * r.z, body = paint(near - width, 2.0 * scale * pixel);
  float light = 0.6 + 0.5 * sqrt(max(1.0 - near * near / (width * width), 0.0));
  vec3 ground = scheme(r.w + 0.1 * length(p) + 0.02 * t, r) * (0.35 + 0.5 * smoothstep(0.0, 0.5, near));
  return mix(ground, (palette(r.w + 0.5 + 0.1 * p.x, r) * 0.6 + 0.4) * light, body);
}
