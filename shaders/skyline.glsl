// SPDX-License-Identifier: Apache-2.0
// kind: shapes
// A skyline: rows of towers before a graded sky, the nearer the darker, with lit windows.
#include "lib/hash.glsl"
#include "lib/palette.glsl"
#include "lib/shape.glsl"

vec3 pattern(vec2 p, float t, vec4 r) {
  vec3 colour = mix(ramp(0.85, r), ramp(0.4, r), 0.5 + 0.5 * p.y);
  colour += 0.35 * exp(-6.0 * length(p - vec2(1.2 * r.x - 0.6, 0.35 + 0.3 * r.y)));
  for (int k = 0; k < 4; k++) {
    float near = float(k) / 3.0, scale = 6.0 - 3.0 * near;
    float x = scale * p.x + 50.0 * r.z + (0.2 + near) * 0.3 * t, tower = floor(x);
    vec2 h = hash2(ivec2(tower, k + int(1000.0 * r.w)));
    float width = 0.55 + 0.44 * h.y, inside = abs(x - tower - 0.5) - 0.5 * width;
    float roof = 0.45 - 0.95 * near + (0.65 + 0.2 * near) * (h.x - 0.5);
    roof += h.y < 0.3 ? 0.25 * max(0.0, -inside) : 0.0;
    float d = max(inside / scale, p.y - roof);
    vec2 pane = vec2((x - tower) * 9.0, p.y * (26.0 - 12.0 * near));
    float lit = step(0.72, hash2(ivec2(floor(pane)) + ivec2(tower) * 31 + k * 977).x);
    vec2 edge = abs(fract(pane) - 0.5);
    float frame = max(smoothstep(0.3, 0.42, max(edge.x, edge.y)), smoothstep(-0.03, -0.01, d));
    float glass = lit * near * (1.0 - frame);
    vec3 wall = mix(ramp(0.6, r), ramp(0.04, r), near) * (1.0 + 0.25 * (roof - p.y) * (1.0 - near));
    colour = mix(colour, wall + 0.6 * glass * palette(r.x + 0.2 * h.x, r), paint(d, 2.0 * pixel));
  }
  return colour;
}
