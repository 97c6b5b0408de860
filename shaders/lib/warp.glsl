// SPDX-License-Identifier: Apache-2.0
// Maps of the plane onto itself that bend, mirror or tear: where to look for the colour of a point.
#include "lib/lattice.glsl"
#include "lib/noise.glsl"
#include "lib/plane.glsl"

// Turned about a centre by an angle that dies away with the distance.
vec2 swirl(vec2 p, vec2 centre, float twist, float reach) {
  vec2 x = p - centre;
  return centre + turn(x, twist * exp(-dot(x, x) / (reach * reach)));
}

// A lens: at its centre things look so many times as large, at its rim and beyond as they are.
vec2 lens(vec2 p, vec2 centre, float radius, float times) {
  vec2 x = p - centre;
  return centre + x * mix(1.0 / times, 1.0, smoothstep(0.0, radius, length(x)));
}

// Barrel or pincushion: the scale grows or shrinks with the squared distance, but never turns over.
vec2 cushion(vec2 p, float bend) { return p * max(1.0 + bend * dot(p, p), 0.2); }

// Each coordinate displaced by a wave along the other.
vec2 ripple(vec2 p, float height, float frequency, float phase) {
  return p + height * sin(frequency * p.yx + vec2(phase, 1.3 * phase + 1.0));
}

// Rings that push outward and pull inward.
vec2 pulse(vec2 p, float height, float frequency, float phase) {
  return p * (1.0 + height * sin(frequency * length(p) - phase));
}

// Displaced by smooth noise of frequency 1.
vec2 drift(vec2 p, float amount, vec2 place) {
  return p + amount * vec2(noise(p + place), noise(p + place + vec2(31.4, 15.9)));
}

// Carried along the level lines of smooth noise: the field has no divergence, so nothing bunches up.
vec2 current(vec2 p, float stride, vec2 place) {
  for (int i = 0; i < 3; i++) {
    vec2 slope = noise_slope(p + place).yz;
    p += stride * vec2(slope.y, -slope.x);
  }
  return p;
}

// Mirrors along all whole x and y: the unit square, and its mirror images everywhere.
vec2 mirrors(vec2 p) { return abs(mod(p, 2.0) - 1.0); }

// Mirrors of the square lattice with its diagonals: the wallpaper group p4m.
vec2 square_mirrors(vec2 p) {
  vec2 q = mirrors(p);
  return vec2(max(q.x, q.y), min(q.x, q.y));
}

// Mirrors of the hexagonal lattice: the wallpaper group p6m.
vec2 hexagon_mirrors(vec2 p) { return fold(hexagon(p).offset, 6.0); }

// A sheet folded along random-looking creases, and folded again: no length changes, nothing tears.
vec2 crease(vec2 p, vec2 shift, float angle, int times) {
  for (int i = 0; i < times; i++) p = turn(abs(p) - shift, angle);
  return p;
}

// Distance and angle as a straight grid: rings become columns; n rows around, mirrored so that no seam shows.
vec2 rings_to_rows(vec2 p, float n) { return vec2(2.0 * length(p), abs(bearing(p)) * n / PI); }

// As a grid with logarithmic spirals for lines, so many arms of a pitch; mirrored so that no seam shows.
vec2 coil(vec2 p, float arms, float pitch) {
  vec2 z = vec2(0.5 * log(dot(p, p) + 0.02), bearing(p));
  return vec2(arms * z.x / PI, abs(mod((arms * z.y + pitch * z.x) / PI, 2.0) - 1.0));
}

// Floor and ceiling of a hall that go to the horizon; `eye` is how high the eye is, and blunts the horizon.
vec2 hall(vec2 p, float eye) { return vec2(p.x, 1.0) / (abs(p.y) + eye); }

// The disc turned about another point than its centre, in the geometry in which it is the whole plane.
vec2 mobius(vec2 z, vec2 a) { return over(z - a, vec2(1.0, 0.0) - times(vec2(a.x, -a.y), z)); }

// The flow around a cylinder of radius 1, whose middle is filled: z + 1/z.
vec2 around(vec2 z) { return z + vec2(z.x, -z.y) / (dot(z, z) + 0.25); }

// The complex sine.
vec2 sine(vec2 z) {
  float up = exp(clamp(z.y, -4.0, 4.0)), down = 1.0 / up;
  return 0.5 * vec2(sin(z.x) * (up + down), cos(z.x) * (up - down));
}

// Strips of height 1, each slipped sideways by a random part of an amount.
vec2 slip(vec2 p, float amount, int deal) {
  int strip = int(floor(p.y));
  return p + vec2(amount * (hash2(ivec2(strip, deal)).x - 0.5), 0.0);
}
