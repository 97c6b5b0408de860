#version 300 es
// SPDX-License-Identifier: Apache-2.0
void main(){
  ivec2 i=ivec2(gl_FragCoord.xy);
  outColor=vec4(vec2(i)/r,abs(sin(t)),1)*mix(.5,1.,float((i.x^i.y)&1));
}
