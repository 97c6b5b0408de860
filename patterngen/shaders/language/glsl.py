"""The GLSL that stands around a program: where its pictures lie, and how a pixel is made of its colours."""

CORNERS = 6
"""Vertices of one picture."""

NOISE_SIZE = 256
"""Width and height of the textures that programs read: noise, organic, the sides of the cube."""
VOLUME_SIZE = 32
"""Width, height and depth of the noise in space."""

VERTEX = """#version 330 core
in float tile;
in float time;
in vec4 random;
flat out int host_first_row;
flat out float host_picture_time;
flat out vec4 host_picture_random;
uniform int host_tiles;
uniform int host_stride;
uniform int host_lift;

// Two triangles cover one tile of a column of pictures, or of one that begins some tiles further up.
void main() {
  int corner = gl_VertexID % 6;
  vec2 q = vec2(corner == 1 || corner == 2 || corner == 4, corner == 2 || corner == 4 || corner == 5);
  float row = 2.0 * (q.y + tile - float(host_lift)) / float(host_tiles) - 1.0;
  gl_Position = vec4(2.0 * q.x - 1.0, row, 0.0, 1.0);
  host_first_row = (int(tile) - host_lift) * host_stride;
  host_picture_time = time;
  host_picture_random = random;
}
"""

# The number of samples is a constant to the compiler: a loop it cannot unroll costs three times as much.
FRAGMENT_HEAD = """#version 330 core
#define HOST_SAMPLES {samples}
uniform float host_pixel;
float pixel = host_pixel;
"""

# The place comes from whole pixel numbers, not from an interpolated one, so that a picture is the same to
# the last bit wherever in the target it lies. Rows count from the top: nothing has to be flipped later.
FRAGMENT_TAIL = """
flat in int host_first_row;
flat in float host_picture_time;
flat in vec4 host_picture_random;
uniform ivec2 host_size;
layout(location = 0) out vec4 host_colour;

void main() {
  ivec2 place = ivec2(gl_FragCoord.xy) - ivec2(0, host_first_row);
  vec3 sum = vec3(0.0);
  for (int i = 0; i < HOST_SAMPLES * HOST_SAMPLES; i++) {
    ivec2 fine = place * HOST_SAMPLES + ivec2(i % HOST_SAMPLES, i / HOST_SAMPLES);
    vec2 p = vec2(2 * fine + 1 - host_size * HOST_SAMPLES) * host_pixel * 0.5;
    sum += host_clip(pattern(vec2(p.x, -p.y), host_picture_time, host_picture_random));
  }
  host_colour = vec4(sum / float(HOST_SAMPLES * HOST_SAMPLES), host_sound);
}
"""

# By its bits: compilers may assume of numbers that they are numbers. On a screen, what is none is black; of a
# picture, its alpha tells: 1, or something between 0 and 1 where a colour was no number. What a program
# discards has alpha 0.
CLIP = """
float host_sound = 1.0;
vec3 host_clip(vec3 colour) {
  bvec3 wrong = greaterThan(floatBitsToUint(colour) & 0x7fffffffu, uvec3(0x7f800000u));
  if (any(wrong)) host_sound = 0.4;
  return mix(clamp(colour, 0.0, 1.0), vec3(0.0), wrong);
}
"""

CLIP_AND_MARK = CLIP.replace("vec3(0.0)", "vec3(-1.0)")

# Programs of other dialects count rows from the bottom. In a column of pictures host_upward is -1, and their
# coordinates and slopes are turned over; a frame that only the next one reads is kept as they see it.
FOREIGN_HEAD = """#version 330 core
#extension GL_ARB_shading_language_420pack : enable
flat in int host_first_row;
flat in float host_picture_time;
flat in vec4 host_picture_random;
uniform ivec2 host_size;
uniform int host_frame;
uniform int host_pass;
uniform float host_age;
uniform float host_upward;
layout(location = 0) out vec4 host_target0;
layout(location = 1) out vec4 host_target1;
vec2 host_place = gl_FragCoord.xy - vec2(0.0, host_first_row);
float host_row = host_upward > 0.0 ? host_place.y : float(host_size.y) - host_place.y;
vec4 host_coordinate = vec4(host_place.x, host_row, 0.5, 1.0);
float host_time = max(host_picture_time - host_age, 0.0);
int host_count = host_frame < 0 ? int(60.0 * host_time) : host_frame;
vec4 host_color = vec4(0.0);
vec4 host_picture = vec4({picture});
vec2 host_xy = host_coordinate.xy;
vec4 host_data[2] = vec4[2](vec4(0.0), vec4(0.0));
#define host_dFdy(value) (host_upward * dFdy(value))
"""

# What a program's own macros may change stands before they are undefined, and all else behind that.
FOREIGN_CALL = """

void host_call() {{ {call}; }}
"""

FOREIGN_TAIL = """
void main() {{
  host_call();
  vec4 host_first = {first};
  host_target0 = host_upward > 0.0 ? host_first : vec4(host_clip(host_first.rgb), 0.0);
  if (host_upward < 0.0) host_target0.a = host_sound;
  host_target1 = {second};
}}
"""
