// SPDX-License-Identifier: Apache-2.0
// A permutation of 0 ... 288: (34 x + 1) x modulo 289. McEwan et al., Efficient computational noise in GLSL, 2012.
#include "mod289.glsl"

float permute(float x) { return mod289((34.0 * x + 1.0) * x); }
vec2 permute(vec2 x) { return mod289((34.0 * x + 1.0) * x); }
vec3 permute(vec3 x) { return mod289((34.0 * x + 1.0) * x); }
vec4 permute(vec4 x) { return mod289((34.0 * x + 1.0) * x); }
