// SPDX-License-Identifier: Apache-2.0
// kind: stencils
// Cells about strewn points, each wholly black or wholly white, or black with a white kernel.
// colour: grey
#include "lib/cells.glsl"
#include "lib/plane.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec4 h = more(r, 615);
  float scale = 1.5 + 12.0 * h.x * h.x;
  vec2 q = scale * turn(p * vec2(1.0, 1.0 - 0.5 * h.y), TAU * r.w) + 60.0 * r.xy;
  Cells c = cells(q, 0.4 * t);
  float kernel = paint(c.near - 0.15 - 0.3 * h.z, scale * pixel);
  float gap = paint(0.06 - (c.second - c.near), scale * pixel);
  float white = hash2(c.id).x < 0.5 ? 1.0 : 0.0;
  white = h.w < 0.4 ? white : h.w < 0.7 ? abs(white - kernel) : white * gap;
  return vec3(0.03 + 0.94 * white);
}
