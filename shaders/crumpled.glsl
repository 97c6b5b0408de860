// SPDX-License-Identifier: Apache-2.0
// kind: kaleidoscope
// Folded paper: the plane folded over along a few random lines, the print on it and the shade of its creases.
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 q = 1.2 * p;
  float shade = 1.0, crease = 9.0;
  for (int k = 0; k < 7; k++) {
    vec4 h = more(r, k + 1);
    vec2 normal = polar(1.0, TAU * h.x + 0.05 * t);
    float side = dot(q, normal) - 0.5 * (h.y - 0.5);
    crease = min(crease, abs(side));
    if (side < 0.0) {
      q -= 2.0 * side * normal;
      shade *= 0.86 + 0.1 * h.z;
    }
  }
  float print = sin((4.0 + 6.0 * r.x) * q.x) * cos((3.0 + 5.0 * r.y) * q.y);
  float light = shade * (0.85 + 0.2 * smoothstep(0.0, 0.12, crease));
  return scheme(0.2 * print + 0.3 * q.x + r.w, r) * light + 0.06 * exp(-60.0 * crease);
}
