// SPDX-License-Identifier: Apache-2.0
// kind: stencils
// Dots in rows, all of one size or swelling across the picture, black on white or white on black.
// colour: grey
#include "lib/noise.glsl"
#include "lib/plane.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec4 h = more(r, 610);
  float scale = 2.0 + 28.0 * h.x * h.x;
  vec2 q = scale * turn(p, TAU * h.y) + 20.0 * r.xy + 0.1 * t;
  q.x += 0.5 * mod(floor(q.y), 2.0);
  vec2 middle = (floor(q) + 0.5) / scale;
  float swell = h.z < 0.5 ? 0.5 : 0.5 + 0.9 * noise((0.5 + 1.5 * h.w) * middle + 40.0 * r.zw);
  float size = 0.12 + 0.4 * clamp(swell + 0.4 * (h.w - 0.5), 0.0, 1.0);
  vec2 x = fract(q) - 0.5;
  float d = r.z < 0.7 ? length(x) - size : box(turn(x, 0.785), vec2(0.8 * size));
  float white = paint(d, scale * pixel);
  return vec3(0.03 + 0.94 * (r.w < 0.5 ? white : 1.0 - white));
}
