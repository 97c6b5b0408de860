// SPDX-License-Identifier: Apache-2.0
// kind: fractal
// The burning ship: the orbit of (|x| + i|y|)² + c, seen near its masts (Michelitsch & Rössler, 1992).
#include "lib/palette.glsl"
#include "lib/plane.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 centre = r.x < 0.4 ? vec2(-0.45, -0.5) : r.x < 0.7 ? vec2(-1.76, -0.03) : vec2(-1.57, -0.02);
  float width = r.x < 0.4 ? 0.6 + 0.9 * r.y : 0.05 + 0.12 * r.y;
  vec2 c = centre + width * (turn(p, 0.3 * sin(t)) * vec2(1.0, -1.0) + 0.4 * (r.zw - 0.5)), z = vec2(0.0);
  float count = 0.0;
  for (int i = 0; i < 48 && dot(z, z) < 64.0; i++) {
    z = square(abs(z)) + c;
    count += 1.0;
  }
  float size = dot(z, z);
  if (size < 64.0) return palette(r.w + 0.2 * size, r) * 0.3;
  float smooth_count = count - log2(0.5 * log2(size));
  return glow(0.2 + 0.55 * fract(0.09 * smooth_count + r.z) * zigzag(0.045 * smooth_count), r)
      + 0.25 * palette(0.07 * smooth_count, r);
}
