// SPDX-License-Identifier: Apache-2.0
// kind: flow
// Brush strokes laid along a turning wind, two coats of them, each stroke in one colour with bristle marks.
#include "lib/hash.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec2 flow(vec2 p, float t, vec4 r) {
  vec2 a = (1.2 + 1.2 * r.xy) * p + TAU * r.zw + 0.1 * t;
  return polar(1.0, 2.2 * sin(a.x) + 1.7 * cos(a.y + 0.6 * a.x));
}

vec3 pattern(vec2 p, float t, vec4 r) {
  vec3 colour = ramp(0.3, r);
  for (int coat = 0; coat < 2; coat++) {
    float scale = 4.5 + 3.0 * float(coat);
    vec2 q = scale * p + 31.0 * float(coat) + 60.0 * r.zw;
    ivec2 home = ivec2(floor(q));
    float best = -1.0;
    vec3 paint_here = colour;
    for (int k = 0; k < 9; k++) {
      ivec2 cell = home + ivec2(k % 3, k / 3) - 1;
      vec3 h = hash3(cell, coat);
      vec2 centre = vec2(cell) + 0.2 + 0.6 * h.xy;
      vec2 place = (centre - 31.0 * float(coat) - 60.0 * r.zw) / scale, lie = flow(place, t, r);
      vec2 offset = q - centre, x = vec2(dot(offset, lie), lie.x * offset.y - lie.y * offset.x);
      float body = 1.0 - x.x * x.x * 1.2 - x.y * x.y * (9.0 + 5.0 * h.z);
      if (body > 0.0 && h.z > best) {
        best = h.z;
        float bristle = 0.88 + 0.12 * sin(26.0 * x.y + 9.0 * h.x + 2.0 * x.x);
        paint_here = palette(0.2 * sin(1.5 * place.x + TAU * r.x) + 0.15 * place.y + 0.14 * h.z + r.w, r)
            * bristle * (0.75 + 0.3 * h.x);
      }
    }
    colour = paint_here;
  }
  return colour;
}
