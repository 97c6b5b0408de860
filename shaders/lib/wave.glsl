// SPDX-License-Identifier: Apache-2.0
// Sums of waves, about [-1, 1].
#include "lib/hash.glsl"
#include "lib/plane.glsl"

// Plane waves of equal length from directions evenly around: 3 give a honeycomb, 2 squares, others
// quasicrystals.
float crystal(vec2 p, int count, float phase) {
  float sum = 0.0;
  for (int k = 0; k < count; k++) {
    float angle = PI * float(k) / float(count);
    sum += cos(dot(p, polar(1.0, angle)) + phase * float(k));
  }
  return 1.3 * sum * inversesqrt(float(count));
}

// Plane waves of equal length from random directions: blobs and labyrinths of one width.
float labyrinth(vec2 p, int count, int deal, float phase) {
  float sum = 0.0;
  for (int k = 0; k < count; k++) {
    vec2 h = hash2(ivec2(k, deal));
    sum += cos(dot(p, polar(1.0, PI * (float(k) + h.x) / float(count))) + TAU * h.y + phase);
  }
  return 1.2 * sum * inversesqrt(float(count));
}

// Circular waves of frequency 1 from random points of a square with sides of 2 · spread.
float sources(vec2 p, int count, float spread, int deal, float phase) {
  float sum = 0.0;
  for (int k = 0; k < count; k++) {
    vec2 h = hash2(ivec2(k, deal));
    sum += sin(length(p - spread * (2.0 * h - 1.0)) - phase);
  }
  return 1.2 * sum * inversesqrt(float(count));
}

// A square plate that rings: Chladni's figures are where it rests.
float plate(vec2 p, float m, float n) {
  return 0.7 * (cos(m * p.x) * cos(n * p.y) - cos(n * p.x) * cos(m * p.y));
}

// So many arms that wind outward as logarithmic spirals.
float spiral(vec2 p, float arms, float pitch, float phase) {
  return sin(arms * bearing(p) + 0.5 * pitch * log(dot(p, p) + 0.02) - phase);
}

// Rings with so many petals of some depth.
float rose(vec2 p, float petals, float depth, float frequency, float phase) {
  return sin(frequency * length(p) * (1.0 + depth * cos(petals * bearing(p))) - phase);
}

// Sines of sines.
float plasma(vec2 p, float phase) {
  vec2 q = p + 1.3 * sin(p.yx + vec2(phase, 0.7 * phase));
  return 0.5 * (sin(q.x + 0.8 * q.y + phase) + sin(1.4 * q.y - 0.5 * q.x));
}

// A value brought to steps of 1/n with short, smooth rises between.
float terraces(float x, float n) {
  float level = floor(n * x);
  return (level + smoothstep(0.6, 1.0, n * x - level)) / n;
}
