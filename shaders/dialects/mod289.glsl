// SPDX-License-Identifier: Apache-2.0
// The rest of a division by 289 = 17 * 17. McEwan et al., Efficient computational noise in GLSL, 2012.
float mod289(float x) { return x - 289.0 * floor(x / 289.0); }
vec2 mod289(vec2 x) { return x - 289.0 * floor(x / 289.0); }
vec3 mod289(vec3 x) { return x - 289.0 * floor(x / 289.0); }
vec4 mod289(vec4 x) { return x - 289.0 * floor(x / 289.0); }
