#version 300 es
// SPDX-License-Identifier: Apache-2.0
precision highp float;
uniform vec2 resolution;
uniform float time;
layout (location = 0) out highp vec4 outColor;
const vec3 tints[2] = vec3[2](vec3(1.0, 0.5, 0.2), vec3(0.2, 0.5, 1.0));
void main(){
  vec2 uv = gl_FragCoord.xy / resolution;
  uint bits = uint(gl_FragCoord.x) ^ uint(gl_FragCoord.y);
  outColor = vec4(mix(tints[0], tints[1], uv.x) * float(bits & 15u) / 15.0 * (0.75 + 0.25 * sin(time)), 1.0);
}
