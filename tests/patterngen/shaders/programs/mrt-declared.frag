#version 300 es
// SPDX-License-Identifier: Apache-2.0
// Two targets, declared by the program: the first counts frames, the second keeps squares.
precision highp float;
uniform vec2 r;
uniform float t;
uniform sampler2D b0;
uniform sampler2D b1;
layout(location = 1) out vec4 squares;
layout(location = 0) out vec4 counts;
void main(){
  vec2 uv=gl_FragCoord.xy/r;
  counts.a=texture(b0,uv).a+1.;
  squares=vec4(counts.a*counts.a);
  counts.rgb=vec3(counts.a,texture(b1,uv).x/10.,50.+50.*sin(20.*uv.x))/100.;
}
