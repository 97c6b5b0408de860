"""Untrained StyleGANs: a generator that is the one of the paper, and the pictures that it draws."""

import hashlib
import subprocess
import sys

import numpy as np
import pytest

from patterngen.errors import MissingDependencyError, PatternGenError
from patterngen.families import family
from patterngen.families.stylegan import LAWS, StyleGANSparse
from patterngen.families.stylegan import network as net

torch = pytest.importorskip("torch")
functional = torch.nn.functional

from patterngen.families import torch_device  # noqa: E402
from patterngen.families.stylegan import synthesis as syn  # noqa: E402

FAMILIES = ["stylegan-random", "stylegan-highfreq", "stylegan-sparse", "stylegan-oriented"]
SMALL = "?channels_base=4096&channels_max=16"
EXACT = torch_device.Backend(torch.device("cpu"), torch.float32, 1, "test")


# --- the generator


def convolution(kind="normal", *, up=False, inputs=12, outputs=20, bias=(0.0, 0.0), seed=0):
    return net._draw_convolution(
        np.random.default_rng(seed), net.NetworkKind(kind, bias=bias), 16, up, inputs, outputs
    )


def whole_kernel(weights):
    kernel = torch.from_numpy(weights.kernel)
    return kernel if weights.mix is None else torch.from_numpy(weights.mix)[:, :, None, None] * kernel


def stuffed(x, size):
    """Double a picture with zeros."""
    y = torch.zeros(*x.shape[:2], size, size)
    y[:, :, ::2, ::2] = x
    return y


def as_published(weights, x, style, noise):
    """The layer as the paper writes it: weights scaled for each picture, one group of channels each."""
    n, inputs = x.shape[:2]
    scale = style @ torch.from_numpy(weights.affine) / np.sqrt(512) + 1
    kernel = whole_kernel(weights)[None] * scale[:, None, :, None, None]
    kernel = kernel / torch.sqrt(kernel.square().sum((2, 3, 4), keepdim=True) + 1e-8)
    outputs = kernel.shape[1]
    if weights.up:
        x = functional.pad(stuffed(x, 16), (3, 2, 3, 2))
    groups = x.reshape(1, n * inputs, *x.shape[2:])
    y = functional.conv2d(groups, kernel.flatten(0, 1), padding=0 if weights.up else 1, groups=n)
    y = y.reshape(n, outputs, *y.shape[2:])
    if weights.up:
        taps = torch.tensor([1.0, 3, 3, 1]) / 8
        blur = 4 * torch.outer(taps, taps).expand(outputs, 1, 4, 4)
        y = functional.conv2d(y, blur, groups=outputs)
    y = y + weights.noise * noise + torch.from_numpy(weights.bias)[:, None, None]
    return np.sqrt(2) * functional.leaky_relu(y, 0.2)


@pytest.mark.parametrize("up", [False, True])
@pytest.mark.parametrize("kind", ["normal", "per input", "per pair"])
def test_a_layer_is_the_grouped_convolution_of_the_paper(kind, up):
    torch.manual_seed(0)
    weights = convolution(kind, up=up, bias=(-0.2, 0.2))
    x = torch.randn(3, 12, 8 if up else 16, 8 if up else 16)
    style, noise = torch.randn(3, 512), torch.randn(3, 1, 16, 16)
    ours = syn.Modulated(weights, EXACT)(x, style, noise)
    assert ours.shape == (3, 20, 16, 16)
    assert torch.allclose(ours, as_published(weights, x, style, noise), atol=1e-4)


def test_factored_kernels_give_what_whole_ones_give():
    for up in (False, True):
        weights = convolution("per input", up=up)
        x = torch.randn(2, 12, 8, 8)
        whole = net.Convolution(
            16, up, weights.affine, whole_kernel(weights).numpy(), None, weights.bias, 0.0
        )
        assert torch.allclose(syn.Factored(weights, EXACT)(x), syn.Dense(whole, EXACT)(x), atol=1e-4)


