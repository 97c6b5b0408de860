"""Maps of clips: principal components, and a figure with a panel for each encoder and the floor."""

import json

import numpy as np
import pytest

from tests.band_encoders import write_band_encoders, write_tones
from tests.shallow import SHALLOW
from trainer.cli import main
from trainer.errors import TrainerError
from trainer.transfer.clip_map import MapConfig, map_clips, principal_components


@pytest.mark.parametrize("shape", [(40, 7), (9, 30)])
def test_principal_components_are_those_of_the_singular_values(shape):
    vectors = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
    vectors[:, 1] = 3 * vectors[:, 0] + 0.1 * vectors[:, 1]
    points, shares = principal_components(np.column_stack([vectors, np.full(len(vectors), 5)]))
    values = (vectors - vectors.mean(axis=0)) / vectors.std(axis=0)
    left, singular, _ = np.linalg.svd(values.astype(np.float64), full_matrices=False)
    np.testing.assert_allclose(shares, (singular**2 / (singular**2).sum())[:2], rtol=1e-4)
    expected = left[:, :2] * singular[:2]
    signs = np.sign((points * expected).sum(axis=0))
    np.testing.assert_allclose(points, expected * signs, atol=1e-3)


def test_what_lies_in_a_plane_is_shown_whole_and_its_scale_is_no_matter():
    plane = np.random.default_rng(1).standard_normal((50, 2))
    vectors = (plane @ np.array([[3, 0, 1e3], [0, 0.01, 0]])).astype(np.float32)
    points, shares = principal_components(vectors)
    np.testing.assert_allclose(shares.sum(), 1, rtol=1e-5)
    np.testing.assert_allclose(shares[0], 2 / 3, atol=0.06)  # two of the three numbers are one
    again, _ = principal_components(vectors * [1, 100, 0.001])
    np.testing.assert_allclose(points, again, atol=1e-3)


def test_a_map_is_never_mirrored():
    vectors = np.random.default_rng(2).standard_normal((20, 5)).astype(np.float32)
    one, _ = principal_components(vectors)
    other, _ = principal_components(vectors[::-1])
    np.testing.assert_allclose(one, other[::-1], atol=1e-6)


def test_clips_that_are_all_alike_are_one_point():
    points, shares = principal_components(np.ones((5, 3), np.float32))
    assert not points.any()
    assert not shares.any()


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("map")
    write_tones(folder / "sounds", 12)
    write_band_encoders(folder / "encoders", SHALLOW)
    return folder


def words(home, *more):
    return ["map", "--task", "csv", "--root", str(home / "sounds"), *map(str, more)]


def test_the_figure_has_a_panel_for_each_encoder_and_the_floor(home, capsys, monkeypatch):
    drawn = {}
    monkeypatch.setattr(
        "trainer.transfer.clip_map.write_figure", lambda figure, image, form: drawn.update(figure=figure)
    )
    runs = ("--run", home / "encoders/low", "--run", f"mine={home}/encoders/low")
    assert main(words(home, *runs, "--out", home / "map.png", "--json")) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["clips"], told["classes"], list(told["variance"])) == (12, 3, ["low", "mine", "floor"])
    assert all(0 < share <= 1 for share in told["variance"].values())
    panels = drawn["figure"].axes
    assert [axes.get_title() for axes in panels] == ["low", "mine", "floor"]
    for axes in panels:
        assert sum(len(points.get_offsets()) for points in axes.collections) == 12
    (legend,) = drawn["figure"].legends
    assert [text.get_text() for text in legend.get_texts()] == ["x", "y", "z"]


@pytest.mark.parametrize(
    ("name", "begins"), [("map.png", b"\x89PNG"), ("map.svg", b"<?xml"), ("map.PDF", b"%PDF")]
)
def test_a_map_is_written_by_the_shipped_encoder_where_none_is_named(
    home, shipping, tmp_path, capsys, name, begins
):
    assert main(words(home, "--out", tmp_path / name)) == 0
    assert (tmp_path / name).read_bytes().startswith(begins)
    assert "12 clips of 3 classes; its two axes hold of the variance " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("out", "said"),
    [("map.gif", r"name a \.png or \.svg or \.pdf file"), ("nowhere/map.png", "there is no folder")],
)
def test_where_no_map_can_be_written_is_said_at_once(home, shipping, out, said):
    with pytest.raises(Exception, match=said):
        map_clips(MapConfig(task="csv", root="/nowhere", out=out))


def test_a_point_has_one_colour(home, shipping, tmp_path):
    lines = (home / "sounds/metadata.csv").read_text().splitlines()
    several = tmp_path / "several"
    several.mkdir()
    for path in (home / "sounds").glob("*.wav"):
        (several / path.name).symlink_to(path)
    (several / "metadata.csv").write_text(
        "\n".join([lines[0], *(line.replace(",x,", ',"x;y",') for line in lines[1:])])
    )
    with pytest.raises(TrainerError, match="several labels each"):
        map_clips(MapConfig(task="csv", root=str(several), out=str(tmp_path / "map.png")))
