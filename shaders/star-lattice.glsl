// SPDX-License-Identifier: Apache-2.0
// kind: kaleidoscope
// Islamic star patterns: lines drawn at one angle from the sides of square or six-sided tiles (Hankin, 1925).
#include "lib/lattice.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  float scale = 0.8 + 1.1 * r.x;
  vec2 q = turn(p, TAU * r.y) * scale + 10.0 * r.zw;
  bool six = fract(7.0 * r.z) < 0.5;
  vec2 x = six ? hexagon(q).offset : mod(q, 1.0) - 0.5;
  int n = six ? 6 : 4;
  // Each side lies at x = 0.5 once the tile is turned; its lines start a little beside the middle.
  float slant = mix(0.6, 1.2, r.w) + 0.05 * sin(t), beside = 0.22 * r.z;
  float near = 9.0, parity = 1.0;
  mat2 next_side = rotation(TAU / float(n));
  for (int k = 0; k < 6; k++) {
    if (k < n) {
      float one = dot(vec2(x.x - 0.5, x.y - beside), vec2(sin(slant), cos(slant)));
      float other = dot(vec2(x.x - 0.5, x.y + beside), vec2(sin(slant), -cos(slant)));
      near = min(near, min(abs(one), abs(other)));
      parity *= sign(one * other);
      x = next_side * x;
    }
  }
  float strap = near - 0.018;
  vec3 ground = scheme(r.w + 0.4 * length(x) + (parity > 0.0 ? 0.45 : 0.0), r) * (0.6 + 0.3 * length(x));
  ground *= 1.0 - 0.45 * exp(-45.0 * max(strap, 0.0));
  return mix(ground, ramp(parity > 0.0 ? 0.9 : 0.8, r), paint(strap, 2.0 * scale * pixel));
}
