"""What the grammar's programs include: NumPy versions of it, and the laws that it keeps."""

import numpy as np
import pytest

from tests.patterngen.shaders.expressions import Numbers, X, Y, compute

pytest.importorskip("moderngl")
Z = X + 1j * Y


def complex_of(found: Numbers) -> np.ndarray:
    return found[..., 0] + 1j * found[..., 1]


def test_warps_are_the_maps_that_they_are_named_after() -> None:
    a, w = 0.3 - 0.4j, Z - (0.2 + 0.1j)
    x = np.clip(np.abs(w) / 0.7, 0, 1)
    maps = {
        "mobius(p, vec2(0.3, -0.4))": (Z - a) / (1 - np.conj(a) * Z),
        "sine(2.0 * p)": np.sin(2 * Z),
        "around(2.0 * p)": 2 * Z + np.conj(2 * Z) / (np.abs(2 * Z) ** 2 + 0.25),
        "swirl(p, vec2(0.2, 0.1), 2.0, 0.5)": 0.2 + 0.1j + w * np.exp(2j * np.exp(-(np.abs(w) ** 2) / 0.25)),
        "lens(p, vec2(0.2, 0.1), 0.7, 3.0)": 0.2 + 0.1j + w * (1 / 3 + 2 / 3 * x * x * (3 - 2 * x)),
        "cushion(p, -0.3)": Z * (1 - 0.3 * np.abs(Z) ** 2),
        "pulse(p, 0.3, 5.0, 1.0)": Z * (1 + 0.3 * np.sin(5 * np.abs(Z) - 1)),
        "ripple(p, 0.3, 4.0, 1.0)": Z + 0.3 * np.sin(4 * Y + 1) + 0.3j * np.sin(4 * X + 2.3),
        "hall(p, 0.4)": (X + 1j) / (np.abs(Y) + 0.4),
        "rings_to_rows(p, 3.0)": 2 * np.abs(Z) + 3j * np.abs(np.angle(Z)) / np.pi,
    }
    for expression, expected in maps.items():
        found = complex_of(compute(f"{expression}, 0.0", "warp", reach=16.0))
        np.testing.assert_allclose(found, expected, atol=2e-5, err_msg=expression)


@pytest.mark.parametrize(
    ("warp", "images"),
    [
        ("mirrors", ("-p", "p + vec2(2.0, 4.0)", "vec2(2.0 - p.x, p.y)")),
        ("square_mirrors", ("p.yx", "-p", "p + vec2(2.0, -2.0)", "2.0 - p")),
        ("hexagon_mirrors", ("turn(p, TAU / 6.0)", "vec2(-p.x, p.y)", "p + vec2(0.5, 0.8660254)")),
    ],
)
def test_mirrors_show_images_as_the_same(warp: str, images: tuple[str, ...]) -> None:
    seen = compute(f"{warp}(2.5 * p), 0.0", "warp", reach=2.0)
    for image in images:
        before = f"vec2 again(vec2 p) {{ return {warp}({image}); }}"
        again = compute("again(2.5 * p), 0.0", "warp", before=before, reach=2.0)
        np.testing.assert_allclose(again, seen, atol=1e-4, err_msg=image)


def test_folds_and_streams_change_no_area() -> None:
    warps = {"crease(2.0 * p, vec2(0.4, 0.3), 0.8, 4) / 2.0": 1e-2, "current(p, 0.02, vec2(7.0))": 0.05}
    for warp, tolerance in warps.items():
        before = f"""
        vec2 at(vec2 p) {{ return {warp}; }}
        float area(vec2 p) {{
          vec2 e = vec2(1e-3, 0.0), a = at(p + e) - at(p - e), b = at(p + e.yx) - at(p - e.yx);
          return abs(a.x * b.y - a.y * b.x) / 4e-6;
        }}"""
        area = compute("vec3(area(p))", "warp", before=before, reach=4.0)[..., 0]
        assert np.median(np.abs(area - 1)) < tolerance, warp


def test_a_coil_has_no_seam() -> None:
    for warp in ("coil(p, 3.0, -4.0)", "rings_to_rows(p, 5.0)", "fold(p, 5.0)"):
        before = f"vec2 at(vec2 p) {{ return {warp}; }}"
        above = compute("at(vec2(-abs(p.x) - 0.1, 1e-5)), 0.0", "warp", before=before, reach=8.0)
        below = compute("at(vec2(-abs(p.x) - 0.1, -1e-5)), 0.0", "warp", before=before, reach=8.0)
        np.testing.assert_allclose(above, below, atol=2e-3, err_msg=warp)


def test_waves_are_sums_of_cosines() -> None:
    angles = np.pi * np.arange(5) / 5
    crystal = sum(np.cos(9 * (X * np.cos(a) + Y * np.sin(a)) + 0.7 * k) for k, a in enumerate(angles))
    fields = {
        "crystal(9.0 * p, 5, 0.7)": 1.3 * crystal / np.sqrt(5),
        "plate(4.0 * p, 2.0, 3.0)": 0.7 * (np.cos(8 * X) * np.cos(12 * Y) - np.cos(12 * X) * np.cos(8 * Y)),
        "rose(p, 5.0, 0.3, 6.0, 1.0)": np.sin(6 * np.abs(Z) * (1 + 0.3 * np.cos(5 * np.angle(Z))) - 1),
        "spiral(p, 3.0, 4.0, 1.0)": np.sin(3 * np.angle(Z) + 2 * np.log(np.abs(Z) ** 2 + 0.02) - 1),
    }
    for expression, expected in fields.items():
        found = compute(f"vec3({expression})", "wave", reach=4.0)[..., 0]
        np.testing.assert_allclose(found, expected, atol=1e-4, err_msg=expression)


