// SPDX-License-Identifier: Apache-2.0
// kind: rough
// A thicket: fine noise cut at its zeros, black and white in turns so narrow that the eye sees a grey.
// colour: grey
#include "lib/noise.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec4 h = more(r, 622);
  float scale = 20.0 + 60.0 * h.x, grain = 0.35 + 0.65 * h.y;
  vec2 bent = p + 0.15 * h.z * vec2(noise(2.0 * p + 50.0 * r.xy), noise(2.0 * p + 50.0 * r.zw));
  vec2 q = scale * turn(bent, TAU * h.w) * vec2(1.0, grain) + 300.0 * r.yx + 0.3 * t;
  float field = noise(q) + 0.35 * noise(2.3 * q) + 0.4 * fbm(1.5 * p + 60.0 * r.zw, 2);
  return vec3(field > 0.0 ? 0.96 : 0.04);
}
