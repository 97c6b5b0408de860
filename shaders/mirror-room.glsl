// SPDX-License-Identifier: Apache-2.0
// kind: kaleidoscope
// A room of mirrors: soft lights repeated by the walls of a square or a triangle (wallpaper groups).
#include "lib/lattice.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 q = turn(p * (1.0 + 1.3 * r.x), TAU * r.y);
  if (r.z < 0.5) {
    q = abs(mod(q, 2.0) - 1.0);                    // pmm
    if (r.z < 0.3 && q.x < q.y) q = q.yx;          // p4m, with the diagonal a mirror too
  } else {
    Tile tile = hexagon(q);
    q = fold(tile.offset, r.z < 0.75 ? 6.0 : 3.0);  // p6m or p31m
    q *= 1.7;
  }
  float light = 0.0, tint = 0.0;
  for (int k = 0; k < 4; k++) {
    vec4 h = more(r, k + 1);
    vec2 offset = q - 0.5 - 0.6 * cos(TAU * h.xy + 0.4 * t * (h.zw - 0.5));
    float spot = exp(-(3.0 + 9.0 * h.z) * dot(offset, offset));
    light += spot;
    tint += spot * h.w;
  }
  return scheme(0.8 * tint + 0.3 * length(q) + r.w, r) * (0.35 + 0.6 * min(light, 1.2));
}
