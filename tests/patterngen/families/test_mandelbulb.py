"""The rules of the bulbs, the orbits that the program follows, and that every rule shows something."""

import math
from pathlib import Path

import numpy as np
import pytest

from patterngen.common.field_help import field_docs
from patterngen.families.mandelbulb import FORMS, RULES, Mandelbulb, forms
from patterngen.shaders.language.program import read_program, shader_folder
from patterngen.shaders.render.canvas import Canvas
from patterngen.shaders.render.renderer import renderer

pytest.importorskip("moderngl")

CLASSIC = 2564
"""The rule of the Mandelbulb itself."""
INNER = 7 / 8 * (8 * math.sqrt(3)) ** (-1 / 7)
"""Radius of a ball that belongs to every solid."""


def ask(folder: Path, body: str, rules, size, randoms=None):
    """Evaluate GLSL that knows the functions of the family's program; it returns numbers of [0, 1]."""
    path = folder / "ask.glsl"
    path.write_text(
        '#define pattern bulb\n#include "families/mandelbulb.glsl"\n#undef pattern\n'
        f"vec3 pattern(vec2 p, float t, vec4 r) {{\nset_rule(int(t + 0.5));\n{body}\n}}\n"
    )
    if randoms is None:
        randoms = np.zeros((len(rules), 4), np.float32)
    times = np.asarray(rules, np.float32)
    return (
        renderer()
        .draw([read_program(path)] * len(rules), times, randoms, Canvas(size, dtype="f4"))
        .astype(float)
    )


def places(size):
    """x and y of every pixel, in the coordinates that a program is given."""
    line = (2 * np.arange(size) + 1) / size - 1
    return np.meshgrid(line, -line)


def evaluate(form, theta, phi):
    """What a spelled form is at two angles."""
    value = -1.0 if form.startswith("−") else 1.0
    words = form.removeprefix("−").split()
    for function, angle in zip(words[::2], words[1::2], strict=True):
        value = value * {"sin": np.sin, "cos": np.cos}[function](8 * {"8θ": theta, "8φ": phi}[angle])
    return value * np.ones_like(theta)


def power(rule, z):
    """f(z) of a rule, z [3, …]."""
    theta = np.arctan2(np.hypot(z[0], z[1]), z[2])
    phi = np.arctan2(z[1], z[0])
    return (z**2).sum(0) ** 4 * np.stack([evaluate(form, theta, phi) for form in forms(rule)])


def test_the_classic_rule_is_the_mandelbulb():
    assert forms(CLASSIC) == ("sin 8θ cos 8φ", "sin 8θ sin 8φ", "cos 8θ")
    assert f" {CLASSIC};" in field_docs(Mandelbulb)["rule"]


def test_no_two_rules_are_the_same():
    rng = np.random.default_rng(0)
    theta, phi = rng.uniform(0, math.pi, 50), rng.uniform(-math.pi, math.pi, 50)
    values = np.stack([evaluate(form, theta, phi) for form in FORMS])
    apart = np.abs(values[:, None] - values[None]).max(2) + 9 * np.eye(len(FORMS))
    assert apart.min() > 0.5
    assert len({forms(rule) for rule in range(RULES)}) == RULES == 4096


def test_the_program_follows_the_spelled_forms(tmp_path):
    """Every form as every coordinate."""
    rules = [k * (1 + 16 + 256) for k in range(len(FORMS))]
    rules += [(k + 256 * ((k + 5) % 16) + 16 * ((k + 3) % 16)) for k in range(len(FORMS))]
    body = """
        vec3 z = vec3(p, 0.4 - r.x);
        float rho2 = dot(p, p);
        return 0.5 + 0.5 * a_of(normalize(z), rho2 / dot(z, z), 1.0) * b_of(z, rho2);"""
    x, y = places(16)
    for height in (0.4, -0.35):
        randoms = np.full((len(rules), 4), 0.4 - height, np.float32)
        found = 2 * ask(tmp_path, body, rules, 16, randoms) - 1
        z = np.stack([x, y, np.full_like(x, np.float32(0.4) - np.float32(0.4 - height))])
        z /= np.sqrt((z**2).sum(0))
        for rule, picture in zip(rules, found, strict=True):
            assert np.moveaxis(picture, 2, 0) == pytest.approx(power(rule, z), abs=2e-4), forms(rule)


