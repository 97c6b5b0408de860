// SPDX-License-Identifier: Apache-2.0
// kind: fractal
// A tree of branches: the plane folded along its stem and turned, again and again, so that each limb forks.
#include "lib/palette.glsl"
#include "lib/plane.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 z = vec2(p.x, p.y + 0.95) * (0.95 + 0.25 * r.x);
  float size = 1.0, d = 9.0, depth = 0.0, lean = 0.12 * sin(t) * r.y;
  float angle = 0.35 + 0.5 * r.z, shorter = 0.68 + 0.08 * r.w;
  for (int i = 0; i < 8; i++) {
    float limb = (segment(z, vec2(0.0), vec2(0.0, 0.62)) - 0.05 * (1.0 - 0.09 * float(i))) * size;
    depth = limb < d ? float(i) : depth;
    d = min(d, limb);
    z.y -= 0.6;
    z = turn(vec2(abs(z.x), z.y), angle + lean) / shorter;
    size *= shorter;
  }
  vec3 sky = mix(ramp(0.95, r), ramp(0.6, r), 0.5 + 0.5 * p.y)
      + 0.12 * exp(-3.0 * length(p - 1.4 * (r.xy - 0.5)));
  vec3 wood = mix(ramp(0.05, r), palette(r.w + 0.4, r) * 0.7, smoothstep(3.0, 7.0, depth));
  return mix(sky * (1.0 - 0.25 * exp(-25.0 * max(d, 0.0))), wood, paint(d, 2.0 * pixel));
}
