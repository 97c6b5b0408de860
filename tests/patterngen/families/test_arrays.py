"""What families give as arrays: fields that are painted, points of attractors, labels of leaves."""

import doctest

import numpy as np
import pytest
from librosa import mel_frequencies
from scipy.spatial import cKDTree

from patterngen.drawing.chaos_game import LANES, bounded, mark, window
from patterngen.drawing.colour_model import colour_model
from patterngen.drawing.power_spectrum import EPSILON
from patterngen.drawing.stamps import framed, margin_of
from patterngen.drawing.synthesis import to_bytes
from patterngen.errors import PatternGenError
from patterngen.families import exfractal, family, fractaldb, known_families, one_parameter_fractal
from patterngen.families.fractal_categories import find_category
from patterngen.families.model import arrays, contract
from patterngen.families.model.arrays import ARRAYS, Arrays
from patterngen.families.model.painted import PaintedField
from patterngen.rng import stream
from patterngen.sizes import PITCHES

HAVING = {
    array: [name for name, cls in known_families().items() if getattr(cls, hook) is not getattr(Arrays, hook)]
    for array, hook in ARRAYS.items()
}
PAINTED = [name for name, cls in known_families().items() if issubclass(cls, PaintedField)]
LEAVES = [
    "dead-leaves-squares",
    "dead-leaves-oriented",
    "dead-leaves-mixed",
    "dead-leaves-textures?textures=2",
]


@pytest.mark.parametrize("array", ARRAYS)
@pytest.mark.parametrize("name", ["perlin", "dead-leaves-mixed", "fractaldb", "smooth", "shaders"])
def test_a_family_without_an_array_names_those_that_have_it(name, array):
    drawer = family(name)
    if name in HAVING[array]:
        assert len(getattr(drawer, array)([1], 8)) == 1
        return
    with pytest.raises(PatternGenError, match=f"^{name} has no {array}; these families have: ") as caught:
        getattr(drawer, array)([1], 8)
    assert str(caught.value).partition(": ")[2].split(", ") == HAVING[array]


@pytest.mark.parametrize(("array", "name"), [(array, name) for array in ARRAYS for name in HAVING[array]])
def test_an_array_depends_on_its_seed_alone(array, name):
    cheaper = {key: 2000 for key in known_families()[name].__dataclass_fields__ if key == "points"}
    make = getattr(known_families()[name](**cheaper), array)
    together = make([3, 2**62 + 1, 3], 21)
    (alone,) = make([2**62 + 1], 21)
    assert np.array_equal(together[1], alone)
    assert np.array_equal(together[0], together[2])
    assert together.dtype == (np.int32 if array == "label_map" else np.float32)
    assert together.shape[0] == 3
    assert len(make([], 21)) == 0
    if array != "attractor":
        assert together.shape[-2:] == (PITCHES if array == "piano_roll" else 21, 21)
    with pytest.raises(PatternGenError, match="size = 0: give pixels"):
        make([1], 0)


# Fields -------------------------------------------------------------------------------------------------


def shades_of(field, low, high):
    """The place of each value in a palette of 1024 colours, rounded, in float32 as the kernels do."""
    scale = np.float32(1023) / (high - low) if high > low else np.float32(0)
    return np.clip((field - low) * scale + np.float32(0.5), 0, 1023).astype(int)


@pytest.mark.parametrize("colours", [1, 3])
@pytest.mark.parametrize("name", PAINTED)
def test_a_picture_is_its_field_in_its_palette(name, colours):
    drawer = family(f"{name}?colours={colours}")
    seeds, size = [5, 6, 2**63 - 1], 50
    pictures = drawer.draw(seeds, size)
    for field, picture, params in zip(
        drawer.field(seeds, size), pictures.pixels, pictures.params, strict=True
    ):
        low = field.max() - np.float32(params["range_db"]) if name == "spectro" else field.min()
        shades = shades_of(field, low, field.max())
        palette = np.empty((1024, 3), np.uint8)
        palette[shades] = picture  # the last of each shade
        assert np.array_equal(palette[shades], picture)
        if colours == 1:
            assert np.array_equal(picture[..., 0], np.floor(255 * shades / 1023 + 0.5))


