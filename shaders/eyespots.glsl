// SPDX-License-Identifier: Apache-2.0
// kind: reaction
// Butterfly wings: ringed eyespots in a soft ground that its veins divide (after Nijhout's model, 1980).
#include "lib/noise.glsl"
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 q = turn(p, TAU * r.x), root = vec2(-1.5, -0.3 + 0.6 * r.y);
  vec2 out_along = q - root;
  float angle = bearing(out_along), far = length(out_along), spread = 0.16 + 0.1 * r.z;
  float sector = floor(angle / spread), across = (angle / spread - sector - 0.5) * spread * far;
  vec2 own = hash2(ivec2(int(sector) + 40, 1 + int(900.0 * r.w)));
  float centre = 1.35 + 0.35 * own.x + 0.25 * sin(sector), size = (0.45 + 0.5 * own.y) * spread * far * 0.62;
  float d = length(vec2((far - centre) * 0.85, across)) + 0.01 * sin(t);
  float ring = d / size, eye = 1.0 - smoothstep(1.02, 1.1, ring);
  float bands = 0.5 + 0.5 * cos(9.0 * (far + 0.25 * exp(-3.0 * ring * ring)) + 3.0 * r.x + 0.3 * t);
  vec3 ground = scheme(0.2 * far + 0.16 * bands + r.w, r) * (0.6 + 0.25 * bands);
  vec3 rings = palette(r.z + 0.28 * floor(3.2 * ring), r) * (0.5 + 0.5 * step(0.5, fract(1.6 * ring)));
  rings = mix(vec3(0.95), rings,
      smoothstep(0.1, 0.16, length(vec2((far - centre) * 0.85 + 0.15 * size, across - 0.1 * size)) / size));
  float vein = smoothstep(0.5 * spread * far - 0.02, 0.5 * spread * far - 0.006, abs(across));
  return mix(mix(ground, rings, eye), ramp(0.05, r), 0.75 * vein) * (0.95 + 0.06 * noise(24.0 * q));
}
