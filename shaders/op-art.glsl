// SPDX-License-Identifier: Apache-2.0
// kind: stripes
// Op art: bars of two inks whose width swells and shrinks along the picture, as if the sheet were bulging.
#include "lib/palette.glsl"
#include "lib/plane.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec2 q = turn(p, TAU * r.x), centre = 0.8 * (r.yz - 0.5);
  float bulge = 0.0;
  for (int k = 0; k < 3; k++) {
    vec4 h = more(r, k + 1);
    vec2 offset = q - 1.1 * (2.0 * h.xy - 1.0);
    float high = (h.z < 0.4 ? -0.28 : 0.34) * (1.0 + 0.2 * sin(t));
    bulge += high * exp(-dot(offset, offset) / (0.1 + 0.35 * h.w));
  }
  float lines = 4.0 + 6.0 * r.w, x = lines * (q.x + bulge * (q.x - centre.x + 0.8));
  float y = r.z < 0.5 ? 0.5 * lines * (q.y - 0.8 * bulge) : 0.35 * sin(2.0 * q.y + 4.0 * bulge);
  float soft = 3.0 * lines * pixel;
  float check = r.z < 0.5 ? square_wave(x, soft) * square_wave(y, soft) : square_wave(x + y, soft);
  return mix(ink(0.0, r), ink(1.0, r), 0.5 + 0.5 * check) * (1.0 - 0.45 * clamp(abs(bulge) * 1.5, 0.0, 0.6))
      + 0.1 * bulge * palette(r.y, r);
}