def test_the_lowest_band_of_a_spectrogram_lies_where_it_is_said_to():
    top, bottom = (family(f"spectro?lowest_row={row}").field([4], 40) for row in ("top", "bottom"))
    assert np.array_equal(top, bottom[:, ::-1])


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("perlin", -(0.5**0.5), 0.5**0.5),
        ("simplex", -1, 1),
        ("reaction-diffusion", 0, 1),
        ("worley", 0, np.inf),
    ],
)
def test_fields_stay_in_their_range(name, low, high):
    fields = family(name).field(range(20), 48)
    assert low - 1e-6 <= fields.min() < fields.max() <= high + 1e-6


@pytest.mark.parametrize("metric", ["euclidean", "manhattan", "chebyshev"])
@pytest.mark.parametrize(("feature", "most"), [("f1", 1), ("f2", 1), ("f2-f1", 2)])
def test_distances_grow_no_faster_than_the_way(metric, feature, most):
    """From pixel to pixel by one at most, and across the edges too, where the picture meets itself."""
    fields = family(f"worley?metric={metric}&feature={feature}").field(range(10), 60)
    for axis in (1, 2):
        assert np.abs(fields - np.roll(fields, 1, axis)).max() <= most + 1e-4


def test_heights_are_bounded_by_the_sum_of_their_steps():
    """Corners lie within 1, and each level adds twice, for squares and for sides, up to decay^level."""
    fields = family("diamond-square?decay=0.5").field(range(40), 65)
    assert np.abs(fields).max() <= 1 + 2 * sum(0.5**level for level in range(6))


def test_the_field_of_fbm_has_the_power_law_of_its_gain():
    """Power falls as f^(−2H − 2) with gain 2^−H: here H = ½."""
    fields = family(f"fbm?gain={2**-0.5}&frequency=1&octaves=16").field(range(24), 256).astype(float)
    edge = np.hanning(256)
    power = np.abs(np.fft.fft2((fields - fields.mean((1, 2), keepdims=True)) * edge[:, None] * edge)) ** 2
    rings = np.rint(np.hypot(*np.meshgrid(*[np.fft.fftfreq(256, 1 / 256)] * 2))).astype(int).ravel()
    mean = np.bincount(rings, power.mean(0).ravel()) / np.bincount(rings)
    ring = np.arange(5, 41)
    assert np.polyfit(np.log(ring), np.log(mean[ring]), 1)[0] == pytest.approx(-3, abs=0.25)


def test_the_fields_of_a_forced_spectrum_have_exactly_that():
    drawer = family("stat-spectrum")
    (fields,), (params,) = drawer.field([8], 64), drawer.draw([8], 64).params
    f = np.abs(np.fft.fftfreq(64))
    law = 1 / (EPSILON + f ** params["exponent_x"] + f[:, None] ** params["exponent_y"])
    for field in fields:
        ratio = (np.abs(np.fft.fft2(field.astype(float))) / law).ravel()[1:]  # but for the mean
        assert ratio == pytest.approx(np.full(ratio.shape, np.median(ratio)), rel=0.02)


@pytest.mark.parametrize("name", [name for name in HAVING["field"] if name not in PAINTED])
def test_three_fields_along_the_axes_of_a_palette_are_the_picture(name):
    drawer, size = family(name), 40
    (fields,), (picture,) = drawer.field([11], size), drawer.draw([11], size).pixels
    _, _, mean, axes, _ = colour_model(stream(np.uint64(11)), drawer.colours_low, drawer.colours_high, size)
    painted = np.empty((size, size, 3), np.uint8)
    to_bytes(fields.copy(), mean, axes, painted)
    assert np.array_equal(painted, picture)


