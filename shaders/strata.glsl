// SPDX-License-Identifier: Apache-2.0
// kind: volume
// A cut through solid noise: a block whose layers were folded, sliced by three planes at a corner.
#include "lib/noise.glsl"
#include "lib/palette.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  // Each face of a cube seen along its diagonal covers one third of the plane.
  vec2 q = (0.8 + 0.5 * r.x) * p - 0.3 * (r.yz - 0.5);
  vec3 axis = vec3(q.y, -0.5 * q.y + 0.8660254 * q.x, -0.5 * q.y - 0.8660254 * q.x);
  float high = max(axis.x, max(axis.y, axis.z));
  float face = high == axis.x ? 0.0 : high == axis.y ? 1.0 : 2.0;
  // The point of the cube's surface that is seen there.
  vec3 x = (vec3(high) - axis) * 0.8 * (r.w < 0.5 ? 1.0 : -1.0);
  vec3 from = 50.0 * r.xyz;
  float fold_of_rock = noise(0.8 * x + from) + 0.5 * noise(1.7 * x + from.yzx);
  float layer = (2.5 + 3.0 * r.y) * (x.x + 0.4 * x.y + 0.35 * fold_of_rock * (0.5 + r.z)) + 0.05 * t;
  float bed = line_noise(2.0 * layer, 2) * 0.7 + 0.3 * line_noise(7.0 * layer, 4);
  float light = face < 0.5 ? 0.95 : face < 1.5 ? 0.7 : 0.48;
  vec3 rock = scheme(0.75 * bed + r.w, r) * 0.75 + 0.2;
  float second = max(min(axis.x, axis.y), min(max(axis.x, axis.y), axis.z));
  return rock * light * (0.8 + 0.2 * smoothstep(0.0, 0.04, high - second));
}
