// SPDX-License-Identifier: Apache-2.0
// kind: lines
// One bent line on black: straight strokes from point to point, each a turn from the last.
// ground: black
// colour: grey
#include "lib/place.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  Place here = place(p, 0.75, 1.1, 160, r);
  vec4 style = more(r, 161);
  int count = 9 + int(14.0 * style.x);
  float bend = 0.6 + 2.2 * style.y, stride = 0.25 + 0.35 * style.z, angle = 0.1 * t, d = 9.0;
  vec2 at = vec2(0.0);
  for (int k = 0; k < count; k++) {
    vec4 h = more(r, 162 + k);
    angle += bend * (h.x < 0.5 ? -1.0 : 1.0) * (0.4 + 0.6 * h.y);
    vec2 next = at + polar(stride * (0.5 + h.z), angle);
    next *= min(1.0, 1.1 / length(next));
    d = min(d, segment(here.q, at, next));
    at = next;
  }
  float width = 0.018 + 0.035 * style.w * style.w;
  return vec3(paint(d - width, here.grain));
}
