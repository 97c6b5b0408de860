// SPDX-License-Identifier: Apache-2.0
// Bulbs: the points c of space whose orbit z → f(z) + c from 0 stays near, for 4096 eighth powers f; t says which.
// White & Nylander's Mandelbulb, 2009; Barrallo, Expanding the Mandelbrot Set into Higher Dimensions, Bridges 2010.
#include "lib/march.glsl"
#include "lib/palette.glsl"

const float BOUND = 1.3;  // radius of the sphere in which it is looked for: only thin spikes leave it
const float FAR = 2.0;    // an orbit that goes farther counts as lost
const int TURNS = 8;
const int STEPS = 44;

// f(z) = r⁸ ab, coordinate by coordinate: a and b are these times (sin 8θ, cos 8θ, 1) and (sin 8φ, cos 8φ, 1).
mat3 of_theta, of_phi;
// Where a step in c grows beyond this in the orbit, the surface is nearer than can be seen: that saves a third.
float steepest = 1e6;

// A coordinate has four bits: its sign; sine or cosine; then of φ sine or cosine, or which angle if it has but one.
void set_rule(int number) {
  const vec3 SINE = vec3(1, 0, 0), COSINE = vec3(0, 1, 0), ONE = vec3(0, 0, 1);
  for (int i = 0; i < 3; i++) {
    int form = number >> (4 * i) & 15;
    float sign = 1.0 - 2.0 * float(form & 1);
    vec3 first = (form & 2) != 0 ? COSINE : SINE;
    bool second = (form & 4) != 0, lone = (form & 8) != 0;
    vec3 theta = sign * (lone && second ? ONE : first);
    vec3 phi = lone ? (second ? first : ONE) : (second ? COSINE : SINE);
    for (int j = 0; j < 3; j++) {  // a matrix is indexed column first
      of_theta[j][i] = theta[j];
      of_phi[j][i] = phi[j];
    }
  }
}

// |v|⁸ times the sine, the cosine and 1, of eight times the angle of v: it is doubled three times.
vec3 eightfold(vec2 v, float v8) {
  v = square(square(square(v)));
  return vec3(v.y, v.x, v8);
}

vec3 a_of(vec3 z, float rho2, float r8) { return of_theta * eightfold(vec2(z.z, sqrt(rho2)), r8); }
vec3 b_of(vec3 z, float rho2) { return of_phi * eightfold(z.xy * inversesqrt(max(rho2, 1e-12)), 1.0); }

// The distance to the set, about, and the least distance of the orbit from the origin and from the plane z = 0.
// Estimate: Hart, Sandin & Kauffman, Ray Tracing Deterministic 3-D Fractals, SIGGRAPH 1989, with for the slope the
// root mean square of the derivatives of f along r, θ and φ. For sin² + cos² = 1, those by r and θ have the squares
// 64 |b|² r¹⁴ in sum, that by φ 64 (|a|² − |ab|²) r¹⁴ / sin² θ; near the axis, where that grows, it is held down.
vec3 orbit(vec3 c) {
  vec3 z = c;
  float r2 = max(dot(z, z), 1e-12), slope = 1.0;
  vec2 trap = vec2(r2, abs(z.z));
  for (int i = 0; i < TURNS && r2 < FAR * FAR && slope < steepest; i++) {
    float rho2 = dot(z.xy, z.xy), r8 = r2 * r2;
    r8 *= r8;
    vec3 a = a_of(z, rho2, r8), b = b_of(z, rho2);
    z = a * b;
    float by_r_theta = r8 * r8 * dot(b, b) / r2;
    float by_phi = max(dot(a, a) - dot(z, z), 0.0) / max(rho2, 0.1 * r2);
    slope = sqrt(32.0 * (by_r_theta + by_phi)) * slope + 1.0;
    z += c;
    r2 = max(dot(z, z), 1e-12);
    trap = min(trap, vec2(r2, abs(z.z)));
  }
  return vec3(0.25 * sqrt(r2) * log(r2) / slope, sqrt(trap.x), trap.y);
}

float scene(vec3 x, float t, vec4 r) { return orbit(x).x; }

vec3 pattern(vec2 p, float t, vec4 r) {
  set_rule(int(t + 0.5));
  vec4 q = more(r, 1), light = more(r, 2);
  float zoom = mix(1.8, 3.0, r.w);
  Ray ray = camera(turn(p, TAU * r.z), 3.0, zoom, TAU * r.x, asin(2.0 * r.y - 1.0));
  vec3 sky = scheme(q.x + 0.15 * p.y, r) * mix(0.25, 0.9, q.y);

  // From where the ray enters the bounding sphere to where it leaves it.
  float middle = -dot(ray.from, ray.along);
  float half_chord = middle * middle - dot(ray.from, ray.from) + BOUND * BOUND;
  if (half_chord < 0.0) return sky;
  half_chord = sqrt(half_chord);
  float gone = middle - half_chord;
  float fine = 0.5 * pixel / zoom;
  steepest = 0.5 / fine;
  vec3 found;
  float open = 1.0;  // in clefts a ray takes many steps, and little light falls; counted alike at every size
  for (int i = 0; i < STEPS; i++) {
    found = orbit(ray.from + gone * ray.along);
    if (found.x < fine * gone || gone > middle + half_chord) break;
    open -= step(0.01, found.x) / float(STEPS);
    gone += 0.8 * found.x;
  }
  if (gone > middle + half_chord) return sky;

  vec3 normal = facing(ray.from + gone * ray.along, t, r);
  vec3 sun = normalize(mix(-ray.along, normalize(light.xyz - 0.5), 0.55));
  float lit = (0.3 + 0.7 * max(dot(normal, sun), 0.0)) * mix(0.3, 1.7, open * open);
  float shine = pow(max(dot(reflect(ray.along, normal), sun), 0.0), 24.0);
  vec3 hue = scheme(q.z + mix(0.4, 1.2, q.w) * found.y + 0.4 * found.z, r);
  return (0.2 + 0.8 * hue) * lit + 0.3 * shine * open;
}
