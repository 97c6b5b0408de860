// SPDX-License-Identifier: Apache-2.0
// kind: tiling
// Rectangles split again and again at random places, some filled with strong colour, with bars between.
#include "lib/hash.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 low = vec2(-1.0), high = vec2(1.0), q = turn(p, 0.5 * PI * floor(4.0 * r.x)) * 0.98;
  ivec2 id = ivec2(1, int(r.y * 60000.0));
  float bar = 9.0;
  for (int k = 0; k < 5; k++) {
    vec2 h = hash2(id);
    bool upright = high.x - low.x > (high.y - low.y) * (0.8 + 0.4 * h.y);
    float cut = upright ? mix(low.x, high.x, 0.28 + 0.44 * h.x) : mix(low.y, high.y, 0.28 + 0.44 * h.x);
    cut += 0.03 * sin(0.6 * t + TAU * h.y);
    float side = (upright ? q.x : q.y) - cut;
    bar = min(bar, abs(side));
    if (upright) { if (side < 0.0) high.x = cut; else low.x = cut; }
    else { if (side < 0.0) high.y = cut; else low.y = cut; }
    id.x = 2 * id.x + int(side > 0.0);
  }
  vec2 own = hash2(id + 17), x = (q - low) / (high - low);
  vec3 colour = own.x < 0.4 + 0.4 * r.z ? paints(0.2 * floor(5.0 * own.y) + 0.02, r) : ink(0.08 * own.y, r);
  colour *= 0.9 + 0.1 * (x.x + x.y - 1.0) + 0.25 * (r.w - 0.5) * (x.y - x.x);
  return mix(colour, ink(1.0, r) * 0.5, paint(bar - 0.012 - 0.016 * r.w, 2.0 * pixel));
}
