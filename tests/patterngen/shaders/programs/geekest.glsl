for(float i,g,e;i++<9.;){vec3 p=vec3((FC.xy-.5*r)/r.y*g,g-2.);p.xy*=rotate2D(t+i);
  p*=rotate3D(.1*i,vec3(0,1,1));e=length(p)-.5+.1*snoise3D(p*3.)+.05*snoise2D(p.xy*4.)+.02*snoise4D(vec4(p,t));
  e<.01?o.rgb+=.1:g+=e;o+=.1*vec4(hsv(fsnoise(vec2(i,1))+.1*g,.6,1./(1.+e*e)),0)+.01*fsnoiseDigits(FC.xy/r)*sin(PI2*i/PI);}
