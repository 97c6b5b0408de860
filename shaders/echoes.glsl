// SPDX-License-Identifier: Apache-2.0
// kind: shapes
// Echoes of shapes: bands of equal distance around a few figures that melt together, inside and out.
#include "lib/palette.glsl"
#include "lib/plane.glsl"
#include "lib/shape.glsl"

vec2 place(vec2 p, vec4 h, float t) { return turn(p - 1.4 * (h.xy - 0.5), TAU * h.z + 0.15 * t); }

vec3 pattern(vec2 p, float t, vec4 r) {
  vec4 a = more(r, 1), b = more(r, 2), c = more(r, 3), e = more(r, 4);
  vec4 size = 0.12 + 0.3 * vec4(a.w, b.w, c.w, e.w);
  float plate = box(place(p, a, t), size.x * vec2(1.0, 0.4));
  float sun = star(place(p, b, t), 5.0, 1.3 * size.y, 0.6 * size.y);
  float hook = arc(place(p, c, t), 1.2 + c.x, size.z, 0.05);
  float wedge = polygon(place(p, e, t), 3.0, 0.7 * size.w);
  float d = smooth_min(smooth_min(plate, sun, 0.12), smooth_min(hook, wedge, 0.12), 0.12);
  float band = d * (4.0 + 9.0 * r.x) - 0.4 * t;
  float wave = 0.5 + 0.5 * cos(TAU * band);
  vec3 colour = scheme((d < 0.0 ? 0.5 : 0.0) + 0.35 * d + 0.12 * floor(band) * r.y + r.w, r);
  float light = mix(0.6, 0.98, r.z < 0.5 ? wave : fract(band));
  return colour * light * (0.7 + 0.3 * smoothstep(0.0, 0.03, abs(d)));
}
