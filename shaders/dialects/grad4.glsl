// SPDX-License-Identifier: Apache-2.0
// The slope of number j for noise in four dimensions: a grid folded onto the surface of a cross-polytope; ip holds
// one over its sides. McEwan et al., Efficient computational noise in GLSL, 2012.
vec4 grad4(float j, vec4 ip) {
  vec3 grid = floor(7.0 * fract(j * ip.xyz)) * ip.z - 1.0;
  float height = 1.5 - dot(abs(grid), vec3(1.0));
  // What lies below the last face is folded over, toward the other side of each axis.
  if (height < 0.0) grid -= 2.0 * vec3(greaterThanEqual(grid, vec3(0.0))) - 1.0;
  return vec4(grid, height);
}
