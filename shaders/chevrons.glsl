// SPDX-License-Identifier: Apache-2.0
// kind: stripes
// Chevrons: zigzag bands in a repeating set of colours, knitted, with a soft fold along each crease.
#include "lib/palette.glsl"
#include "lib/plane.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 q = turn(p, 0.5 * PI * floor(4.0 * r.x) + 0.3 * (r.y - 0.5)) * (0.8 + 0.9 * r.z) + vec2(0.0, 0.05 * t);
  float columns = 1.0 + 2.0 * r.w, fold_here = zigzag(columns * q.x), slope = 0.25 + 0.5 * r.y;
  float y = (3.0 + 3.0 * r.z) * (q.y + slope / columns * fold_here);
  float band = floor(y), within = y - band;
  float stitch = 0.9 + 0.1 * cos(TAU * 9.0 * columns * q.x) * cos(TAU * 4.0 * y)
      * (1.0 - smoothstep(0.4, 1.4, 60.0 * columns * pixel));
  float crease = min(fold_here, 1.0 - fold_here);
  vec3 wool = paints(0.2 * mod(band, 2.0 + floor(4.0 * r.x)) + 0.04, r);
  vec3 next = paints(0.2 * mod(band + 1.0, 2.0 + floor(4.0 * r.x)) + 0.04, r);
  float soft = (3.0 + 3.0 * r.z) * 3.0 * pixel;
  return mix(wool, next, smoothstep(1.0 - soft, 1.0, within)) * stitch
      * (0.8 + 0.2 * smoothstep(0.0, 0.25, crease));
}
