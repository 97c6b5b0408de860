#ifdef GL_ES
precision mediump float;
#endif
// SPDX-License-Identifier: Apache-2.0
// TwiGL classic: a main of its own, its inputs declared in full.
#extension GL_OES_standard_derivatives : enable
uniform vec2 resolution;
uniform vec2 mouse;
uniform float time, frame;
uniform float sound;
uniform sampler2D backbuffer;

void main( void ) {
    vec2 uv = gl_FragCoord.xy / resolution.xy;
    float edge = fwidth(uv.x) * resolution.x - 1.0 + dFdy(uv.y) * resolution.y - 1.0;
    float shade = 0.5 + 0.5 * sin(20.0 * length(uv - mouse) - time);
    vec4 last = texture2D(backbuffer, uv);
    gl_FragColor = vec4(uv, shade + edge + sound + 0.0 * frame, 1.0) * 0.5 + 0.5 * last;
}
