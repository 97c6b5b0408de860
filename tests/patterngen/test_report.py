from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from patterngen.catalogue import catalogue, field_docs
from patterngen.encode import decode
from patterngen.errors import PatternGenError
from patterngen.families import families, family
from patterngen.preview import PreviewConfig, ShowConfig, preview, show
from patterngen.report import SheetRow, contact_sheet, plot_tv, stats_table
from patterngen.stats import DatasetStats, FamilyStats


def row(n, size, seed=0):
    pixels = np.random.default_rng(seed).integers(0, 256, (n, size, size, 3), np.uint8)
    return SheetRow(f"row {seed}", pixels, [f"{i}: tv 0.123" for i in range(n)])


def contains(sheet, picture):
    """Whether the picture's pixels stand somewhere on the sheet, unscaled."""
    H, W, _ = picture.shape
    starts = np.argwhere((sheet[: -H or None, : -W or None] == picture[0, 0]).all(-1))
    return any((sheet[y : y + H, x : x + W] == picture).all() for y, x in starts)


@pytest.mark.parametrize("counts", [[1], [16], [3, 5], [17, 2]])
def test_every_picture_stands_on_the_sheet_unchanged(counts):
    rows = [row(n, 24, seed) for seed, n in enumerate(counts)]
    sheet = np.asarray(contact_sheet(rows, columns=8))
    assert all(contains(sheet, picture) for r in rows for picture in r.pixels)


def test_titles_and_captions_are_written():
    plain = SheetRow("", np.full((2, 32, 32, 3), 255, np.uint8), ["", ""])
    written = SheetRow("name", plain.pixels, ["1: tv 0.5", "2: tv 0.6"])
    assert np.asarray(contact_sheet([plain])).min() == 255
    assert np.asarray(contact_sheet([written])).min() < 60


def test_a_sheet_of_nothing_or_too_much_is_refused():
    with pytest.raises(PatternGenError, match="at least one picture"):
        contact_sheet([])
    huge = np.broadcast_to(np.uint8(0), (1, 12000, 12000, 3))
    with pytest.raises(PatternGenError, match="too large"):
        contact_sheet([SheetRow("huge", huge, [""])])


def stats(*values):
    parts = [FamilyStats(f"family-{i}", len(tv), 1, 1000, np.array(tv)) for i, tv in enumerate(values)]
    total = FamilyStats("all", sum(p.count for p in parts), 1, 1000, np.concatenate([p.tv for p in parts]))
    return DatasetStats("dir", "hash", 2, 1, 2048, tuple(parts), total)


def test_the_table_has_a_row_per_family_and_one_for_all():
    assert stats_table(stats([0.1, 0.2])).row_count == 1
    assert stats_table(stats([0.1], [0.2, 0.3])).row_count == 3


def test_quantiles_of_a_known_set():
    quantiles = stats(np.linspace(0, 1, 101)).total.tv_quantiles
    assert quantiles == pytest.approx(
        {"0": 0, "0.05": 0.05, "0.25": 0.25, "0.5": 0.5, "0.75": 0.75, "0.95": 0.95, "1": 1}
    )


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_histogram_also_of_flat_pictures(tmp_path, ending):
    path = tmp_path / f"tv.{ending}"
    plot_tv(stats([0.0, 0.0], [0.01, 0.1]), str(path))
    plot_tv(stats([0.0]), str(path))
    assert path.stat().st_size > 1000


@pytest.mark.parametrize("families", [1, 12])
@pytest.mark.parametrize("name", ["a$b_{", r"\frac$\frac$"])
def test_a_name_in_a_histogram_is_no_mathematics(tmp_path, families, name):
    found = stats(*[[0.01, 0.1]] * families)
    named = [replace(part, family=name) for part in found.families]
    plot_tv(replace(found, path=name, families=tuple(named)), str(tmp_path / "tv.svg"))


@pytest.mark.parametrize("name", ["tv.gif", "missing/tv.png"])
def test_histogram_into_an_impossible_file(tmp_path, name):
    with pytest.raises(PatternGenError, match=r"tv\."):
        plot_tv(stats([0.1]), str(tmp_path / name))


def test_show_draws_the_pixels_of_the_seed(tmp_path):
    path = tmp_path / "x.png"
    seed = 2**63 - 1
    line = show(ShowConfig(family="perlin?colours=4", seed=seed, size=32, out=str(path)))
    expected = family("perlin?colours=4").draw([seed], 32).pixels[0]
    assert (decode(path.read_bytes()) == expected).all()
    assert str(seed) in line


def test_preview_shows_the_pictures_of_consecutive_seeds(tmp_path):
    path = tmp_path / "sheet.png"
    result = preview(PreviewConfig(family=("perlin", "fbm"), out=str(path), count=3, size=32, seed=5))
    assert result.families == ("perlin", "fbm")
    sheet = np.asarray(Image.open(path))
    for name in result.families:
        assert all(contains(sheet, picture) for picture in family(name).draw([5, 6, 7], 32).pixels)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"size": 0}, "size 0"),
        ({"count": 0}, "count 0"),
        ({"seed": -1}, "seed -1"),
        ({"seed": 2**63 - 1}, "seed"),
        ({"out": "sheet.jpg"}, "sheet.jpg"),
        ({"out": "nowhere/sheet.png"}, "no folder nowhere"),
    ],
)
def test_a_preview_that_cannot_be_drawn(settings, said):
    with pytest.raises(PatternGenError, match=said):
        PreviewConfig(**{"family": ("perlin",), "out": "sheet.png", **settings})


def test_every_family_and_every_setting_is_described():
    entries = catalogue()
    assert [entry.name for entry in entries] == list(families())
    for entry in entries:
        assert entry.summary.endswith(".")
        assert entry.source
        assert all(setting.doc for setting in entry.settings), entry.name


def test_an_unknown_family_is_answered_with_close_names():
    with pytest.raises(PatternGenError, match="did you mean perlin"):
        catalogue("perlim")


class Base:
    a: int = 1
    """Words
    on two lines."""
    b: int = 2


class Derived(Base):
    c: int = 3
    """Own words."""


def test_field_docs_are_the_strings_below_fields_also_inherited_ones():
    assert field_docs(Derived) == {"a": "Words on two lines.", "c": "Own words."}
