// SPDX-License-Identifier: Apache-2.0
// kind: volume
// An X-ray: clear bodies one behind another, each dimming the light by the length of its chord.
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec3 dim = vec3(0.0);
  for (int k = 0; k < 8; k++) {
    vec4 h = more(r, k + 1), g = finer(h);
    vec2 x = turn(p - 1.0 * (2.0 * h.xy - 1.0), TAU * g.x + 0.2 * t * (g.y - 0.5));
    float size = 0.18 + 0.42 * h.z;
    x /= size * vec2(1.0, 0.45 + 0.55 * g.z);
    float left = 1.0 - dot(x, x), hollow = 0.45 + 0.5 * h.w;
    // A ball's chord is twice the root of what is left of its squared radius; a shell's lacks the hollow's.
    float chord = sqrt(max(left, 0.0)) - (g.w < 0.6 ? sqrt(max(left - 1.0 + hollow * hollow, 0.0)) : 0.0);
    dim += chord * size * (0.35 + vec3(h.w, g.w, 1.0 - h.w));
  }
  vec3 light = exp(-(1.8 + 1.4 * r.x) * dim);
  vec3 plate = mix(light, 1.0 - light, step(0.5, r.y));
  vec3 tinted = mix(scheme(0.5 * dot(plate, vec3(0.33)), r), plate, 0.35 + 0.4 * r.z);
  return tinted * (0.97 - 0.12 * length(p));
}
