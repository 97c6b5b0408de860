vec2 u=FC.xy/r;o0=texture(b0,u)+vec4(1,.5+.5*sin(u.x*30.),u.y*u.x,1);o1=texture(b1,u)+o0;o0.rgb=o0.x>7.5?o1.rgb/64.:o0.rgb;
