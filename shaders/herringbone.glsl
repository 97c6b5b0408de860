// SPDX-License-Identifier: Apache-2.0
// kind: tiling
// Herringbone parquet: planks of three to one, laid at right angles, each with its own grain.
#include "lib/noise.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 q = turn(p, TAU * r.x) * (4.0 + 5.0 * r.y) + 90.0;
  const float ratio = 3.0;
  // Cell (i, j) belongs to a level plank if (i - j) mod 2·ratio is below ratio, otherwise to an upright one.
  vec2 cell = floor(q);
  float phase = mod(cell.x - cell.y, 2.0 * ratio);
  bool level = phase < ratio;
  vec2 origin = level ? vec2(cell.x - phase, cell.y) : vec2(cell.x, cell.y - (2.0 * ratio - 1.0 - phase));
  vec2 x = q - origin, along = level ? x : x.yx;       // [0, 3] × [0, 1] within the plank
  vec2 own = hash2(ivec2(origin) * 2 + int(level));
  float edge = min(min(along.x, ratio - along.x), min(along.y, 1.0 - along.y));
  float grain = noise(along * vec2(0.5, 3.0) + 50.0 * own + 0.02 * t)
      + 0.4 * noise(along * vec2(1.5, 14.0) + 90.0 * own);
  vec3 wood = palette(r.z + 0.08 * own.x + 0.05 * grain, r) * 0.4
      + mix(vec3(0.5, 0.34, 0.2), vec3(0.3, 0.32, 0.36), r.w);
  return wood * (0.75 + 0.3 * own.y + 0.12 * grain) * (level ? 1.0 : 0.85) * smoothstep(-0.02, 0.06, edge);
}
