"""What holds of the finished pictures: in the field, and as far as bytes can show it."""

import numpy as np
import pytest

from patterngen.drawing.colour_model import colour_model
from patterngen.drawing.marginals import generalised_gaussian
from patterngen.drawing.power_spectrum import amplitudes
from patterngen.drawing.steerable import pyramid
from patterngen.drawing.synthesis import Channel, Demands, fill_with_noise
from patterngen.families import family
from patterngen.metrics import total_variation
from patterngen.rng import stream
from tests.patterngen.drawing.test_fourier import transform
from tests.patterngen.drawing.test_marginals import distance
from tests.patterngen.drawing.test_power_spectrum import radial_slope
from tests.patterngen.drawing.test_steerable import bands

SIZE = 128
FAMILIES = ["stat-spectrum", "stat-wmm", "stat-spectrum-color", "stat-spectrum-color-wmm"]


def force(seed, rounds, **demands):
    room = Channel(SIZE, SIZE, pyramid(SIZE, SIZE))
    field = np.zeros(room.fourier.picture, np.float32)
    fill_with_noise(stream(np.uint64(seed)), SIZE, field)
    room.force(field, Demands(**demands), rounds)
    return field


def palette_law(seed):
    return colour_model(stream(np.uint64(seed)), 3, 22, SIZE)[-1][0]


def band_laws(shape=0.6):
    return np.stack(
        [
            generalised_gaussian(0.25**level.ratio, shape, 200.0)
            for level in pyramid(SIZE, SIZE).levels
            for _ in level.responses
        ]
    )


def band_distances(field, laws):
    _, _, spectrum = transform(field)
    found = [band for level in bands(pyramid(SIZE, SIZE), spectrum) for band in level]
    return [distance(band, law) for band, law in zip(found, laws, strict=True)]


def test_noise_is_uniform():
    field = np.zeros((100, 112), np.float32)
    fill_with_noise(stream(np.uint64(1)), 100, field)
    assert np.all(field[:, 100:] == 0)
    assert distance(field[:, :100], np.array([[0, 1], [0, 256]])) < 1.63 / 100


@pytest.mark.parametrize("s", [0.5, 1.0, 1.7, 2.5, 3.5])
def test_the_spectrum_alone_is_met_over_its_whole_range(s):
    field = force(7, 1, amplitude=amplitudes(s, s, SIZE, SIZE))
    assert radial_slope(field) == pytest.approx(-s, abs=0.05)


@pytest.mark.parametrize("s", [0.5, 1.0])
def test_with_colours_rough_spectra_are_met(s):
    """Colours, forced last, are met exactly; steep spectra are flattened by the edges between colours."""
    slopes = []
    for seed in range(8):
        law = palette_law(seed)
        field = force(seed, 10, amplitude=amplitudes(s, s, SIZE, SIZE), values=law)
        assert distance(field, law) < 0.01
        slopes.append(radial_slope(field))
    assert np.mean(slopes) == pytest.approx(-s, abs=0.05)


def test_rounds_settle_spectrum_and_colours():
    s, law = 1.5, palette_law(3)
    errors = [
        abs(radial_slope(force(3, rounds, amplitude=amplitudes(s, s, SIZE, SIZE), values=law)) + s)
        for rounds in (1, 10)
    ]
    assert errors[1] < errors[0]


def test_bands_settle_on_their_laws():
    laws = band_laws()
    first, last = (np.mean(band_distances(force(2, rounds, bands=laws), laws)) for rounds in (1, 10))
    assert last < 0.05
    assert last < first / 2


def test_all_three_at_once_meet_the_colours_and_approach_the_bands():
    laws, law = band_laws(), palette_law(5)
    demands = {"amplitude": amplitudes(1.0, 1.0, SIZE, SIZE), "bands": laws, "values": law}
    field = force(5, 10, **demands)
    assert distance(field, law) < 0.01
    assert np.mean(band_distances(field, laws)) < 0.12


@pytest.mark.parametrize("s", [0.5, 1.0, 1.5])
def test_bytes_keep_the_exponent(s):
    # Steeper spectra end below the rounding to bytes; up to here it does not show.
    drawer = family(f"stat-spectrum?exponent_low={s}&exponent_high={s}")
    slopes = [radial_slope(picture.mean(2)) for picture in drawer.draw(range(12), 256).pixels]
    assert np.mean(slopes) == pytest.approx(-s, abs=0.05)


def test_bytes_keep_the_colours():
    """A palette of three colours, hardly blurred: most pixels lie near one of three points."""
    drawer = family("stat-spectrum-color?colours_low=3&colours_high=3&exponent_low=1")
    near = []
    pictures = drawer.draw(range(30), 64)
    for picture, params in zip(pictures.pixels, pictures.params, strict=True):
        if params["blur"] <= 2:
            cells, counts = np.unique(picture.reshape(-1, 3) // 32, axis=0, return_counts=True)
            near.append(np.sort(counts)[::-1][:12].sum() / counts.sum())
            assert len(cells) < 200  # of 512
    assert np.mean(near) > 0.5


@pytest.mark.parametrize("name", FAMILIES)
def test_every_picture_spans_all_bytes(name):
    for picture in family(name).draw(range(5), 64).pixels:
        assert (picture.min(), picture.max()) == (0, 255)


def test_parameters_are_drawn_as_published():
    params = family("stat-spectrum-color-wmm?rounds=1").draw(range(400), 4).params
    s, shape = (np.array([p[key] for p in params]) for key in ("exponent", "shape"))
    d = np.array([p["exponent_x"] for p in params]) - s
    assert 0.5 <= s.min() <= 0.57
    assert 3.43 <= s.max() <= 3.5
    assert d.std() == pytest.approx(0.05, rel=0.15)
    assert np.array([p["exponent_y"] for p in params]) == pytest.approx(s - d)
    # The mean of fifteen shapes, each uniform between 0.4 and 0.8.
    assert shape.mean() == pytest.approx(0.6, abs=0.006)
    assert shape.std() == pytest.approx(0.4 / np.sqrt(12 * 15), rel=0.15)


def test_more_rounds_are_taken():
    one, ten = (family(f"stat-spectrum-color?rounds={n}").draw([1], 32).pixels for n in (1, 10))
    assert not np.array_equal(one, ten)


def test_long_tails_make_strong_detail():
    """The finest bands have σ = 4, where a long tail reaches far; the coarse ones are broad anyhow."""
    pictures = (
        family(f"stat-wmm?shape_low={shape}&shape_high={shape}").draw(range(4), 64).pixels
        for shape in (0.3, 0.8, 2)
    )
    rough, medium, smooth = (total_variation(batch).tv.mean() for batch in pictures)
    assert rough > 1.5 * medium > 1.5 * smooth
