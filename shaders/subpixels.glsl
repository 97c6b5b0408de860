// SPDX-License-Identifier: Apache-2.0
// kind: rough
// A screen through a lens: every point is three bars of red, green and blue, as bright as the picture asks.
#include "lib/noise.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec4 h = more(r, 621);
  float scale = 10.0 + 32.0 * h.x;
  vec2 q = scale * turn(p, r.x < 0.5 ? 0.0 : 0.4 * (h.y - 0.5));
  q.y += h.z < 0.4 ? 0.5 * mod(floor(q.x), 2.0) : 0.0;
  vec2 middle = (floor(q) + 0.5) / scale, x = fract(q);
  vec3 asked = palette(fbm((0.8 + 2.0 * h.w) * middle + 50.0 * r.yz + 0.1 * t, 3) + r.w, r);
  asked = clamp(1.5 * asked - 0.2, 0.0, 1.0);
  int bar = int(3.0 * x.x);
  bool lit = abs(fract(3.0 * x.x) - 0.5) < 0.36 && abs(x.y - 0.5) < 0.42;
  vec3 light = vec3(bar == 0, bar == 1, bar == 2) * asked;
  return lit ? 0.04 + 0.96 * light : vec3(0.02);
}
