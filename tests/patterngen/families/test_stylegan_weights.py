"""What an untrained StyleGAN is made of, all without torch: wavelets, noise, and weights by their laws."""

from functools import partial

import numpy as np
import pytest

from patterngen.families.stylegan import StyleGANHighFrequency, StyleGANOriented, StyleGANSparse
from patterngen.families.stylegan import network as net
from patterngen.families.stylegan import noise as nz
from patterngen.families.stylegan import wavelets as wl

# --- wavelets


ANGLES = np.arange(720) * np.pi / 720


def energy_by_direction(kernel):
    """Power of the response to waves of a fifth of a cycle per pixel, by the direction they run in."""
    y, x = np.mgrid[-1:2, -1:2]
    phase = 2 * np.pi / 5 * (np.cos(ANGLES)[:, None, None] * x + np.sin(ANGLES)[:, None, None] * y)
    return np.abs((np.exp(1j * phase) * kernel).sum((1, 2))) ** 2


@pytest.mark.parametrize("k", range(8))
def test_edges_and_lines_have_the_asked_direction(k):
    kernels = wl.bank(quantised=False)
    for kernel, across in ((kernels[k], k * np.pi / 8), (kernels[8 + k], (k + 4) * np.pi / 8)):
        energy = energy_by_direction(kernel)
        off = (ANGLES[energy.argmax()] - across + np.pi / 2) % np.pi - np.pi / 2
        # The square lattice bends what lies between its axes and diagonals, by less than half a step.
        assert abs(off) < np.pi / 16
        assert energy.min() < 0.05 * energy.max()


def test_spots_look_the_same_from_every_side():
    for kernel in wl.bank(quantised=False)[16:20]:
        assert np.rot90(kernel) == pytest.approx(kernel, abs=1e-6)
        assert np.fliplr(kernel) == pytest.approx(kernel, abs=1e-6)


def test_edges_are_odd_and_the_rest_even():
    kernels = wl.bank(quantised=False)
    turned = kernels[:, ::-1, ::-1]
    assert turned[:8] == pytest.approx(-kernels[:8], abs=1e-6)
    assert turned[8:20] == pytest.approx(kernels[8:20], abs=1e-6)


def test_unquantised_wavelets_have_no_mean_and_unit_energy():
    kernels = wl.bank(quantised=False)
    assert kernels.mean((1, 2)) == pytest.approx(np.zeros(40), abs=1e-7)
    assert (kernels**2).sum((1, 2)) == pytest.approx(np.ones(40), abs=1e-6)


def test_signs_alone_are_left_and_all_differ():
    kernels = wl.bank(quantised=True)
    assert set(np.unique(kernels)) == {-1, 0, 1}
    assert len(np.unique(kernels, axis=0)) == wl.SIZE == 40
    assert kernels[20:] == pytest.approx(-kernels[:20])
    assert not kernels[:8].mean((1, 2)).any(), "edges have as much light as shade"
    assert np.all(kernels[[*range(8, 20), *range(28, 40)]] != 0), "only the axis of an edge is neither"


def test_no_finer_angle_gives_another_edge():
    """16 directed edges are all that the signs of 3×3 pixels can tell apart."""
    y, x = np.mgrid[-1:2, -1:2]
    angles = np.arange(1440) * np.pi / 720
    fine = {np.sign(np.round(x * np.cos(a) + y * np.sin(a), 9)).astype(int).tobytes() for a in angles}
    kernels = wl.bank(quantised=True).astype(int)
    assert fine == {kernel.tobytes() for kernel in [*kernels[:8], *kernels[20:28]]}


# --- noise


