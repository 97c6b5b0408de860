"""Streams, rays, solids and colours of the shader library: their NumPy versions, and their laws."""

import colorsys

import numpy as np
import pytest

from tests.patterngen.shaders.expressions import AXIS, SIZE, R, X, Y, compute, noise

pytest.importorskip("moderngl")


ROUND = "vec2 flow(vec2 p, float t, vec4 r) { return vec2(-p.y, p.x); }"
RIGHT = "vec2 flow(vec2 p, float t, vec4 r) { return vec2(3.0, 0.0); }"


def test_a_grain_carried_round_stays_on_its_circle() -> None:
    found = compute("carry(p, 0.1, 8, t, r), 0.0", "stream", before=ROUND, reach=2.0)
    angle = 8 * 2 * np.arctan(0.05)  # what eight midpoint steps of 0.1 turn, to third order
    expected = (X + 1j * Y) * np.exp(1j * angle)
    np.testing.assert_allclose(found[..., 0] + 1j * found[..., 1], expected, atol=3e-3)
    assert not compute("way(vec2(0.0), t, r), 0.0", "stream", before=ROUND).any()


def test_smeared_noise_is_the_mean_along_the_streamline() -> None:
    steps = 0.05 * np.arange(-4, 5)
    found = compute("smear(p, 5.0, 0.05, 4, t, r)", "stream", before=RIGHT, reach=4.0)[..., 0]
    places = (
        5 * (X[..., None] + steps) + 90 * R[0],
        np.broadcast_to(5 * Y[..., None] + 90 * R[1], (*X.shape, 9)),
    )
    expected = 1.6 * 1.4 * noise(*places).sum(-1) / 3
    np.testing.assert_allclose(found, expected, atol=2e-3)


BALL = "float scene(vec3 x, float t, vec4 r) { return ball(x, 0.8); }"
LOOK = "camera(p, 2.5, 1.8, 0.7, 0.4)"


def test_a_ray_meets_a_ball_where_geometry_says() -> None:
    libraries = ("march", "solid")
    start = compute(f"{LOOK}.from", *libraries, before=BALL, reach=4.0)
    along = compute(f"{LOOK}.along", *libraries, before=BALL)
    np.testing.assert_allclose(np.linalg.norm(along, axis=-1), 1, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(start, axis=-1), 2.5, atol=1e-5)
    middle = along[SIZE // 2 - 1 : SIZE // 2 + 1, SIZE // 2 - 1 : SIZE // 2 + 1].mean((0, 1))
    np.testing.assert_allclose(middle / np.linalg.norm(middle), -start[0, 0] / 2.5, atol=1e-4)

    closest = -(start * along).sum(-1)
    passes = np.sqrt(np.maximum((start**2).sum(-1) - closest**2, 0))
    with np.errstate(invalid="ignore"):
        hits = closest - np.sqrt(0.64 - passes**2)
    found = compute(f"march({LOOK}, 1.0, 5.0, 60, t, r), 0.0", *libraries, before=BALL, reach=8.0)
    clear, inside = passes > 0.85, passes < 0.75
    np.testing.assert_allclose(found[clear, 0], 5.0, atol=1e-5)
    np.testing.assert_allclose(found[clear, 1], (passes - 0.8)[clear], atol=0.06)
    np.testing.assert_allclose(found[inside, 0], hits[inside], atol=0.02)


def test_a_surface_faces_along_its_slope() -> None:
    found = compute("facing(vec3(p, 0.4), t, r)", "march", "solid", before=BALL)
    place = np.stack([X, Y, np.full_like(X, 0.4)], -1)
    np.testing.assert_allclose(found, place / np.linalg.norm(place, axis=-1, keepdims=True), atol=5e-3)
    lit = compute("lamp(normalize(vec3(p, -0.5))), 0.0, 0.0", "march", "solid", before=BALL)[..., 0]
    assert 0 < lit.min() < lit.max() <= 1.001


def test_solids() -> None:
    x = np.stack([X, Y, X - Y], -1)
    q = np.abs(x) - [0.3, 0.5, 0.2]
    brick = np.linalg.norm(np.maximum(q, 0), axis=-1) + np.minimum(q.max(-1), 0)
    gyroid = (np.sin(3 * x) * np.cos(3 * x[..., [1, 2, 0]])).sum(-1)
    place = "vec3(p, p.x - p.y)"
    found = compute(f"brick({place}, vec3(0.3, 0.5, 0.2)), gyroid(3.0 * {place}), 0.0", "solid", reach=4.0)
    np.testing.assert_allclose(found[..., :2], np.stack([brick, gyroid], -1), atol=1e-5)


def test_hsv_is_that_of_the_books() -> None:
    found = compute("hsv(1.5 * p.x, 0.5 + 0.5 * p.y, 0.7)", "palette")
    expected = [[colorsys.hsv_to_rgb(1.5 * x % 1, 0.5 + 0.5 * y, 0.7) for x in AXIS] for y in -AXIS]
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_a_film_shows_the_interference_of_its_thickness() -> None:
    found = compute("film(5.0 + 5.0 * p.x)", "palette")
    phase = 4 * np.pi * 1.33 * (5 + 5 * X)[..., None] / np.array([6.5, 5.4, 4.5])
    np.testing.assert_allclose(found, np.sin(phase / 2) ** 2, atol=1e-4)


OTHER = "vec4(0.5 + 0.49 * p.y)"  # another r in every row


@pytest.mark.parametrize("name", ["palette", "ramp", "ink", "glow", "diverge", "paints", "scheme"])
def test_palettes_stay_in_gamut_and_have_no_seams(name: str) -> None:
    found = compute(f"{name}(0.5 * p.x, {OTHER})", "palette", reach=4.0)
    assert -0.1 < found.min() < found.max() < 1.1
    assert np.abs(np.diff(found, axis=1)).max() < 0.3
    assert np.median(np.ptp(found, axis=1)) > 0.1
    if name in ("palette", "paints", "scheme"):  # those that go round
        np.testing.assert_allclose(
            compute(f"{name}(0.5 * p.x + 1.0, {OTHER})", "palette", reach=4.0), found, atol=1e-4
        )


@pytest.mark.parametrize(("name", "rises"), [("ramp", True), ("glow", True), ("ink", False)])
def test_ramps_run_from_dark_to_light_and_ink_back(name: str, rises: bool) -> None:
    low, high = (
        compute(f"{name}({end}, {OTHER})", "palette", reach=2.0) @ [0.299, 0.587, 0.114]
        for end in ("0.0", "1.0")
    )
    assert ((high > low + 0.2) == rises).all()
