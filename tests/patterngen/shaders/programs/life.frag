#version 300 es
// SPDX-License-Identifier: Apache-2.0
// Conway's game: a glider on a torus goes one cell down and to the right in four frames.
precision highp float;
uniform vec2 resolution;
uniform float frame;
uniform sampler2D backbuffer;
out vec4 colour;
int alive(ivec2 c){
  ivec2 n=ivec2(resolution);
  return int(texelFetch(backbuffer,(c+n)%n,0).x>.5);
}
void main(){
  ivec2 c=ivec2(gl_FragCoord.xy);
  int around=0,x,y;
  for(y=-1;y<2;y++)for(x=-1;x<2;x++)around+=x==0&&y==0?0:alive(c+ivec2(x,y));
  bool now=around==3||(around==2&&alive(c)==1);
  if(frame<.5)now=c==ivec2(1,3)||c==ivec2(2,2)||(c.y==1&&c.x<3);
  colour=vec4(vec3(now),1);
}
