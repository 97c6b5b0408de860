// SPDX-License-Identifier: Apache-2.0
// kind: volume
// A knotted tube: a torus knot, each strand found by its turn about the ring.
#include "lib/march.glsl"
#include "lib/palette.glsl"

float scene(vec3 x, float t, vec4 r) {
  float around = 2.0 + floor(2.0 * r.x), through = 3.0 + 2.0 * floor(2.0 * r.y), angle = bearing(x.xz),
      d = 9.0;
  vec2 section = vec2(length(x.xz) - 0.75, x.y);
  for (int k = 0; k < 3; k++) {
    if (float(k) < around) {
      float turned = (angle + TAU * float(k)) * through / around + 0.3 * t;
      d = min(d, length(section - polar(0.32, turned)));
    }
  }
  return 0.6 * (d - 0.1 - 0.08 * r.z);
}

vec3 pattern(vec2 p, float t, vec4 r) {
  Ray ray = camera(p, 2.9, 2.0, TAU * r.w, 0.5 + 0.9 * r.z);
  vec2 hit = march(ray, 1.5, 4.4, 18, t, r);
  vec3 ground = mix(ramp(0.6, r), ramp(0.25, r), length(p) * 0.7) * (1.0 - 0.45 * exp(-7.0 * hit.y));
  if (hit.x >= 4.4) return ground;
  vec3 x = ray.from + hit.x * ray.along, normal = facing(x, t, r);
  float shine = pow(max(dot(reflect(ray.along, normal), vec3(0.48, 0.64, -0.6)), 0.0), 18.0);
  float band = 0.5 + 0.5 * sin(9.0 * bearing(x.xz) + 12.0 * x.y);
  return palette(r.w + 0.2 * band * r.x + 0.5 * length(x.xz), r) * lamp(normal) * 1.1 + 0.35 * shine;
}
