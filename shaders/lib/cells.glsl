// SPDX-License-Identifier: Apache-2.0
// Cellular patterns: one random point per unit cell. Worley, A Cellular Texture Basis Function, 1996.
#include "lib/hash.glsl"

struct Cells {
  float near;    // distance to the nearest point
  float second;  // distance to the second nearest
  vec2 offset;   // from p to the nearest point
  ivec2 id;      // the cell that holds the nearest point
};

// The point of a cell; `motion` turns it about the cell's middle, each from an angle of its own.
vec2 site(ivec2 id, float motion) { return vec2(id) + 0.5 + 0.42 * cos(motion + 6.2831853 * hash2(id)); }

// The points around p.
Cells cells(vec2 p, float motion) {
  ivec2 home = ivec2(floor(p));
  Cells c = Cells(9.0, 9.0, vec2(0.0), home);
  for (int j = -1; j <= 1; j++) {
    for (int i = -1; i <= 1; i++) {
      ivec2 id = home + ivec2(i, j);
      vec2 offset = site(id, motion) - p;
      float d = dot(offset, offset);
      bool nearer = d < c.near;
      c.second = nearer ? c.near : min(c.second, d);
      c.offset = nearer ? offset : c.offset;
      c.id = nearer ? id : c.id;
      c.near = min(c.near, d);
    }
  }
  c.near = sqrt(c.near);
  c.second = sqrt(c.second);
  return c;
}

// Distance from p to the wall of its cell: to the nearest bisector between its point and another.
float wall(vec2 p, float motion, Cells c) {
  float nearest = 9.0;
  for (int j = -1; j <= 1; j++) {
    for (int i = -1; i <= 1; i++) {
      ivec2 id = ivec2(floor(p)) + ivec2(i, j);
      vec2 offset = site(id, motion) - p;
      vec2 apart = offset - c.offset;
      float between = dot(apart, apart);
      float d = 0.5 * (dot(offset, offset) - c.near * c.near) / sqrt(max(between, 1e-6));
      nearest = between > 1e-6 ? min(nearest, d) : nearest;
    }
  }
  return nearest;
}
