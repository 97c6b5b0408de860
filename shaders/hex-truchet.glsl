// SPDX-License-Identifier: Apache-2.0
// kind: tiling
// Six-sided Truchet tiles: three strands cross each hexagon, over and under, and knot at random.
#include "lib/hash.glsl"
#include "lib/lattice.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  float scale = 1.4 + 2.0 * r.x;
  vec2 q = turn(scale * p, TAU * r.y) + 50.0 * r.zw + 0.05 * t;
  Tile tile = hexagon(q);
  vec2 own = hash2(tile.id + 6);
  vec2 x = turn(tile.offset, PI / 3.0 * floor(6.0 * own.x));
  bool three = own.y < 0.5;
  float width = 0.08 + 0.06 * r.w;
  vec3 colour = palette(r.z + 0.06 * dot(p, vec2(1.0)), r) * 0.3;
  for (int k = 0; k < 3; k++) {
    // Arcs about every second corner, or about two opposite ones and a straight strand between them.
    vec2 corner = polar(0.57735027, PI / 6.0 + (three ? TAU / 3.0 : PI) * float(k));
    float d = abs(length(x - corner) - 0.28867513);
    if (!three && k == 2) d = abs(dot(x, vec2(0.8660254, 0.5)));
    colour *= 1.0 - 0.6 * (1.0 - smoothstep(width, 2.4 * width, d));
    vec3 strand = palette(r.z + 0.4 + 0.13 * own.x * r.w, r) * 0.7 + 0.3;
    colour = mix(colour, strand * (1.05 - 0.5 * d * d / (width * width)),
        paint(d - width, 2.0 * scale * pixel));
  }
  return colour;
}
