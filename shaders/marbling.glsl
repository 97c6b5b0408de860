// SPDX-License-Identifier: Apache-2.0
// kind: flow
// Paper marbling: drops of paint that push each other aside, then drawn out by tines (Lu et al., 2012).
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 q = p;
  // From the paper back in time: first the comb is undone, then each drop from the last to the first.
  for (int k = 0; k < 3; k++) {
    vec4 h = more(r, k + 20);
    vec2 along = polar(1.0, TAU * h.x), across = vec2(-along.y, along.x);
    float away = dot(q, across) - 0.8 * (h.y - 0.5), spacing = 0.35 + 0.3 * h.w;
    float tine = abs(away - spacing * round(away / spacing));
    q -= along * (0.2 + 0.35 * h.z) * exp2(-7.0 * tine) * (k == 0 ? 1.0 : 0.5 + 0.3 * sin(0.5 * t));
  }
  float paint_number = -1.0, rim = 0.0;
  for (int k = 0; k < 14; k++) {
    vec4 h = more(r, k + 1);
    vec2 offset = q - 1.1 * (2.0 * h.xy - 1.0);
    float size = 0.25 + 0.4 * h.z, square_away = dot(offset, offset), left = square_away - size * size;
    if (left < 0.0 && paint_number < 0.0) {
      paint_number = float(k);
      rim = sqrt(square_away) / size;
    }
    // Where this paint was before the drop fell: area is kept, so squared radii differ by the drop's.
    if (paint_number < 0.0) q -= offset * (1.0 - sqrt(max(left, 0.0) / max(square_away, 1e-6)));
  }
  if (paint_number < 0.0) return ink(0.05 + 0.05 * sin(3.0 * q.x), r);
  return paints(0.2 * paint_number + 0.02, r) * (0.86 + 0.14 * rim * rim);
}
