// SPDX-License-Identifier: Apache-2.0
// kind: shapes
// Leaves on the ground: pointed blades with ribs, in the colours of a season, each above the last.
#include "lib/palette.glsl"
#include "lib/plane.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec3 colour = ramp(0.15, r) * (0.8 + 0.3 * p.y);
  for (int k = 0; k < 9; k++) {
    vec4 h = more(r, k + 1), g = finer(h);
    float half_length = 0.28 + 0.3 * h.z, bulge = 0.3 + 0.5 * h.w;
    vec2 q = turn(p - 1.15 * (2.0 * h.xy - 1.0), TAU * g.x + 0.08 * sin(t + TAU * g.y));
    q.y += (g.z - 0.5) * 0.8 * (q.x * q.x - half_length * half_length);  // a bent midrib
    // A vesica: the part that two discs share.
    float lift = half_length * (1.0 / bulge - bulge) * 0.5;
    float radius = half_length * (1.0 / bulge + bulge) * 0.5;
    float d = length(vec2(q.x, abs(q.y) + lift)) - radius;
    float ribs = zigzag(9.0 * (q.x - 0.7 * abs(q.y)) / half_length);
    float midrib = 1.0 - smoothstep(0.004, 0.014, abs(q.y));
    vec3 blade = palette(0.25 * g.w + r.w + 0.3 * q.x, r) * (0.75 + 0.2 * ribs)
        * (1.0 + (q.y > 0.0 ? 0.12 : -0.12));
    colour *= 1.0 - 0.5 * exp(-16.0 * max(d, 0.0));
    colour = mix(colour, blade + 0.2 * midrib, paint(d, 2.0 * pixel));
  }
  return colour;
}
