// SPDX-License-Identifier: Apache-2.0
// Pictures of a flow. The program that includes this defines `flow`: the way and the speed at a point.
#include "lib/noise.glsl"

vec2 flow(vec2 p, float t, vec4 r);

// The way alone: of length 1, or 0 where nothing flows.
vec2 way(vec2 p, float t, vec4 r) {
  vec2 v = flow(p, t, r);
  return v * inversesqrt(max(dot(v, v), 1e-12));
}

// Where a grain carried along ends after some steps (midpoint rule).
vec2 carry(vec2 p, float stride, int steps, float t, vec4 r) {
  for (int i = 0; i < steps; i++) {
    vec2 half_way = p + 0.5 * stride * flow(p, t, r);
    p += stride * flow(half_way, t, r);
  }
  return p;
}

// Noise of some fineness smeared along the streamline through p, about [-1, 1]: so its grain shows the way.
// Cabral & Leedom, Imaging Vector Fields Using Line Integral Convolution, SIGGRAPH 1993.
float smear(vec2 p, float fineness, float stride, int steps, float t, vec4 r) {
  vec2 seed = 90.0 * r.xy, ahead = p, behind = p;
  float sum = noise(fineness * p + seed);
  for (int i = 0; i < steps; i++) {
    ahead += stride * way(ahead, t, r);
    behind -= stride * way(behind, t, r);
    sum += noise(fineness * ahead + seed) + noise(fineness * behind + seed);
  }
  return 1.6 * sum / sqrt(float(2 * steps + 1));
}
