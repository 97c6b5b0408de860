// SPDX-License-Identifier: Apache-2.0
// Patterns of tiles, about [-1, 1].
#include "lib/cells.glsl"
#include "lib/hash.glsl"
#include "lib/lattice.glsl"

// Truchet's tiles in Smith's form, two quarter circles each, turned at random: 1 on the lines, −1 between.
float truchet(vec2 p, int deal) {
  ivec2 cell = ivec2(floor(p));
  vec2 x = fract(p) - 0.5;
  x.x = hash2(cell + deal).x < 0.5 ? x.x : -x.x;
  x = x.x + x.y > 0.0 ? x : -x;
  return 1.0 - 4.0 * abs(length(x - 0.5) - 0.5);
}

// Soft cushions on a square lattice, each of a random height.
float pillows(vec2 p, int deal) {
  vec2 x = 2.0 * fract(p) - 1.0;
  vec2 rise = 1.0 - x * x;
  return 2.0 * rise.x * rise.y * (0.35 + 0.65 * hash2(ivec2(floor(p)) + deal).x) - 0.8;
}

// Cloth: threads that run over and under one another.
float weave(vec2 p) {
  vec2 x = 2.0 * fract(p) - 1.0;
  vec2 over = 1.0 - x * x;
  float turns = mod(floor(p.x) + floor(p.y), 2.0) * 2.0 - 1.0;
  float lift = 0.5 * turns * (over.x - over.y);
  return 1.6 * max(over.x + min(lift, 0.0), over.y + min(-lift, 0.0)) - 0.9 + 0.3 * lift;
}

// Honeycomb: rises from −1 at the walls to 1 in the middle of each cell.
float comb(vec2 p) { return 4.0 * hexagon(p).edge - 1.0; }

// Triangles of random lightness, each with a slope of its own.
float facets(vec2 p, int deal) {
  Tile tile = triangle(p);
  vec2 h = hash2(tile.id + deal);
  return 1.5 * (h.x - 0.5) + 1.2 * (h.y - 0.5) * tile.offset.x + 0.4 * tile.offset.y;
}

// Panes: squares cut in four at random, twice, each with a random lightness.
float panes(vec2 p, int deal) {
  ivec2 cell = ivec2(floor(p));
  vec2 h = hash2(cell + deal);
  for (int i = 0; i < 2; i++) {
    if (h.y < 0.45) break;
    p *= 2.0;
    cell = ivec2(floor(p)) + 71 * (i + 1);
    h = hash2(cell + deal);
  }
  return 2.0 * h.x - 1.0;
}

// Round dots of random sizes, one in each square.
float dots(vec2 p, int deal) {
  vec2 h = hash2(ivec2(floor(p)) + deal);
  float radius = 0.18 + 0.26 * h.x;
  vec2 centre = 0.5 + (0.45 - radius) * sin(6.2831853 * h.yx);
  return 1.0 - 2.0 * smoothstep(0.6 * radius, 1.3 * radius, length(fract(p) - centre));
}

// Stones in mortar, about [0, 0.8]: how much nearer the nearest point of a jittered lattice is than the next.
float stones(vec2 p, float motion) {
  Cells c = cells(p, motion);
  return c.second - c.near;
}
