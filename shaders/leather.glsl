// SPDX-License-Identifier: Apache-2.0
// kind: cellular
// Leather: small plump scales in the skin between larger folds, oiled and lit from one side.
#include "lib/cells.glsl"
#include "lib/noise.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 q = turn(p, TAU * r.x) * vec2(1.0, 1.0 + 0.8 * r.y);
  vec2 x = (3.0 + 2.5 * r.z) * q + 90.0 * r.yw;
  x += 0.25 * vec2(noise(1.1 * x), noise(1.1 * x + 33.0));
  Cells c = cells(x, 0.4 * t);
  float grain = smoothstep(0.0, 0.4, c.second - c.near);
  vec3 fold_of_skin = noise_slope(1.3 * q + 60.0 * r.wz);
  vec2 slope = 0.9 * c.offset * -grain + 0.5 * fold_of_skin.yz;
  vec3 normal = normalize(vec3(-slope, 0.9));
  float light = max(dot(normal, vec3(0.4, 0.5, 0.77)), 0.0), shine = light * light;
  shine *= shine * shine;
  vec3 hide = palette(r.w + 0.1 * fold_of_skin.x, r) * 0.5 + 0.04;
  return hide * (0.3 + 0.7 * grain) * (0.35 + 0.85 * light) + 0.35 * shine * shine * grain;
}
