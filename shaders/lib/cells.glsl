// SPDX-License-Identifier: Apache-2.0
// Cellular patterns: one random point per unit cell. Worley, A Cellular Texture Basis Function, SIGGRAPH 1996.
#include "lib/hash.glsl"

struct Cells {
  float near;    // distance to the nearest point
  float second;  // distance to the second nearest
  vec2 offset;   // from p to the nearest point
  ivec2 id;      // the cell that holds the nearest point
};

// The points around p; `motion` turns each of them about its place by an angle of its own.
Cells cells(vec2 p, float motion) {
  ivec2 home = ivec2(floor(p));
  Cells c = Cells(9.0, 9.0, vec2(0.0), home);
  for (int j = -1; j <= 1; j++) {
    for (int i = -1; i <= 1; i++) {
      ivec2 id = home + ivec2(i, j);
      vec2 h = hash2(id);
      vec2 offset = vec2(id) + 0.5 + 0.42 * cos(motion + 6.2831853 * h) - p;
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
