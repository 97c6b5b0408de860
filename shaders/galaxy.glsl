// SPDX-License-Identifier: Apache-2.0
// kind: glows
// A galaxy: arms of faint light wound about a bright core, seen from above or aslant, with points of stars.
// ground: black
#include "lib/noise.glsl"
#include "lib/palette.glsl"
#include "lib/place.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  Place here = place(p, 0.6, 1.3, 501, r);
  vec4 h = more(r, 502);
  vec2 q = here.q / vec2(1.0, 1.0 - 0.75 * h.x);
  float radius = length(q), arms = 2.0 + floor(3.0 * h.y);
  float wound = bearing(q) + (2.0 + 3.0 * h.z) * log(radius + 0.05) + 0.2 * t;
  vec2 turned = turn(q, (2.0 + 3.0 * h.z) * log(radius + 0.05));
  float dust = 0.6 + 0.7 * fbm(5.0 * turned + 40.0 * r.xy, 4);
  float arm = pow(0.5 + 0.5 * cos(arms * wound), 2.0) * dust;
  arm *= exp(-2.5 * radius * radius) * smoothstep(0.0, 0.3, radius);
  vec3 own = hash3(ivec2(floor(60.0 * q + 300.0)), 1);
  float core = exp(-radius / (0.06 + 0.08 * h.w));
  vec3 colour = hsv(r.z + 0.15 * radius, 0.7 * r.w, 1.0);
  return 1.0 - exp(-2.6 * (colour * arm + vec3(1.0, 0.9, 0.75) * core + 0.8 * arm * step(0.94, own.x)));
}
