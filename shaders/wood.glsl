// SPDX-License-Identifier: Apache-2.0
// kind: stripes
// Wood: the rings of a trunk, cut askew, with fine grain along it (after Perlin, 1985).
#include "lib/noise.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 q = turn(p, TAU * r.x) + vec2(0.2, 0.9) * (r.yz - 0.3);
  vec2 cut = vec2(q.x * (0.15 + 0.3 * r.w), q.y) + 0.02 * t;
  float rings = (5.0 + 9.0 * r.y) * (length(cut) + 0.14 * noise(vec2(0.8, 2.2) * q + 60.0 * r.zw));
  float ring = fract(rings);
  float year = smoothstep(0.0, 0.75, ring) * (1.0 - smoothstep(0.85, 1.0, ring));
  float grain = noise(vec2(3.0, 50.0) * q + 9.0);
  vec3 wood = mix(vec3(0.36, 0.2, 0.1), vec3(0.85, 0.62, 0.38), 0.25 + 0.65 * year + 0.08 * grain);
  return wood * (0.6 + 0.8 * palette(r.w, r));
}
