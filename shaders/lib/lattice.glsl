// SPDX-License-Identifier: Apache-2.0
// Tilings of the plane by hexagons and by triangles: which tile holds a point, and where in it.

struct Tile {
  vec2 offset;  // from the tile's centre to the point
  ivec2 id;     // a number of its own
  float edge;   // distance to the tile's nearest side
};

// Regular hexagons, their flat sides 1 apart left and right.
Tile hexagon(vec2 p) {
  const vec2 period = vec2(1.0, 1.7320508);
  // Two rectangular lattices make the hexagonal one: the nearer centre wins.
  vec2 a = mod(p, period) - 0.5 * period;
  vec2 b = mod(p - 0.5 * period, period) - 0.5 * period;
  vec2 x = dot(a, a) < dot(b, b) ? a : b;
  float edge = 0.5 - max(abs(x.x), dot(abs(x), vec2(0.5, 0.8660254)));
  return Tile(x, ivec2(round(2.0 * (p - x) / period)), edge);
}

// Equilateral triangles of height 1, every other one upside down; in `offset` each stands upright.
Tile triangle(vec2 p) {
  // Three families of parallel lines 1 apart; a point's three places among them sum to 0.
  vec3 lines = vec3(p.y, 0.8660254 * p.x - 0.5 * p.y, -0.8660254 * p.x - 0.5 * p.y);
  vec3 strip = floor(lines), within = lines - strip;
  bool upright = within.x + within.y + within.z < 1.5;  // the sum is 1 or 2
  within = upright ? within : 1.0 - within;
  vec2 offset = vec2((within.y - within.z) * 0.57735027, within.x - 0.33333333);
  ivec2 id = ivec2(strip.xy) * ivec2(2, 1) + ivec2(upright, 0);
  return Tile(offset, id, min(within.x, min(within.y, within.z)));
}