def test_terraces_are_flat_and_keep_their_ends() -> None:
    found = compute("terraces(p.x, 2.0), terraces(0.5, 2.0), terraces(-0.5, 2.0)", "wave", reach=2.0)
    assert np.all(np.diff(found[0, :, 0]) > -1e-6)
    assert np.mean(np.abs(np.diff(found[0, :, 0])) < 1e-6) > 0.5
    np.testing.assert_allclose(found[..., 1:], np.broadcast_to([0.5, -0.5], (*X.shape, 2)), atol=1e-6)


@pytest.mark.parametrize(
    ("field", "file"),
    [
        ("ridged(9.0 * p, 4)", "field"),
        ("billow(9.0 * p, 3)", "field"),
        ("strata(9.0 * p.x, 5)", "field"),
        ("labyrinth(30.0 * p, 8, 3, 0.5)", "wave"),
        ("sources(30.0 * p, 4, 6.0, 3, 0.5)", "wave"),
        ("plasma(9.0 * p, 0.5)", "wave"),
        ("truchet(6.0 * p, 7)", "mosaic"),
        ("pillows(6.0 * p, 7)", "mosaic"),
        ("weave(6.0 * p)", "mosaic"),
        ("comb(6.0 * p)", "mosaic"),
        ("facets(6.0 * p, 7)", "mosaic"),
        ("panes(6.0 * p, 7)", "mosaic"),
        ("dots(6.0 * p, 7)", "mosaic"),
        ("2.6 * stones(6.0 * p, 0.5) - 1.0", "mosaic"),
        ("escape(1.3 * p, vec2(-0.75, 0.15), 16)", "orbit"),
        ("circle_trap(p, vec2(-0.7, 0.3), 0.5, 10)", "orbit"),
        ("cross_trap(p, vec2(-0.7, 0.3), 8)", "orbit"),
        ("newton(p, 3, 1.0, 6)", "orbit"),
        ("shrine(p, vec2(0.7, 0.6), 5)", "orbit"),
    ],
)
def test_fields_fill_about_the_range_that_blends_expect(field: str, file: str) -> None:
    values = compute(f"vec3({field})", file, reach=8.0)[..., 0]
    low, high = np.quantile(values, [0.02, 0.98])
    assert -2.0 < low < 0.0 < high < 2.0
    assert 0.15 < values.std() < 1.1


def test_orbits_that_stay_and_orbits_that_leave() -> None:
    c = 2 * Z - 0.5
    z, left = np.zeros_like(c), np.zeros(c.shape, bool)
    for _ in range(20):
        z = np.where(left, z, z * z + c)
        left |= np.abs(z) ** 2 >= 256
    found = compute("vec3(escape(vec2(0.0), 2.0 * p - vec2(0.5, 0.0), 20))", "orbit", reach=2.0)[..., 0]
    assert np.mean((found > -0.99) == left) > 0.995
    root = compute("newton(vec2(1.2, 0.1), 3, 1.0, 7), 0.0, 0.0", "orbit", reach=2.0)[0, 0, 0]
    assert root == pytest.approx(0.6 + 0.8 * 5.5 / 7 - 0.4, abs=0.15)  # it has come to 1, and stayed there


def test_oklab_is_ottossons() -> None:
    # His published example: the pure colours of sRGB in Oklab.
    pure = {
        "0.62796, 0.22486, 0.12585": (1, 0, 0),
        "0.86644, -0.23389, 0.17950": (0, 1, 0),
        "0.45201, -0.03246, -0.31153": (0, 0, 1),
        "0.59987, 0.0, 0.0": (0.5, 0.5, 0.5),
        "1.0, 0.0, 0.0": (1, 1, 1),
        "0.0, 0.0, 0.0": (0, 0, 0),
    }
    for lab, expected in pure.items():
        np.testing.assert_allclose(compute(f"oklab(vec3({lab}))", "oklab")[0, 0], expected, atol=4e-3)
    angle = 2 * np.pi * 0.3
    same = f"oklab(vec3(0.7, {0.1 * np.cos(angle):.6f}, {0.1 * np.sin(angle):.6f})) - oklch(0.7, 0.1, 0.3)"
    np.testing.assert_allclose(compute(same, "oklab"), 0, atol=1e-5)


def test_the_slope_of_a_field() -> None:
    height = "float height(vec2 p, float t, vec4 r) { return sin(2.0 * p.x) * p.y + t; }"
    found = compute("sloped(p, t, r)", "relief", before=height, reach=4.0)
    exact = np.stack([np.sin(2 * X) * Y + 1, 2 * np.cos(2 * X) * Y, np.sin(2 * X)], -1)
    np.testing.assert_allclose(found, exact, atol=0.03)
