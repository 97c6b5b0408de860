// SPDX-License-Identifier: Apache-2.0
// kind: shapes
// Metaballs: drops that flow together, lit like blobs of glass (Blinn, 1982).
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  float field = 0.0;
  vec2 slope = vec2(0.0);
  for (int k = 0; k < 8; k++) {
    vec4 h = more(r, k + 1);
    vec2 offset = p - 0.85 * cos(TAU * h.xy + (0.3 + 0.7 * h.zw) * t);
    float size = 0.02 + 0.07 * h.z;
    float strength = size / (dot(offset, offset) + 0.03);
    field += strength;
    slope -= offset * strength / (dot(offset, offset) + 0.03);
  }
  float skin = smoothstep(0.92, 1.08, field);
  vec3 normal = normalize(vec3(slope, 3.0 + 3.0 * (field - 1.0)));
  float light = max(dot(normal, vec3(0.45, 0.6, 0.66)), 0.0);
  vec3 ground = palette(r.w + 0.35 * min(field, 1.0), r) * (0.35 + 0.25 * min(field, 1.0));
  return mix(ground, palette(r.w + 0.5 + 0.1 * min(field, 2.0), r) * (0.3 + 0.8 * light)
      + 0.5 * pow(light, 24.0), skin);
}
