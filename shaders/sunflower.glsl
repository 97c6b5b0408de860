// SPDX-License-Identifier: Apache-2.0
// kind: cellular
// Sunflower: seeds at golden angles (Vogel, 1979), the nearest by lattice reduction (Keinert et al., 2015).
#include "lib/palette.glsl"
#include "lib/plane.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  const float golden = 0.38196601;  // of a full turn, from each seed to the next
  float spacing = 0.05 + 0.09 * r.x;
  vec2 q = turn(p - 0.8 * (r.yz - 0.5), 0.2 * t);
  // Seed i lies at number i and turn i·golden: a lattice, spanned by its vectors of two Fibonacci numbers.
  vec2 place = vec2(dot(q, q) / (spacing * spacing), bearing(q) / TAU);
  // The pair whose vectors are as long along the radius as across it; log2 of the golden ratio is 0.694.
  float k = max(2.0, floor(1.4404 * log2(2.236 * sqrt(5.62 * place.x + 1.0))));
  vec2 fibonacci = round(exp2(0.69424191 * (k + vec2(0.0, 1.0))) / 2.2360680);
  vec2 turns = fibonacci * golden - round(fibonacci * golden);
  float determinant = fibonacci.x * turns.y - fibonacci.y * turns.x;
  vec2 corner = floor(vec2(turns.y * place.x - fibonacci.y * place.y,
                           fibonacci.x * place.y - turns.x * place.x) / determinant);
  float near = 9.0, which = 0.0;
  for (int i = 0; i < 4; i++) {
    float seed = max(dot(corner + vec2(i % 2, i / 2), fibonacci), 0.0);
    float angle = TAU * fract(seed * golden);
    float d = length(q - spacing * sqrt(seed) * vec2(cos(angle), sin(angle)));
    which = d < near ? seed : which;
    near = min(near, d);
  }
  float seed = 1.0 - smoothstep(0.55, 0.85, near / spacing);
  vec3 colour = palette(r.w + 0.25 + 0.3 * sqrt(which) * spacing + 0.1 * mod(which, 3.0), r);
  return mix(palette(r.w, r) * 0.25, colour * (1.2 - 0.9 * near / spacing), seed);
}
