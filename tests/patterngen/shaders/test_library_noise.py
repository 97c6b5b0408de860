"""Hashes, noise and cells of the shader library, beside their NumPy versions."""

import numpy as np
import pytest

from tests.patterngen.shaders.expressions import SIZE, P, R, X, Y, compute, fade, noise, unit

pytest.importorskip("moderngl")


def test_hashes_agree_to_the_bit() -> None:
    cell = "ivec2(round(24.0 * p + 0.5)) * 37 - 5"
    i, j = (np.rint(24 * axis + 0.5).astype(np.int64) * 37 - 5 for axis in (X, Y))
    exact = {"atol": 2**-23, "rtol": 0.0}  # half of the 24 bits' unit is lost when 0.5 is added
    np.testing.assert_allclose(compute(f"hash2({cell}), 0.0", "hash")[..., :2], unit(i, j), **exact)
    np.testing.assert_allclose(
        compute(f"hash3({cell}, -7)", "hash"), unit(i, j, np.full_like(i, -7)), **exact
    )


def test_further_numbers_of_a_picture_follow_from_its_r() -> None:
    words = [np.array(int(x * 2**24), np.int64) for x in R]
    further = []
    for k in range(6):
        numbers = unit(words[0] + (k << 24), *words[1:])
        np.testing.assert_allclose(compute(f"more(r, {k}).xyz", "hash")[0, 0], numbers[:3], atol=1e-6)
        np.testing.assert_allclose(compute(f"more(r, {k}).www", "hash")[0, 0], numbers[3], atol=1e-6)
        further.append(numbers)
    assert len({tuple(numbers) for numbers in further}) == 6
    finer = compute("finer(more(r, 1)).xyz", "hash")[0, 0]
    np.testing.assert_allclose(finer, np.mod(further[1][:3] * 4096, 1), atol=1e-6)


def test_noise_in_the_plane_and_in_space() -> None:
    x, y = 6 * X - 3.3, 6 * Y + 8.7
    place = "6.0 * p + vec2(-3.3, 8.7)"
    np.testing.assert_allclose(compute(f"noise({place})", "noise")[..., 0], 1.4 * noise(x, y), atol=3e-5)
    z = 0.3 * x - 2.2
    solid = compute("noise(vec3(q, 0.3 * q.x - 2.2))".replace("q", f"({place})"), "noise")
    np.testing.assert_allclose(solid[..., 0], 1.2 * noise(x, y, z), atol=3e-5)


def test_noise_is_zero_at_lattice_points() -> None:
    assert not compute("noise(round(20.0 * p)), noise(vec3(round(9.0 * p), 4.0)), 0.0", "noise").any()


def test_the_slope_of_noise_is_its_derivative() -> None:
    x, y, e = 4 * X + 1.3, 4 * Y - 2.1, 1e-5
    found = compute("noise_slope(4.0 * p + vec2(1.3, -2.1))", "noise", reach=8.0)
    along_x = 1.4 * (noise(x + e, y) - noise(x - e, y)) / (2 * e)
    along_y = 1.4 * (noise(x, y + e) - noise(x, y - e)) / (2 * e)
    np.testing.assert_allclose(found, np.stack([1.4 * noise(x, y), along_x, along_y], -1), atol=1e-4)


def test_fractional_brownian_motion_sums_turned_octaves() -> None:
    x, y, total = 2 * X, 2 * Y, np.zeros_like(X)
    for octave in range(4):
        total += 0.6 * 0.5**octave * 1.4 * noise(x, y)
        # GLSL's matrix is given by columns.
        x, y = 2 * (0.8 * x - 0.6 * y) + 17.3, 2 * (0.6 * x + 0.8 * y) + 31.7
    np.testing.assert_allclose(compute("fbm(2.0 * p, 4)", "noise")[..., 0], total, atol=1e-4)


def test_noise_of_a_line_joins_random_heights() -> None:
    x = 9 * X
    cell = np.floor(x).astype(np.int64)
    low, high = (unit(cell + k, np.full_like(cell, 3))[..., 0] for k in (0, 1))
    expected = low + (high - low) * fade(x - cell)
    np.testing.assert_allclose(compute("line_noise(9.0 * p.x, 3)", "noise")[..., 0], expected, atol=2e-5)


def test_cells_find_the_nearest_points_and_walls() -> None:
    home = np.floor(3 * P).astype(np.int64)
    steps = np.arange(-3, 4)
    i, j = (home[..., None, None, k] + step for k, step in enumerate(np.meshgrid(steps, steps)))
    sites = np.stack([i, j], -1) + 0.5 + 0.42 * np.cos(1.3 + 2 * np.pi * unit(i, j))
    offsets = (sites - 3 * P[:, :, None, None]).reshape(SIZE, SIZE, -1, 2)
    away = np.sort(np.linalg.norm(offsets, axis=-1), -1)
    found = compute("cells(3.0 * p, 1.3).near, cells(3.0 * p, 1.3).second, 0.0", "cells", reach=2.0)
    wrong = np.abs(found[..., :2] - away[..., :2]) > 1e-4
    assert wrong.mean((0, 1))[0] < 1e-3  # of 3 × 3 cells; a point two cells away is hardly ever nearer
    assert wrong.mean() < 0.01

    nearest = np.take_along_axis(offsets, np.argmin((offsets**2).sum(-1), -1)[..., None, None], 2)
    apart = np.linalg.norm(offsets - nearest, axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        walls = ((offsets**2).sum(-1) - (nearest**2).sum(-1)) / (2 * apart)
    walls = np.where(apart > 1e-6, walls, np.inf).min(-1)
    found_wall = compute("wall(3.0 * p, 1.3, cells(3.0 * p, 1.3))", "cells", reach=2.0)[..., 0]
    assert (np.abs(found_wall - walls) > 1e-3).mean() < 0.02
