// SPDX-License-Identifier: Apache-2.0
// A random number of [0, 1) for a point rounded to three digits after the point.
#include "lib/hash.glsl"

float fsnoiseDigits(vec2 p) { return hash2(ivec2(floor(p * 1000.0 + 0.5)) + ivec2(7919, 104729)).x; }
