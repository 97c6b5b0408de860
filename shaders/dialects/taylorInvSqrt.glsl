// SPDX-License-Identifier: Apache-2.0
// 1 / sqrt(x) near 0.7, by the first two terms of its Taylor series about that place.
float taylorInvSqrt(float x) { return inversesqrt(0.7) * (1.5 - x / 1.4); }
vec4 taylorInvSqrt(vec4 x) { return inversesqrt(0.7) * (1.5 - x / 1.4); }
