// SPDX-License-Identifier: Apache-2.0
// kind: glows
// An eclipse: a black disc with a thin bright rim and a crown of rays that fade outward.
// ground: black
#include "lib/noise.glsl"
#include "lib/palette.glsl"
#include "lib/place.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  Place here = place(p, 0.2, 0.55, 503, r);
  vec4 h = more(r, 504);
  float radius = length(here.q), out_by = max(radius - 1.0, 0.0);
  vec2 way = here.q / max(radius, 1e-3);
  float ray = fbm((1.5 + 3.0 * h.x) * way + vec2(0.15 * t, 0.0) + 40.0 * r.xy, 4);
  float crown = exp(-out_by * (2.5 - 2.4 * ray + 2.0 * h.y));
  float rim = exp(-out_by * 28.0), bead = exp(-5.0 * length(here.q - polar(1.0, TAU * h.z)) );
  float outside = smoothstep(-here.grain, here.grain, radius - 1.0);
  return (hsv(r.z, 0.8 * h.w, 0.8) * crown * (0.5 + 0.5 * ray) + 0.8 * rim + 0.6 * bead) * outside;
}
