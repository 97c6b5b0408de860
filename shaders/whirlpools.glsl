// SPDX-License-Identifier: Apache-2.0
// kind: flow
// Stripes and rings stirred by whirlpools: turned about each centre by an angle that fades outward.
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 q = p;
  float stirred = 0.0;
  for (int k = 0; k < 5; k++) {
    vec4 h = more(r, k + 1);
    vec2 centre = 0.9 * (2.0 * h.xy - 1.0), offset = q - centre;
    float twist = (2.5 + 2.5 * h.z + sin(0.4 * t)) * exp(-dot(offset, offset) / (0.08 + 0.2 * h.z));
    twist = h.w < 0.5 ? -twist : twist;
    q = centre + turn(offset, twist);
    stirred += abs(twist);
  }
  q = turn(q, TAU * r.x);
  float stripe = r.z < 0.5 ? sin((5.0 + 8.0 * r.y) * q.x)
      : sin((4.0 + 5.0 * r.y) * length(q)) * cos(3.0 * bearing(q));
  return scheme(0.22 * stripe + 0.06 * stirred + r.w, r) * (0.8 + 0.25 * stripe);
}
