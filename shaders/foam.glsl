// SPDX-License-Identifier: Apache-2.0
// kind: cellular
// Foam: bubbles that press on each other, clear in their middles, bright along thin curved films.
#include "lib/cells.glsl"
#include "lib/palette.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  float scale = 1.4 + 2.2 * r.x;
  vec2 q = scale * p + 250.0 * r.yz;
  Cells c = cells(q, 0.6 * t);
  float edge = c.second - c.near;
  float skin = exp(-9.0 * edge), bulge = clamp(1.0 - 1.2 * c.near, 0.0, 1.0);
  float glint = exp(-60.0 * dot(c.offset - vec2(0.17, -0.2), c.offset - vec2(0.17, -0.2)));
  vec3 air = film(3.0 + 3.0 * hash2(c.id).y + 4.0 * c.near + 2.0 * c.offset.y) * 0.3
      + ramp(0.25 + 0.4 * r.w * bulge, r) * 0.7;
  return mix(air, ramp(0.9, r), 0.85 * skin) * (0.75 + 0.25 * bulge) + 0.4 * glint;
}
