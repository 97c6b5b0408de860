// SPDX-License-Identifier: Apache-2.0
// kind: rough
// Brushed metal: long fine scratches along one direction or round a centre, with a broad sheen.
// colour: grey
#include "lib/hash.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec4 h = more(r, 404);
  vec2 q = turn(p - 0.8 * (r.xy - 0.5), TAU * h.x);
  vec2 x = h.y < 0.35 ? vec2(length(q), 0.4 * bearing(q)) : q.yx;
  float scale = 60.0 + 100.0 * h.z, scratch = 0.0;
  for (int k = 0; k < 3; k++) {
    float finer_by = exp2(-0.7 * float(k));
    scratch += hash2(ivec2(floor(vec2(scale * finer_by, 2.0 + float(k)) * x + 90.0 * float(k + 1)))).x - 0.5;
  }
  float sheen = h.y < 0.35 ? cos(2.0 * bearing(q) + 0.5 * t) : sin(2.0 * q.x + t + TAU * r.z);
  return vec3(0.45 + 0.25 * sheen * r.w + (0.2 + 0.4 * h.w) * scratch);
}