def test_the_program_knows_what_is_inside(tmp_path):
    """The signs of its distances are those of the orbits, followed again in NumPy."""
    rules = [CLASSIC, 0, 91, 1234, 2095, 3000, 3331, 4095]
    inside = ask(tmp_path, "return vec3(orbit(vec3(1.3 * p, 0.1)).x <= 0.0);", rules, 64)[..., 0] > 0.5
    x, y = places(64)
    c = np.stack([1.3 * x, 1.3 * y, np.full_like(x, 0.1)])
    for rule, found in zip(rules, inside, strict=True):
        z = c.copy()
        for _ in range(8):
            near = (z**2).sum(0) < 4
            z = np.where(near, power(rule, z) + c, z)
        expected = (z**2).sum(0) <= 1
        assert 0.2 < expected.mean() < 0.9
        assert (found == expected).mean() > 0.99


def test_every_solid_holds_the_inner_ball(tmp_path):
    randoms = np.linspace(0, 0.999, RULES, dtype=np.float32)[:, None].repeat(4, 1)
    body = f"return vec3(orbit({INNER} * normalize(vec3(p, 4.0 * r.x - 2.0))).x <= 0.0);"
    assert ask(tmp_path, body, range(RULES), 4, randoms).min() == 1


@pytest.mark.parametrize(
    ("image", "symmetric"),
    [
        ("vec3(turn(c.xy, TAU / 7.0), c.z)", True),
        ("vec3(turn(c.xy, 3.0 * TAU / 7.0), c.z)", True),
        ("vec3(c.x, -c.y, c.z)", True),
        ("vec3(turn(c.xy, TAU / 8.0), c.z)", False),
        ("vec3(-c.x, c.y, c.z)", False),
    ],
)
def test_the_mandelbulb_has_the_symmetries_of_a_heptagon(tmp_path, image, symmetric):
    """As f turns by 8α where z is turned by α, a turn by a seventh about z commutes with the orbit."""
    body = f"""
        vec3 c = vec3(1.2 * p, 0.3);
        return vec3(0.5 + orbit(c).x, 0.5 + orbit({image}).x, 0.0);"""
    picture = ask(tmp_path, body, [CLASSIC], 64)[0]
    apart = np.abs(picture[..., 0] - picture[..., 1])
    assert (np.quantile(apart, 0.9) < 1e-3) == symmetric


def test_classes_are_the_rules():
    pictures = Mandelbulb().draw(range(2000), 1)
    assert Mandelbulb().num_classes == RULES
    for rule, params in zip(pictures.class_id.tolist(), pictures.params, strict=True):
        assert (params["x"], params["y"], params["z"]) == forms(rule)
    # Of n draws from N classes, about N(1 − e^(−n/N)) differ.
    assert len(set(pictures.class_id.tolist())) == pytest.approx(
        RULES * (1 - math.exp(-2000 / RULES)), abs=60
    )
    one = Mandelbulb(rule=CLASSIC).draw(range(5), 16)
    assert set(one.class_id.tolist()) == {CLASSIC}
    assert len({picture.tobytes() for picture in one.pixels}) == 5


def test_numbers_are_uniform_and_written_down_exactly():
    params = Mandelbulb(rule=0).draw(range(2000), 1).params
    for key in ("r0", "r1", "r2", "r3"):
        values = np.sort([row[key] for row in params])
        assert np.abs(values - (np.arange(2000) + 0.5) / 2000).max() < 1.95 / math.sqrt(2000)
        assert np.all(values * 2**24 == np.floor(values * 2**24))


def test_every_rule_draws_a_finite_picture_that_is_not_flat():
    program = read_program(shader_folder() / "families" / "mandelbulb.glsl")
    randoms = np.random.default_rng(0).random((RULES, 4)).astype(np.float32)
    randoms[::50], randoms[1::50] = 0.0, np.float32(1 - 2**-24)  # the corners of the range
    rules = np.arange(RULES, dtype=np.float32)
    pictures = renderer().draw([program] * RULES, rules, randoms, Canvas(24, dtype="f4"))
    assert np.isfinite(pictures).all()
    assert pictures.std((1, 2)).max(1).min() > 0.04
    clipped = ((pictures == 0) | (pictures == 1)).mean((1, 2, 3))
    assert np.quantile(clipped, 0.99) < 0.3


def test_supersampling_keeps_the_picture_and_smooths_it():
    plain, smooth = (Mandelbulb(supersample=n).draw(range(4), 64).pixels.astype(float) for n in (1, 2))
    coarse = (plain - smooth).reshape(4, 8, 8, 8, 8, 3).mean((2, 4))
    assert np.abs(coarse).mean() < 8
    assert np.abs(np.diff(smooth, axis=1)).mean() < 0.9 * np.abs(np.diff(plain, axis=1)).mean()
