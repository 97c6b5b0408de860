// SPDX-License-Identifier: Apache-2.0
// Colours that belong together, another set for each picture.
#include "lib/hash.glsl"

// Three numbers of [0, 1] a third of a round apart, up and down as x goes round: cheaper than cosines.
vec3 thirds(float x) { return abs(fract(x + vec3(0.0, 0.33333333, 0.66666667)) * 2.0 - 1.0); }

// A closed walk through colour space, once round for x in [0, 1]: one cosine per channel.
// Form: Quilez, "Palettes", 2015. Phases apart by thirds give a rainbow, by less two or three related hues.
vec3 palette(float x, vec4 r) {
  vec4 q = more(r, 0);
  float apart = mix(0.05, 0.38, q.y) * (q.z < 0.5 ? 1.0 : -1.0);
  vec3 phase = q.x + apart * vec3(0.0, 1.0, 2.0);
  vec3 middle = 0.36 + 0.28 * thirds(q.w);
  return middle + mix(0.26, 0.44, fract(q.z * 2.0)) * cos(6.2831853 * (x + phase));
}

// A hue from dark to light: x = 0 is its shade, x = 1 its tint.
vec3 lighten(vec3 hue, float x) { return mix(hue * hue * 0.35, mix(hue, vec3(1.0), 0.55 * x), x); }

// Two colours far apart in lightness with the palette's hues between: x = 0 is dark, x = 1 is light.
vec3 ramp(float x, vec4 r) {
  x = clamp(x, 0.0, 1.0);
  return lighten(palette(0.45 * x, r), x);
}

// Hue, saturation and value, each in [0, 1], to RGB. Smith, Color Gamut Transform Pairs, SIGGRAPH 1978.
vec3 hsv(float h, float s, float v) {
  vec3 tent = abs(fract(h + vec3(0.0, 2.0, 1.0) / 3.0) * 6.0 - 3.0) - 1.0;
  return v * mix(vec3(1.0), clamp(tent, 0.0, 1.0), s);
}

// Ink on paper: x = 0 is the tinted paper, x = 1 the dark ink.
vec3 ink(float x, vec4 r) {
  vec4 q = more(r, 1);
  vec3 paper = hsv(q.x, 0.06 + 0.16 * q.y, 0.93);
  vec3 dye = hsv(q.z, 0.5 + 0.4 * q.y, 0.16 + 0.3 * q.w);
  return mix(paper, dye, clamp(x, 0.0, 1.0));
}

// What glows: from black through one strong hue to a pale one, the channels rising one after another.
vec3 glow(float x, vec4 r) {
  vec4 q = more(r, 2);
  vec3 late = 0.45 * thirds(q.x);
  return smoothstep(late - 0.08, late + 0.6, vec3(clamp(x, 0.0, 1.0)));
}

// Two opposed hues with a pale or a dark middle: x = 0 and x = 1 are the strong ends.
vec3 diverge(float x, vec4 r) {
  vec4 q = more(r, 3);
  float y = 2.0 * clamp(x, 0.0, 1.0) - 1.0;
  vec3 side = hsv(q.x + (y < 0.0 ? 0.0 : 0.35 + 0.3 * q.y), 0.6 + 0.35 * q.z, 0.45 + 0.4 * abs(q.w - 0.5));
  return mix(vec3(q.w < 0.5 ? 0.92 : 0.1), side, smoothstep(0.0, 1.0, abs(y)));
}

// Paints from one box: five hues that do not belong to one walk, joined softly, round and round.
vec3 paints(float x, vec4 r) {
  float slot = floor(5.0 * fract(x)), part = fract(5.0 * x);
  vec4 a = more(r, 40 + int(slot) % 5), b = more(r, 40 + (int(slot) + 1) % 5);
  vec3 from = hsv(a.x, 0.25 + 0.6 * a.y, 0.35 + 0.6 * a.z);
  return mix(from, hsv(b.x, 0.25 + 0.6 * b.y, 0.35 + 0.6 * b.z), smoothstep(0.15, 0.85, part));
}

// Newton's colours of a film: light of three wavelengths reflected by a layer that many tenths of a µm thick.
// Intensity: Born & Wolf, Principles of Optics, 7.6, for faint reflection.
vec3 film(float thickness) { return 0.5 - 0.5 * cos(12.5663706 * 1.33 * thickness / vec3(6.5, 5.4, 4.5)); }

// One of the four stops of a scheme: its hue near the others or far, its lightness in order or at random.
vec3 stop(int k, vec4 style, vec4 r) {
  vec4 h = more(r, 60 + k % 4);
  float there = 0.5 * float(k % 4 < 3 ? k % 4 : 1);  // 0, ½, 1, ½
  float hue = style.x + style.y * mix(there, h.x, style.w);
  float value = mix(0.1 + 0.86 * there, 0.3 + 0.65 * h.z, style.z < 0.55 ? 0.15 : 0.8);
  return hsv(hue, mix(0.85, 0.25, h.y) * (1.0 - 0.55 * value * style.w), value);
}

// A round through four colours, other ones for each picture: shades of one hue, a ramp of many, or any.
vec3 scheme(float x, vec4 r) {
  vec4 style = more(r, 9);
  float place = 4.0 * fract(x);
  int slot = int(place);
  return mix(stop(slot, style, r), stop(slot + 1, style, r), smoothstep(0.0, 1.0, fract(place)));
}
