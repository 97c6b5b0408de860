"""Stretching a lattice over a picture: constants, sites, smooth waves, and the seam."""

import numpy as np
import pytest

from patterngen.drawing.resample import stretch


def ringed(lattice):
    return np.pad(np.asarray(lattice, np.float32), 1, mode="wrap")


def stretched(lattice, size):
    field = np.empty((size, size), np.float32)
    stretch(ringed(lattice), field)
    return field


@pytest.mark.parametrize("size", [1, 5, 16, 40])
def test_a_constant_stays_constant(size):
    assert stretched(np.full((16, 16), 0.7), size) == pytest.approx(0.7, abs=1e-6)


def test_at_its_own_size_a_lattice_stays_itself():
    lattice = np.random.default_rng(1).random((24, 24))
    assert stretched(lattice, 24) == pytest.approx(lattice, abs=1e-6)


def test_a_smooth_wave_is_met_between_the_sites_and_across_the_seam():
    def wave(count):
        x = (np.arange(count) + 0.5) / count
        return np.sin(2 * np.pi * (2 * x + 0.1))[None, :] * np.cos(2 * np.pi * x)[:, None]

    assert stretched(wave(32), 200) == pytest.approx(wave(200), abs=2e-3)
