// SPDX-License-Identifier: Apache-2.0
// TwiGL geeker: its inputs are there undeclared.
void main(){
  vec2 p=(gl_FragCoord.xy*2.-r)/r.y;
  gl_FragColor=vec4(vec3(sin(p.x*9.+t),cos(p.y*9.-t),m.x+s+0.*f)*.5+.4*texture2D(b,gl_FragCoord.xy/r).rgb,1);
}
