import io
import struct

import numpy as np
import pytest
from PIL import Image

from patterngen import DatasetFolder, DatasetSpec, PatternGenError, RunOptions, family, render
from patterngen.dataset.stats import dataset_stats
from patterngen.filtering.filter import FilterConfig, filter_dataset
from patterngen.measures import spectral_slope, zlib_bpp
from tests.drawn import draw

NOISE = np.random.default_rng(0)


def grey(luma):
    return np.clip(np.rint(luma), 0, 255).astype(np.uint8)[..., None].repeat(3, axis=-1)


def packed_bytes(picture):
    """What Pillow's PNG of a picture takes, but for its head and its end."""
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG", compress_level=6)
    data, place, total = file.getvalue(), 8, 0
    while place < len(data):
        (length,) = struct.unpack_from(">I", data, place)
        total += length if data[place + 4 : place + 8] == b"IDAT" else 0
        place += length + 12
    return total


def test_complexity_is_that_of_known_pictures():
    noise = NOISE.integers(0, 256, (1, 96, 96, 3), np.uint8)
    assert zlib_bpp(noise)[0] == pytest.approx(3, abs=0.05)  # three bytes that nothing foretells
    assert zlib_bpp(np.full((1, 96, 96, 3), 77, np.uint8))[0] < 0.03
    ramp = grey(np.add.outer(np.arange(96.0), np.arange(96.0)))[None]
    assert zlib_bpp(ramp)[0] < 0.05  # a filter foretells every pixel


@pytest.mark.parametrize("name", ["perlin", "dead-leaves-mixed", "fractaldb"])
def test_complexity_is_about_the_size_of_a_png(name):
    pictures = family(name).draw(range(4), (60, 90)).pixels
    sizes = np.array([packed_bytes(picture) for picture in pictures]) / (60 * 90)
    assert zlib_bpp(pictures) == pytest.approx(sizes, rel=0.1)


@pytest.mark.parametrize("size", [(128, 128), (80, 208)])
@pytest.mark.parametrize("exponent", [0, -1, -2, -3])
def test_the_slope_of_a_power_law_is_its_exponent(exponent, size):
    frequency = np.hypot(np.fft.fftfreq(size[0])[:, None], np.fft.rfftfreq(size[1])[None])
    frequency[0, 0] = 1
    waves = np.fft.rfft2(NOISE.normal(size=(24, *size))) * frequency ** (exponent / 2)
    noise = np.fft.irfft2(waves, size)
    found = spectral_slope(grey(128 + 30 * noise / noise.std()))
    assert found.mean() == pytest.approx(exponent, abs=0.2)


def test_a_slope_knows_neither_contrast_nor_level():
    luma = np.cumsum(np.cumsum(NOISE.normal(size=(1, 64, 64)), axis=1), axis=2)
    luma = 60 * luma / np.abs(luma).max()
    assert spectral_slope(grey(luma + 190)) == pytest.approx(spectral_slope(grey(luma + 70)), abs=1e-6)
    assert spectral_slope(grey(luma / 2 + 128)) == pytest.approx(spectral_slope(grey(luma + 70)), abs=0.2)


@pytest.mark.parametrize("shape", [(1, 1), (1, 50), (5, 5), (64, 64)])
def test_flat_and_tiny_pictures_have_no_slope(shape):
    assert spectral_slope(np.full((2, *shape, 3), 9, np.uint8)).tolist() == [0, 0]


@pytest.mark.parametrize("measure", [zlib_bpp, spectral_slope])
def test_what_is_no_picture_is_refused(measure):
    with pytest.raises(PatternGenError, match=r"uint8 \[N, H, W, 3\]; got float64 \[8, 8\]"):
        measure(np.zeros((8, 8)))


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    folder = tmp_path_factory.mktemp("measured") / "set"
    return draw(folder, "perlin", count=12, size=32, samples_per_shard=5, measures=("slope", "zlib_bpp"))


def test_measures_are_columns_and_change_no_tar(measured, tmp_path):
    plain = draw(tmp_path / "plain", "perlin", count=12, size=32, samples_per_shard=5)
    for name in ("train-000000", "train-000002"):
        assert (plain / f"{name}.tar").read_bytes() == (measured / f"{name}.tar").read_bytes()
    dataset = DatasetFolder.open(str(measured))
    assert dataset.measures == ("zlib_bpp", "slope")
    table = dataset.manifest(["seed", "zlib_bpp", "slope"]).to_pydict()
    pictures = family("perlin").draw(table["seed"], 32).pixels
    assert table["zlib_bpp"] == pytest.approx(zlib_bpp(pictures))
    assert table["slope"] == pytest.approx(spectral_slope(pictures))


def test_pictures_are_chosen_by_what_was_measured(measured, tmp_path):
    values = DatasetFolder.open(str(measured)).manifest(["zlib_bpp"])["zlib_bpp"].to_numpy()
    middle = float(np.median(values))
    config = FilterConfig(dir=str(measured), where=f"zlib_bpp > {middle}", repack=str(tmp_path / "complex"))
    assert filter_dataset(config).kept == 6
    again = dataset_stats(str(tmp_path / "complex")).total
    assert sorted(again.measured["zlib_bpp"]) == sorted(values[values > middle])
    assert again.measure_quantiles["zlib_bpp"]["1"] == values.max()


def test_a_dataset_that_grows_is_measured_on(measured, tmp_path):
    spec = DatasetSpec(family=("perlin",), count=4, size=32, samples_per_shard=2, measures=("slope",))
    render(spec, RunOptions(out=str(tmp_path / "set")))
    render(DatasetSpec.read(tmp_path / "set" / "job.yaml"), RunOptions(out=str(tmp_path / "set")))
    assert DatasetFolder.open(str(tmp_path / "set")).measures == ("slope",)


def test_what_was_not_measured_is_named_with_the_remedy(tmp_path):
    folder = draw(tmp_path / "set", "perlin", count=4, size=32)
    with pytest.raises(PatternGenError, match=r"measured for slope.*--measures slope"):
        filter_dataset(FilterConfig(dir=str(folder), where="slope < -2"))
    with pytest.raises(PatternGenError, match="unknown measure 'slpoe'"):
        DatasetSpec(family=("perlin",), count=1, measures=("slpoe",))
