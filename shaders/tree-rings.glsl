// SPDX-License-Identifier: Apache-2.0
// kind: cellular
// Sliced trunks: cells filled with growth rings about their own middles, wavering, with bark between.
#include "lib/cells.glsl"
#include "lib/noise.glsl"
#include "lib/palette.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 q = (0.9 + 1.3 * r.x) * p + 120.0 * r.yz;
  Cells c = cells(q, 2.0 + 0.3 * t);
  vec2 own = hash2(c.id + 12);
  float rim = c.second - c.near;
  float rings = mix(c.near, 0.5 - 0.5 * rim, 0.6) + 0.03 * noise(5.0 * q + 20.0 * own);
  float year = fract((8.0 + 7.0 * r.w) * rings + own.y);
  float line = smoothstep(0.0, 0.7, year) * (1.0 - smoothstep(0.85, 1.0, year));
  vec3 wood = palette(r.w + 0.12 * own.x, r) * 0.45 + vec3(0.38, 0.3, 0.22);
  wood *= (0.65 + 0.4 * line) * (1.1 - 0.3 * own.y);
  return mix(palette(r.w + 0.1, r) * 0.15, wood, smoothstep(0.03, 0.1, rim));
}