# Attractors ---------------------------------------------------------------------------------------------


def systems(name, seeds, size):
    """The maps [M, D · (D + 1)] of each picture."""
    drawer = family(name)
    pictures = drawer.draw(seeds, size)
    for class_id, params in zip(pictures.class_id.tolist(), pictures.params, strict=True):
        if name.startswith("exfractal"):
            yield find_category(exfractal.search, 0, class_id)
        else:
            yield fractaldb.weighted(find_category(fractaldb.search, 0, class_id), params["weight_row"])


def moved(system, points):
    """Images [M, P, D] of points under each map; a map is a matrix, row by row, and then a shift."""
    dimensions = points.shape[1]
    matrices = system[:, : dimensions**2].reshape(-1, dimensions, dimensions)
    return np.einsum("mij,pj->mpi", matrices, points) + system[:, None, dimensions**2 :]


@pytest.mark.parametrize(
    ("name", "lanes"), [("fractaldb", LANES), ("ofdb", LANES), ("exfractal", exfractal.LANES)]
)
def test_each_point_of_an_orbit_is_mapped_to_the_next(name, lanes):
    seeds, size = range(4), 32
    attractors = family(f"{name}?points=5000").attractor(seeds, size).astype(float)
    for system, points in zip(systems(f"{name}?points=5000", seeds, size), attractors, strict=True):
        apart = np.abs(moved(system, points[:-lanes]) - points[lanes:]).max(2).min(0)
        assert apart.max() < 1e-5 * np.ptp(points, axis=0).max()


@pytest.mark.parametrize("name", ["one-parameter-fractal", "ofdb"])
def test_the_maps_of_a_system_keep_its_points_among_themselves(name):
    drawer = family(f"{name}?points=100000")
    (points,) = drawer.attractor([9], 32).astype(float)
    if name == "ofdb":
        (system,) = systems(f"{name}?points=100000", [9], 32)
    else:
        (number,) = drawer.draw([9], 32).class_id
        s = stream(one_parameter_fractal.identity_of(drawer.system_seed, number))
        base = one_parameter_fractal.base_system(drawer.system_seed, drawer.sigma_factor)
        system = one_parameter_fractal.perturbed(s, base, drawer.delta)
    tree = cKDTree(points)
    for image in moved(system, points[::100]):
        assert np.quantile(tree.query(image)[0], 0.95) < 0.01 * np.ptp(points, axis=0).max()


def test_a_picture_of_points_shows_the_attractor():
    drawer, size = family("fractaldb?stamp=point&points=20000"), 60
    pictures = drawer.draw(range(6), size)
    for points, picture, params in zip(
        drawer.attractor(range(6), size), pictures.pixels, pictures.params, strict=True
    ):
        flat = np.ascontiguousarray(points.T)
        assert bounded(window(flat))
        margin = margin_of(size)
        hits = np.empty((size + 2, size + 2), np.uint8)
        turned = params["flip"] >= 2, params["flip"] % 2 == 1
        box = tuple(
            map(np.float32, framed(tuple(map(np.float32, window(flat))), size - 2 * margin, margin + 1))
        )
        mark(flat, box, turned, hits)
        assert np.mean(hits[1:-1, 1:-1] == (picture[..., 0] > 0)) > 0.999


def test_a_coloured_fractal_is_as_dense_as_its_points():
    """Told apart by the points alone, ground and fractal have next to no colour in common."""
    drawer, size = family("fractal-color?points=50000&decay=0"), 64
    (points,), (picture,) = drawer.attractor([3], size), drawer.draw([3], size).pixels
    places = (points - points.min(0)) / np.ptp(points, axis=0) * size
    columns, rows = np.minimum(places.astype(int), size - 1).T
    counts = np.zeros((size, size), int)
    np.add.at(counts, (rows, columns), 1)
    shades = {tuple(colour) for colour in picture[counts == 0]} & {
        tuple(colour) for colour in picture[counts > 0]
    }
    assert len(shades) < 5


