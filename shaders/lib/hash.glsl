// SPDX-License-Identifier: Apache-2.0
// Random numbers from whole numbers: equal on every renderer, for only integers are mixed.

// PCG hash of two numbers. Jarzynski & Olano, Hash Functions for GPU Rendering, JCGT 9(3), 2020.
uvec2 pcg2d(uvec2 v) {
  v = v * 1664525u + 1013904223u;
  v.x += v.y * 1664525u;
  v.y += v.x * 1664525u;
  v ^= v >> 16u;
  v.x += v.y * 1664525u;
  v.y += v.x * 1664525u;
  return v ^ (v >> 16u);
}

// PCG hash of three numbers; same source.
uvec3 pcg3d(uvec3 v) {
  v = v * 1664525u + 1013904223u;
  v.x += v.y * v.z;
  v.y += v.z * v.x;
  v.z += v.x * v.y;
  v ^= v >> 16u;
  v.x += v.y * v.z;
  v.y += v.z * v.x;
  v.z += v.x * v.y;
  return v;
}

// Two numbers of [0, 1) that belong to a cell: the upper 24 bits, exact in a float.
vec2 hash2(ivec2 cell) { return vec2(pcg2d(uvec2(cell)) >> 8u) / 16777216.0; }

// Three numbers of [0, 1) that belong to a cell and a layer.
vec3 hash3(ivec2 cell, int layer) { return vec3(pcg3d(uvec3(cell, layer)) >> 8u) / 16777216.0; }

// PCG hash of four numbers; same source.
uvec4 pcg4d(uvec4 v) {
  v = v * 1664525u + 1013904223u;
  v.x += v.y * v.w;
  v.y += v.z * v.x;
  v.z += v.x * v.y;
  v.w += v.y * v.z;
  v ^= v >> 16u;
  v.x += v.y * v.w;
  v.y += v.z * v.x;
  v.z += v.x * v.y;
  v.w += v.y * v.z;
  return v;
}

// Four further numbers from the lower 12 bits of numbers with 24: coarse, but cheaper than another hash.
vec4 finer(vec4 h) { return fract(4096.0 * h); }

// Four further random numbers of [0, 1) for a picture: the k-th quartet that follows from its r.
vec4 more(vec4 r, int k) {
  uvec4 v = uvec4(r * 16777216.0);
  v.x += uint(k) << 24u;  // r fills 24 bits
  return vec4(pcg4d(v) >> 8u) / 16777216.0;
}
