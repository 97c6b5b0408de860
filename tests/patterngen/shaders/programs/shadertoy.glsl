// SPDX-License-Identifier: Apache-2.0
// Every input of Shadertoy; the picture shows what they add up to.
#define T iTime
float wave(vec2 p) { return sin(9.0 * p.x + T) * cos(7.0 * p.y); }

void mainImage( out vec4 fragColor, in vec2 fragCoord )
{
    vec2 uv = fragCoord/iResolution.xy;
    float sum;
    int rounds;
    for (int i = 0; i < 4; i++) {
        sum += iChannelTime[i] - iTime;
        sum += iChannelResolution[i].x - 256.0;
        rounds++;
    }
    sum += float(rounds) - 4.0 + iTimeDelta * iFrameRate - 1.0 + dot(iMouse, iMouse);
    sum += iDate.w - iTime + iSampleRate / 44100.0 - 1.0 + float(iFrame - int(60.0 * iTime));
    vec3 noise = texture(iChannel0, uv).rgb + textureLod(iChannel1, uv, 0.0).gbr;
    noise += texelFetch(iChannel2, ivec2(fragCoord) & 255, 0).brg + texture2D(iChannel3, uv).rgb;
    fragColor.rgb += 0.25 * noise * abs(wave(uv)) + 0.5 * uv.xyy * uv.xyx + sum;
}
