precision highp float;
uniform vec2 r, m;
uniform float t;
uniform float f;
uniform float s;
uniform sampler2D b;
// SPDX-License-Identifier: Apache-2.0
// TwiGL geek: the same by their short names.
void main(){
  vec2 p=(gl_FragCoord.xy*2.-r)/min(r.x,r.y);
  float filter=.1/abs(length(p-m)-.5)+s;
  gl_FragColor=vec4(filter,.5+.5*sin(t+p),1.)+.1*texture2D(b,gl_FragCoord.xy/r)+0.*f;
}