@pytest.mark.parametrize("kind", ["normal", "per pair"])
def test_demodulation_keeps_unit_variance(kind):
    torch.manual_seed(1)
    weights = convolution(kind, inputs=64, outputs=64)
    x = torch.randn(8, 64, 32, 32)
    style = torch.randn(8, 512)
    y = syn.Modulated(weights, EXACT)(x, style, None)[:, :, 1:-1, 1:-1]
    # Of z ~ N(0, 1), √2·LeakyReLU(z) has mean square 1 + 0.2².
    assert y.square().mean() == pytest.approx(1.04, rel=0.02)
    assert y.square().mean((0, 2, 3)).numpy() == pytest.approx(np.full(64, 1.04), rel=0.15)


def test_the_resampling_filter_keeps_a_flat_picture_and_its_mean():
    flat = torch.full((1, 3, 8, 8), 0.7)
    assert syn.upsample(flat)[:, :, 1:-1, 1:-1].numpy() == pytest.approx(0.7)
    x = functional.pad(torch.rand(1, 3, 8, 8), (2, 2, 2, 2))
    assert syn.upsample(x).mean() == pytest.approx(x.mean().item(), rel=1e-6)
    assert syn.resampling_filter().sum() == pytest.approx(4)


def test_bf16_is_close_to_float32():
    low = torch_device.Backend(torch.device("cpu"), torch.bfloat16, 1, "test")
    for kind in (net.NetworkKind("normal"), StyleGANSparse.kind):
        network = net.draw_network(kind, 0, 32, base=4096, most=64)
        styles = np.random.default_rng(0).standard_normal((1, network.styles, 512)).astype(np.float32)
        exact, close = (syn.Synthesis(network, backend)(styles, []) for backend in (EXACT, low))
        assert np.corrcoef(exact.ravel(), close.ravel())[0, 1] > 0.999


# --- pictures


@pytest.mark.parametrize("name", FAMILIES)
def test_channels_have_the_mean_and_deviation_that_were_drawn(name):
    pictures = family(name + SMALL).draw([(k << 32) + k for k in range(40)], 16)
    checked = 0
    for picture, params in zip(pictures.pixels / 255, pictures.params, strict=True):
        for k, channel in enumerate(LAWS):
            level = picture[..., k]
            if np.mean((level == 0) | (level == 1)) == 0:  # what was cut off at black or white is missing
                checked += 1
                assert level.mean() == pytest.approx(params[f"mean_{channel}"], abs=0.003)
                assert level.std() == pytest.approx(params[f"deviation_{channel}"], abs=0.003)
    assert checked > 10


def test_means_and_deviations_follow_the_normal_laws():
    params = family("stylegan-random?channels_base=4096&channels_max=4").draw(range(600), 4).params
    for channel, laws in LAWS.items():
        for what, (mean, deviation) in zip(("mean", "deviation"), laws, strict=True):
            values = np.array([row[f"{what}_{channel}"] for row in params])
            assert values.mean() == pytest.approx(mean, abs=4 * deviation / np.sqrt(600))
            assert values.std() == pytest.approx(deviation, rel=0.12)


def test_noise_exponents_are_uniform():
    params = family("stylegan-highfreq?channels_base=4096&channels_max=4").draw(range(300), 4).params
    values = np.array([row["noise_exponent"] for row in params])
    assert 0.5 <= values.min() < 0.53
    assert 1.47 < values.max() <= 1.5


def test_a_network_is_the_upper_half_of_the_seed():
    drawer = family("stylegan-random" + SMALL)
    assert drawer.seed_group == 400
    seeds = [5, (1 << 32) + 5, 6, (1 << 32) + 6]
    pictures = drawer.draw(seeds, 32)
    assert [row["network"] for row in pictures.params] == [0, 1, 0, 1]
    assert len({picture.tobytes() for picture in pictures.pixels}) == 4