def radial_slope(map_):
    size = len(map_)
    f = np.hypot(*np.meshgrid(*[np.fft.fftfreq(size, 1 / size)] * 2))
    power = np.abs(np.fft.fft2(map_)) ** 2
    ring = np.rint(f).astype(int).ravel()
    mean = np.sqrt(np.bincount(ring, power.ravel()) / np.bincount(ring))
    kept = slice(2, size // 2)
    return np.polyfit(np.log(np.arange(len(mean))[kept]), np.log(mean[kept]), 1)[0]


@pytest.mark.parametrize("exponent", [0.5, 1.0, 1.5])
def test_noise_falls_off_with_the_asked_exponent(exponent):
    rng = np.random.default_rng(0)
    maps = [nz.power_noise(rng, exponent, 128) for _ in range(24)]
    assert np.mean([radial_slope(map_) for map_ in maps]) == pytest.approx(-exponent, abs=0.05)
    assert np.mean([np.mean(map_**2) for map_ in maps]) == pytest.approx(1, rel=0.1)
    assert np.abs(np.mean(maps, (1, 2))).max() < 1e-6


@pytest.mark.parametrize("size", [4, 8, 64])
def test_noise_of_any_resolution_has_unit_variance(size):
    rng = np.random.default_rng(1)
    maps = np.array([nz.power_noise(rng, 1.0, size) for _ in range(3000 // size)])
    assert maps.shape[1:] == (size, size)
    assert maps.dtype == np.float32
    assert np.mean(maps**2) == pytest.approx(1, rel=0.1)


def test_an_envelope_is_sparse_and_smooth():
    rng = np.random.default_rng(2)
    coarse = np.array([nz.envelope(rng, 4) for _ in range(500)])
    assert np.mean(coarse**2) == pytest.approx(1, rel=0.05)
    # Of Laplace's law the fourth moment is 6 squares of the second; of the normal law 3.
    assert np.mean(coarse**4) == pytest.approx(6, rel=0.25)
    fine = nz.envelope(rng, 128)
    assert np.abs(np.diff(fine)).max() < 0.1 * np.ptp(fine)


def test_one_map_serves_all_layers_or_each_has_its_own():
    kind = StyleGANOriented.kind
    network = net.draw_network(kind, 0, 32, base=4096, most=8)
    shared = nz.draw_noise(np.random.default_rng(0), kind, network, 1.0)
    assert [len(map_) for map_ in shared] == [4, 8, 8, 16, 16, 32, 32]
    assert np.array_equal(shared[-1], shared[-2])
    assert shared[0] == pytest.approx(shared[-1].reshape(4, 8, 4, 8).mean((1, 3)), abs=1e-6)
    own = nz.draw_noise(np.random.default_rng(0), StyleGANHighFrequency.kind, network, 1.0)
    assert abs(np.corrcoef(own[-1].ravel(), own[-2].ravel())[0, 1]) < 0.5


# --- weights


def test_channels_halve_as_the_picture_doubles():
    published = partial(net.channels, base=32768, most=512)
    assert [published(size) for size in net.resolutions(1024)] == [512, 512, 512, 512, 512, 256, 128, 64, 32]


def test_a_smaller_network_is_the_beginning_of_a_larger():
    small, large = (net.draw_network(StyleGANSparse.kind, 3, size, base=4096, most=16) for size in (8, 32))
    assert np.array_equal(small.constant, large.constant)
    for one, other in zip(small.convolutions, large.convolutions, strict=False):
        assert np.array_equal(one.mix, other.mix)
        assert one.noise == other.noise


def test_kernels_follow_the_law_of_their_kind():
    draw = partial(net.draw_network, seed=5, size=16, base=32768, most=256)
    for convolution in draw(net.NetworkKind("normal")).convolutions:
        assert convolution.kernel.std() == pytest.approx(1, rel=0.01)
        assert not convolution.bias.any()
    signs = {kernel.tobytes() for kernel in wl.bank(quantised=True)}
    for convolution in draw(StyleGANSparse.kind).convolutions:
        assert {kernel.tobytes() for kernel in convolution.kernel} <= signs
        assert convolution.mix.std() == pytest.approx(1, rel=0.02)
        assert 0 <= convolution.bias.min() < 0.02 < 0.18 < convolution.bias.max() < 0.2
        assert 0 <= convolution.noise <= 0.3
    for convolution in draw(StyleGANOriented.kind).convolutions:
        used = np.unique(convolution.kernel.reshape(-1, 9), axis=0)
        assert 5 <= len(used) <= 40
        assert convolution.bias.min() < -0.18 < 0.18 < convolution.bias.max()


def test_a_layer_of_few_wavelets_has_their_orientations_only():
    convolution = net.draw_network(StyleGANOriented.kind, 1, 4, base=4096, most=64).convolutions[0]
    power = (np.abs(np.fft.fft2(convolution.kernel, (16, 16))) ** 2).mean((0, 1))
    used, counts = np.unique(convolution.kernel.reshape(-1, 3, 3), axis=0, return_counts=True)
    expected = np.average(np.abs(np.fft.fft2(used, (16, 16))) ** 2, axis=0, weights=counts)
    assert power == pytest.approx(expected, rel=1e-4)
    assert power[0, 0] == pytest.approx(0, abs=1e-6), "flat ground is passed on by none of them"
