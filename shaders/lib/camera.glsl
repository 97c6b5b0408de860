// SPDX-License-Identifier: Apache-2.0
// A camera for scenes in space, and the light in them.
#include "lib/plane.glsl"

struct Ray {
  vec3 from;
  vec3 along;  // of length 1
};

// The ray through a point of the picture, from a camera that looks at the origin.
Ray camera(vec2 p, float away, float zoom, float yaw, float pitch) {
  Ray ray = Ray(vec3(0.0, 0.0, -away), normalize(vec3(p, zoom)));
  ray.from.yz = turn(ray.from.yz, pitch);
  ray.along.yz = turn(ray.along.yz, pitch);
  ray.from.xz = turn(ray.from.xz, yaw);
  ray.along.xz = turn(ray.along.xz, yaw);
  return ray;
}

// Soft light from above and one side, on a surface that faces some way: about [0.1, 1].
float lamp(vec3 normal) {
  return 0.3 + 0.2 * normal.y + 0.5 * max(dot(normal, vec3(0.48, 0.64, -0.6)), 0.0);
}
