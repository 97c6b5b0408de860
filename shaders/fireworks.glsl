// SPDX-License-Identifier: Apache-2.0
// kind: light
// Fireworks: bursts of sparks on curved tracks that fade toward their ends, over a dark ground.
#include "lib/hash.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec3 colour = ramp(0.08, r) * (0.7 - 0.4 * p.y);
  for (int k = 0; k < 5; k++) {
    vec4 h = more(r, k + 1), g = finer(h);
    float age = 0.25 + 0.75 * fract(h.z + 0.15 * t), sparks = 14.0 + floor(22.0 * h.w);
    vec2 x = p - 0.9 * (2.0 * h.xy - 1.0);
    x.y += 0.5 * dot(x, x) * age;  // they fall
    float radius = length(x), place = (bearing(x) / TAU + g.x) * sparks, which = floor(place);
    vec2 own = hash2(ivec2(int(mod(which, sparks)), k + 91));
    float reach = (0.25 + 0.5 * g.y) * age * (0.65 + 0.45 * own.x);
    float across = (fract(place) - 0.5) * TAU / sparks * radius;
    float track = exp(-across * across * 9000.0) * (1.0 - smoothstep(reach - 0.01, reach + 0.02, radius));
    track *= smoothstep(0.1 * reach, reach, radius) * (1.1 - 0.7 * age);
    vec2 head = vec2(radius - reach, across);
    float glare = exp(-700.0 * dot(head, head)) + 0.25 * exp(-10.0 * radius * radius) * (1.0 - age);
    colour += (0.8 * track + 0.8 * glare) * (palette(g.z + 0.2 * own.y, r) + 0.2);
  }
  return colour;
}