@pytest.mark.parametrize("name", FAMILIES)
def test_neither_neighbours_nor_threads_change_a_picture(name):
    drawer = family(name + SMALL)
    seeds = [3, (2 << 32) + 3, 4, 2**63 - 1, 3]
    together = drawer.draw(seeds, 32)
    for seed, picture in zip(seeds, together.pixels, strict=True):
        assert np.array_equal(drawer.draw([seed], 32).pixels[0], picture)
    threads = torch.get_num_threads()
    torch.set_num_threads(threads + 2)
    try:
        assert np.array_equal(drawer.draw(seeds, 32).pixels, together.pixels)
        assert torch.get_num_threads() == threads + 2
    finally:
        torch.set_num_threads(threads)


def test_batches_are_filled_up_and_hold_one_network():
    found = list(torch_device.batches([7, 1, 7, 7, 1], 2))
    assert found == [[0, 2], [3, 3], [1, 4]]


def test_a_gpu_draws_many_at_once(monkeypatch):
    """With more pictures in a batch than one, on the CPU: the same pictures but for rounding."""
    drawer = family("stylegan-oriented" + SMALL)
    single = drawer.draw(range(3), 32).pixels
    backend = torch_device.backend()
    wide = torch_device.Backend(backend.device, backend.dtype, 4, backend.name)
    monkeypatch.setattr("patterngen.families.stylegan.backend", lambda: wide)
    several = drawer.draw(range(3), 32).pixels
    assert np.abs(several.astype(int) - single.astype(int)).mean() < 1


def test_a_fresh_process_draws_the_same_bytes():
    name = "stylegan-sparse" + SMALL
    code = f"""
import hashlib
from patterngen.families import family
print(hashlib.sha256(family({name!r}).draw([7, 2**40], 16).pixels.tobytes()).hexdigest())
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    here = family(name).draw([7, 2**40], 16).pixels
    assert run.stdout.strip() == hashlib.sha256(here.tobytes()).hexdigest()


def test_random_is_smoother_than_highfreq():
    """Normal weights leave a picture to the coarse layers; wavelets and noise add grain."""

    def grain(name):
        seeds = [(k << 32) + k for k in range(6)]
        pixels = family(f"{name}?channels_base=8192&channels_max=64").draw(seeds, 64).pixels.astype(float)
        return np.mean(np.abs(np.diff(pixels, axis=2)).mean((1, 2, 3)) / pixels.std((1, 2, 3)))

    assert grain("stylegan-random") < 0.7 * grain("stylegan-highfreq")


@pytest.mark.parametrize(("size", "near"), [(2, "4 or 8"), (100, "64 or 128"), (2048, "512 or 1024")])
def test_a_size_that_cannot_be_drawn_names_the_nearest(size, near):
    with pytest.raises(PatternGenError, match=f"size {size}.*{near}"):
        family("stylegan-random").draw([1], size)


def test_without_torch_the_remedy_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    torch_device.backend.cache_clear()
    with pytest.raises(MissingDependencyError, match=r"pip install 'patterngen\[train\]'"):
        family("stylegan-random").draw([1], 16)
    monkeypatch.undo()
    torch_device.backend.cache_clear()


def test_the_renderer_says_what_torch_may_not_use(monkeypatch):
    """Without some of the processor's instructions torch rounds otherwise, so the pictures are another's."""
    for variable in torch_device._LIMITS:
        monkeypatch.delenv(variable, raising=False)
    torch_device.backend.cache_clear()
    plain = torch_device.backend().name
    monkeypatch.setenv("ATEN_CPU_CAPABILITY", "default")
    torch_device.backend.cache_clear()
    told = torch_device.backend().name
    monkeypatch.undo()
    torch_device.backend.cache_clear()
    assert told == plain if torch.cuda.is_available() else told == f"{plain} default"
