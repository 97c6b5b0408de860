// SPDX-License-Identifier: Apache-2.0
// kind: rough
// Sandpaper: grains of two sizes, lit flatly from one side, so that each has a bright and a dark flank.
// colour: grey
#include "lib/noise.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec4 h = more(r, 401);
  float scale = 30.0 + 70.0 * h.x;
  vec2 q = scale * turn(p, TAU * h.y) + 200.0 * r.xy, lamp = polar(1.0, TAU * h.z + 0.2 * t);
  float relief = dot(noise_slope(q).yz, lamp) + 0.6 * dot(noise_slope(2.3 * q + 9.0).yz, lamp);
  float worn = 0.5 + 0.5 * fbm(1.5 * p + 60.0 * r.zw, 3);
  return vec3(0.25 + 0.4 * h.w + (0.15 + 0.25 * r.x) * relief * (0.4 + worn));
}
