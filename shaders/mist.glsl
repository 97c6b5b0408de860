// SPDX-License-Identifier: Apache-2.0
// kind: volume
// Glowing mist: light gathered through a few layers of noise in space, thick and thin, with a lamp inside.
#include "lib/noise.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec3 ray = normalize(vec3(turn(p, TAU * r.x), 1.2 + r.y)), from = vec3(60.0 * r.zw, 0.2 * t + 30.0 * r.x);
  vec3 lamp_place = vec3(0.8 * (r.yz - 0.5), 1.2 + r.w), sum = vec3(0.0);
  float clear = 1.0;
  for (int i = 0; i < 7; i++) {
    float depth = 0.5 + 0.28 * float(i);
    vec3 x = depth * ray, to_lamp = x - lamp_place;
    float haze = smoothstep(-0.05, 0.45, noise(1.6 * x + from) + 0.5 * noise(3.6 * x + from.zxy));
    float light = 0.2 + 1.3 / (1.0 + 5.0 * dot(to_lamp, to_lamp));
    vec3 tint = mix(palette(r.w + 0.07 * float(i), r), vec3(1.0), 0.4 * light);
    sum += clear * haze * light * tint * 0.8;
    clear *= 1.0 - 0.5 * haze;
  }
  return sum + clear * ramp(0.12 + 0.1 * p.y, r);
}
