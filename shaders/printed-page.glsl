// SPDX-License-Identifier: Apache-2.0
// kind: glyphs
// A page seen from afar: lines of words, each word a row of small dark signs, on white.
// ground: white
// colour: grey
#include "lib/noise.glsl"
#include "lib/place.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  Place here = stand(p, 0.75, 1.3, 341, r);
  vec4 h = more(r, 342);
  float lines = 8.0 + floor(16.0 * h.x);
  vec2 q = turn(here.q, 0.7 * (r.z - 0.5)) * lines * 0.5 + 40.0 * r.xy + vec2(0.0, 0.2 * t);
  ivec2 line = ivec2(0, floor(q.y));
  float y = fract(q.y), x = 2.2 * q.x, sign_number = floor(x);
  bool gap = line_noise(0.45 * sign_number, line.y) < 0.3 + 0.15 * h.y || hash2(line + 7).x < 0.12;
  vec3 own = hash3(ivec2(int(sign_number), line.y), 3);
  float top = own.x < 0.25 ? 0.85 : 0.6, low = own.y < 0.15 ? 0.05 : 0.25;
  vec2 cell = vec2(fract(x), (y - low) / (top - low));
  float stroke = abs(noise(vec2(2.2, 2.6) * cell + 30.0 * own.yz + 9.0 * float(line.y)));
  bool inked = !gap && abs(cell.x - 0.5) < 0.42 && cell.y > 0.0 && cell.y < 1.0 && stroke < 0.15 + 0.15 * h.z;
  bool inside = max(abs(here.q.x), abs(here.q.y)) < 0.95;
  return vec3(inked && inside ? 0.02 + 0.4 * h.w : 1.0);
}
