// SPDX-License-Identifier: Apache-2.0
// Marching rays to a surface. The program that includes this defines `scene`: the signed distance to it.
#include "lib/camera.glsl"

float scene(vec3 x, float t, vec4 r);

// How far along a ray the surface lies, in x, or `far` if missed; in y the smallest distance on the way.
// Hart, Sphere Tracing, The Visual Computer 12, 1996.
vec2 march(Ray ray, float near, float far, int steps, float t, vec4 r) {
  float gone = near, nearest = far;
  for (int i = 0; i < steps; i++) {
    float gap = scene(ray.from + gone * ray.along, t, r);
    nearest = min(nearest, gap);
    if (gap < 0.002 * gone) return vec2(gone, nearest);
    gone += gap;
    if (gone > far) break;
  }
  return vec2(nearest < 0.02 * gone && gone < far ? gone : far, nearest);
}

// The direction in which a surface faces: the slope of the distance, from the corners of a tetrahedron.
vec3 facing(vec3 x, float t, vec4 r) {
  const vec2 e = vec2(0.004, -0.004);
  return normalize(e.xyy * scene(x + e.xyy, t, r) + e.yyx * scene(x + e.yyx, t, r) +
                   e.yxy * scene(x + e.yxy, t, r) + e.xxx * scene(x + e.xxx, t, r) + vec3(0.0, 1e-9, 0.0));
}
