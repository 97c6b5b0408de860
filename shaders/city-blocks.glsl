// SPDX-License-Identifier: Apache-2.0
// kind: cellular
// Cells by the city-block distance: mitred regions with straight walls, each shaded like a roof.
#include "lib/cells.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 q = turn(p, 0.785398 * floor(2.0 * r.w)) * (1.3 + 2.2 * r.x) + 130.0 * r.yz;
  ivec2 home = ivec2(floor(q)), who = home;
  float near = 9.0, second = 9.0;
  vec2 to = vec2(0.0);
  for (int k = 0; k < 9; k++) {
    ivec2 id = home + ivec2(k % 3, k / 3) - 1;
    vec2 offset = site(id, 0.5 * t) - q;
    float d = abs(offset.x) + abs(offset.y);
    second = d < near ? near : min(second, d);
    who = d < near ? id : who;
    to = d < near ? offset : to;
    near = min(near, d);
  }
  float roof = abs(to.x) > abs(to.y) ? sign(to.x) : 2.0 * sign(to.y);
  vec3 tile = palette(0.4 * hash2(who + 3).x + r.w, r) * (0.72 + 0.1 * roof) * (1.1 - 0.5 * near);
  float course = 0.93 + 0.07 * cos(26.0 * near);
  return tile * course * smoothstep(0.0, 0.07, second - near) + 0.03;
}
