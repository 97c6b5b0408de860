"""Maps, shapes and lattices of the shader library: their NumPy versions, and the laws that they keep."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.patterngen.shaders.expressions import SIZE, Numbers, P, X, Y, compute

pytest.importorskip("moderngl")


def test_maps_of_the_plane_are_those_of_complex_numbers() -> None:
    z, c = X + 1j * Y, 0.3 - 0.7j
    maps = {
        "turn(p, 0.9)": z * np.exp(0.9j),
        "times(p, vec2(0.3, -0.7))": z * c,
        "over(p, vec2(0.3, -0.7))": z / c,
        "square(p)": z**2,
        "power(p, 5)": z**5,
        "logarithm(p)": np.log(z),
        "polar(p.x, p.y)": X * np.exp(1j * Y),
        "invert(p)": 1 / z.conjugate(),
        "vec2(bearing(p), 0.0)": np.angle(z) + 0j,
    }
    for expression, expected in maps.items():
        found = compute(f"{expression}, 0.0", "plane", reach=64.0)
        np.testing.assert_allclose(
            found[..., 0] + 1j * found[..., 1], expected, atol=1e-4, err_msg=expression
        )


@pytest.mark.parametrize("n", [3, 4, 7])
def test_a_fold_keeps_radii_and_forgets_rotations_and_mirrors(n: int) -> None:
    folded = compute(f"fold(p, {n}.0), 0.0", "plane", reach=2.0)
    np.testing.assert_allclose(np.hypot(folded[..., 0], folded[..., 1]), np.hypot(X, Y), atol=1e-5)
    angle = np.arctan2(folded[..., 1], folded[..., 0])
    assert angle.min() > -1e-4
    assert angle.max() < np.pi / n + 1e-4
    for image in (f"turn(p, TAU / {n}.0)", "vec2(p.x, -p.y)"):
        np.testing.assert_allclose(
            compute(f"fold({image}, {n}.0), 0.0", "plane", reach=2.0), folded, atol=1e-4
        )


def outline(corners: Numbers) -> tuple[Numbers, NDArray[np.bool_]]:
    """Return the distance of every point to a closed polygon, and whether it lies inside (even–odd rule)."""
    distance, inside = np.full((SIZE, SIZE), np.inf), np.zeros((SIZE, SIZE), bool)
    for a, b in zip(corners, np.roll(corners, -1, 0), strict=True):
        along = b - a
        part = np.clip(((P - a) @ along) / (along @ along), 0, 1)
        distance = np.minimum(distance, np.linalg.norm(P - a - part[..., None] * along, axis=-1))
        crosses = (a[1] > Y) != (b[1] > Y)
        if along[1]:
            inside ^= crosses & ((b[0] - a[0]) * (Y - a[1]) / along[1] + a[0] > X)
    return distance, inside


def test_distances_to_shapes_are_signed_and_exact() -> None:
    turns = np.pi / 5 * np.arange(10)
    radii = np.where(np.arange(10) % 2, 0.3, 0.8)
    box = np.array([[0.5, 0.2], [-0.5, 0.2], [-0.5, -0.2], [0.5, -0.2]])
    shapes = {
        "box(p, vec2(0.5, 0.2))": box,
        "star(p, 5.0, 0.8, 0.3)": radii[:, None] * np.stack([np.sin(turns), np.cos(turns)], -1),
    }
    for expression, corners in shapes.items():
        distance, inside = outline(corners)
        found = compute(expression, "shape", reach=2.0)[..., 0]
        np.testing.assert_allclose(
            found, np.where(inside, -distance, distance), atol=1e-5, err_msg=expression
        )


def test_distances_to_lines_arcs_and_polygons() -> None:
    a, b = np.array([-0.6, 0.3]), np.array([0.4, -0.2])
    distance, _ = outline(np.stack([a, b]))
    found = compute("segment(p, vec2(-0.6, 0.3), vec2(0.4, -0.2))", "shape", reach=2.0)[..., 0]
    np.testing.assert_allclose(found, distance, atol=1e-5)

    turns = np.linspace(-1.1, 1.1, 301)
    line = 0.6 * np.stack([np.sin(turns), np.cos(turns)], -1)
    to_arc = np.min(np.linalg.norm(P[:, :, None] - line, axis=-1), -1)
    found = compute("arc(p, 1.1, 0.6, 0.1)", "shape", reach=2.0)[..., 0]
    np.testing.assert_allclose(found, to_arc - 0.1, atol=1e-3)

    sides = 2 * np.pi / 5 * np.arange(5)
    nearest_side = np.max(X[..., None] * np.sin(sides) + Y[..., None] * np.cos(sides), -1)
    found = compute("polygon(p, 5.0, 0.4)", "shape", reach=2.0)[..., 0]
    np.testing.assert_allclose(found, nearest_side - 0.4, atol=1e-5)


def test_a_smooth_minimum_rounds_the_joint_alone() -> None:
    found = compute("smooth_min(p.x, p.y, 0.25)", "shape")[..., 0]
    far = np.abs(X - Y) >= 0.25
    np.testing.assert_allclose(found[far], np.minimum(X, Y)[far], atol=1e-6)
    assert (found <= np.minimum(X, Y) + 1e-6).all()
    assert (np.minimum(X, Y) - found).max() == pytest.approx(0.25 / 4, rel=0.1)


def test_waves_with_corners() -> None:
    found = compute("zigzag(2.3 * p.x), square_wave(3.0 * p.x, 0.3), square_wave(3.0 * p.x, 0.0)", "shape")
    np.testing.assert_allclose(found[..., 0], np.abs(np.mod(2.3 * X, 1) * 2 - 1), atol=1e-5)
    inner = 3 * X[..., None] + 0.3 * ((np.arange(300) + 0.5) / 300 - 0.5)
    sharp = np.where(np.mod(0.5 * inner, 1) < 0.5, -1.0, 1.0).mean(-1)
    np.testing.assert_allclose(np.abs(found[..., 1]), np.abs(sharp), atol=0.01)
    assert abs(np.corrcoef(found[..., 1].ravel(), sharp.ravel())[0, 1]) > 0.999
    assert np.abs(np.abs(found[..., 2]) - 1).mean() < 0.01


def test_hexagons_hold_the_points_nearest_to_their_centres() -> None:
    place = 3 * P + [0.2, -0.4]
    tile = "hexagon(3.0 * p + vec2(0.2, -0.4))"
    i, j = np.meshgrid(np.arange(-8, 9), np.arange(-8, 9))
    centres = np.stack([i + 0.5 * (j % 2), j * np.sqrt(0.75)], -1).reshape(-1, 2)
    centres += 0.5, np.sqrt(0.75)  # that of number (0, 0) up to whole periods
    offsets = place[:, :, None] - centres
    away = np.linalg.norm(offsets, axis=-1)
    found = compute(f"{tile}.offset, {tile}.edge", "lattice")
    np.testing.assert_allclose(np.hypot(found[..., 0], found[..., 1]), away.min(-1), atol=1e-4)
    nearest = np.take_along_axis(offsets, away.argmin(-1)[..., None, None], 2)[:, :, 0]
    np.testing.assert_allclose(found[..., :2], nearest, atol=1e-4)
    sides = np.pi / 3 * np.arange(6)
    edge = 0.5 - np.max(nearest[..., :1] * np.cos(sides) + nearest[..., 1:] * np.sin(sides), -1)
    np.testing.assert_allclose(found[..., 2], edge, atol=1e-4)


@pytest.mark.parametrize("kind", ["hexagon", "triangle"])
def test_the_tiles_of_a_lattice_have_numbers_of_their_own(kind: str) -> None:
    tile = f"{kind}(2.0 * p)"
    inner = compute(f"{tile}.id, {tile}.edge", "lattice", reach=64.0)
    offset = compute(f"{tile}.offset, {kind}(2.0 * p + vec2(1e-3, 7e-4)).edge", "lattice", reach=2.0)
    centres = 2 * P - offset[..., :2]
    if kind == "triangle":  # those on their heads are turned, so only their height tells where they are
        centres = np.stack([np.rint(inner[..., 0]), np.rint(inner[..., 1])], -1)
    numbers = np.rint(inner[..., :2]).reshape(-1, 2)
    names, group = np.unique(numbers, axis=0, return_inverse=True)
    assert len(names) > 12
    for k in range(len(names)):
        of_tile = centres.reshape(-1, 2)[group.ravel() == k]
        assert np.ptp(of_tile, axis=0).max() < 1e-3
    # A number changes between two neighbouring samples only where both lie near a side.
    changes = (np.diff(np.rint(inner[..., :2]), axis=1) != 0).any(-1)
    between = np.minimum(inner[:, 1:, 2], inner[:, :-1, 2])[changes]
    assert between.max() < 2 * 2 / SIZE
    assert inner[..., 2].min() > -1e-4


def test_a_triangle_knows_the_distance_to_its_sides() -> None:
    tile = "triangle(2.0 * p)"
    found = compute(f"{tile}.offset, {tile}.edge", "lattice")
    # The middle of an equilateral triangle of height 1 is a third above each side.
    sides = np.radians([-90, 30, 150])
    edge = 1 / 3 - np.max(found[..., :1] * np.cos(sides) + found[..., 1:2] * np.sin(sides), -1)
    np.testing.assert_allclose(found[..., 2], edge, atol=1e-5)