# Labels -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", LEAVES)
def test_labels_count_the_leaves_that_are_seen(name):
    drawer = family(name)
    seeds, size = range(6), 57
    for labels, params in zip(drawer.label_map(seeds, size), drawer.draw(seeds, size).params, strict=True):
        assert np.array_equal(np.unique(labels), np.arange(params["leaves"]))


@pytest.mark.parametrize("name", LEAVES[:3])
def test_a_leaf_has_one_colour(name):
    drawer = family(name)
    (labels,), (picture,) = drawer.label_map([4], 90), drawer.draw([4], 90).pixels
    colours = np.empty((labels.max() + 1, 3), np.uint8)
    colours[labels] = picture
    assert np.array_equal(colours[labels], picture)
    assert len(np.unique(colours, axis=0)) > 0.9 * len(colours)


def test_the_top_leaf_of_squares_is_a_whole_one():
    for labels in family("dead-leaves-squares?radius_max=0.2").label_map(range(20), 64):
        rows, columns = np.nonzero(labels == 0)
        height, width = np.ptp(rows) + 1, np.ptp(columns) + 1
        assert len(rows) == height * width
        inside = min(rows.min(), columns.min()) > 0 and max(rows.max(), columns.max()) < 63
        assert not inside or abs(height - width) <= 1


# Piano rolls --------------------------------------------------------------------------------------------


def test_the_roll_of_a_line_follows_its_peak():
    """Crickets and sirens of one partial: the brightest band of a column lies at the pitch that sounds."""
    axis = "mel_scale=slaney&f_min_low=50&f_min_high=50&f_max_low=8000&f_max_high=8000"
    drawer = family(f"spectro?scene=chirps&{axis}")
    seeds = range(60)
    hertz = mel_frequencies(82, fmin=50, fmax=8000)[1:-1]
    right = asked = 0
    for field, roll in zip(drawer.field(seeds, (80, 208)), drawer.piano_roll(seeds, (80, 208)), strict=True):
        loud = (roll > 0.9).sum(0) == 1  # one voice at a time
        pitch = 440 * 2 ** ((24 + roll.argmax(0) - 69) / 12)
        peak = hertz[field.argmax(0)]
        near = np.abs(np.log2(peak / pitch)) < 0.1
        right, asked = right + (near & loud).sum(), asked + loud.sum()
    assert asked > 2000
    assert right > 0.8 * asked  # the rest is drowned, or louder in its second partial


def test_what_has_no_pitch_has_an_empty_roll():
    for scene in ("ambience", "hits"):
        rolls = family(f"spectro?scene={scene}").piano_roll(range(20), 40)
        second = [params["second"] for params in family(f"spectro?scene={scene}").draw(range(20), 40).params]
        tonal = [name not in ("none", "ambience", "hits") for name in second]
        assert not rolls[~np.array(tonal)].any()


def test_music_keeps_to_the_steps_of_its_scale():
    """The pitches of a picture are those of one major scale, but for vibrato and a tuning between two."""
    drawer = family("spectro?scene=music")
    seeds = [seed for seed in range(60) if drawer.draw([seed], 8).params[0]["second"] == "none"]
    steps = np.isin(np.arange(12), (0, 2, 4, 5, 7, 9, 11))
    scales = np.array([np.roll(steps, shift) for shift in range(12)])
    classes = drawer.piano_roll(seeds, (80, 208)).mean(2).reshape(len(seeds), -1, 12).sum(1)
    shares = (classes @ scales.T).max(1) / classes.sum(1)
    assert shares.mean() > 0.95
    chance = (np.random.default_rng(0).permuted(classes, axis=1) @ scales.T).max(1) / classes.sum(1)
    assert chance.mean() < shares.mean() - 0.03


# Examples -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("module", [arrays, contract])
def test_the_examples_run(module):
    failed, attempted = doctest.testmod(module)
    assert failed == 0
    assert attempted > 5
