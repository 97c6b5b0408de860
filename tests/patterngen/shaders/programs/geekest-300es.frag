#version 300 es
o=vec4(FC.xy/r,.5+.5*sin(t),1);uint k=uint(FC.x)>>3;k%2u==0u?o.b=1.:o.rgb*=.5;
