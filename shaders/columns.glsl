// SPDX-License-Identifier: Apache-2.0
// kind: volume
// Square columns of many heights, met by walking along each ray from one to the next.
#include "lib/camera.glsl"
#include "lib/hash.glsl"
#include "lib/palette.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  Ray ray = camera(p, 7.0, 1.5 + r.x, TAU * r.y, 0.75 + 0.35 * r.z);
  ray.from.xz += 60.0 * r.wx + 0.3 * t;
  // Start where the tallest tops begin, then cross the square cells one by one (Amanatides & Woo, 1987).
  float gone = (1.6 - ray.from.y) / ray.along.y, high = 0.0, side = 0.0;
  vec2 cell = floor((ray.from + gone * ray.along).xz), direction = ray.along.xz;
  vec2 per_cell = 1.0 / max(abs(direction), 1e-4), way_sign = sign(direction);
  vec2 next = ((cell + 0.5 + 0.5 * way_sign) - ray.from.xz) * way_sign * per_cell;
  for (int i = 0; i < 12; i++) {
    vec2 h = hash2(ivec2(cell));
    high = 1.5 * (0.6 * h.x + 0.4 * (0.5 + 0.5 * sin(0.9 * cell.x + TAU * r.z) * cos(0.8 * cell.y)));
    float leave = min(next.x, next.y), top = (high - ray.from.y) / ray.along.y;
    if (ray.from.y + gone * ray.along.y <= high) break;  // through its side
    if (top <= leave) { gone = top; side = 2.0; break; }
    gone = leave;
    bool across_x = next.x < next.y;
    side = across_x ? 0.0 : 1.0;
    cell += across_x ? vec2(way_sign.x, 0.0) : vec2(0.0, way_sign.y);
    next += across_x ? vec2(per_cell.x, 0.0) : vec2(0.0, per_cell.y);
  }
  vec3 x = ray.from + gone * ray.along;
  vec2 edge = abs(fract(x.xz) - 0.5);
  float light = side > 1.5 ? 0.95 : side > 0.5 ? 0.6 : 0.36;
  float worn = side > 1.5 ? (1.0 - smoothstep(0.43, 0.5, max(edge.x, edge.y)))
      : 0.5 + 0.5 * smoothstep(-0.2, 1.2, x.y);
  vec3 stone = scheme(0.35 * high + 0.1 * hash2(ivec2(cell) + 50).y + r.w, r) * 0.85 + 0.08;
  return stone * light * (0.6 + 0.4 * worn) * (1.1 - 0.03 * gone);
}
