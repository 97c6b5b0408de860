// SPDX-License-Identifier: Apache-2.0
// A random number of [0, 1) for a point: no two points, however close, share theirs.
#include "lib/hash.glsl"

float fsnoise(vec2 p) { return float(pcg2d(floatBitsToUint(p)).x >> 8u) / 16777216.0; }
