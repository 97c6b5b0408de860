import json
import os
import shutil
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import soundfile
import torch

from patterngen import PatternGenError
from trainer.encoders.embed import EmbedConfig, embed_folder
from trainer.encoders.encoder import load
from trainer.encoders.exported import load_encoder
from trainer.encoders.feature import TIME_AVERAGE, Feature
from trainer.publishing.export import ExportConfig, export
from trainer.sound.audio_files import clips_below

RATE = 16_000


@pytest.fixture(scope="module")
def sounds(tmp_path_factory):
    """Four clips in two folders, and something else."""
    folder = tmp_path_factory.mktemp("sounds")
    (folder / "deep").mkdir()
    rng = np.random.default_rng(0)
    for name, seconds in (("b.wav", 0.3), ("a.flac", 1.0), ("deep/c.OGG", 0.5), ("deep/d.wav", 0.01)):
        soundfile.write(folder / name, 0.1 * rng.standard_normal(round(seconds * RATE)), RATE)
    (folder / "notes.txt").write_text("no sound")
    return folder


def embed(sounds, run, out, **settings):
    settings = {"frames": 96, "precision": "float32"} | settings
    return embed_folder(EmbedConfig(clips=str(sounds), run=str(run), out=str(out), **settings))


def vectors(path):
    return np.stack(pq.read_table(path)["embedding"].to_numpy())


@pytest.fixture(scope="module")
def adapted(picture_encoder, sounds, tmp_path_factory):
    """The picture encoder, exported as a sound encoder."""
    out = tmp_path_factory.mktemp("encoders") / "sound"
    report = export(ExportConfig(run=str(picture_encoder), out=str(out), clips=str(sounds), frames=96))
    assert any("3 channels summed into 1" in line for line in report)
    assert any("pos_embed: 2×2 → 5×6" in line for line in report)
    return out


def test_audio_is_found_in_subfolders_sorted(sounds, capsys):
    names = [path.relative_to(sounds).as_posix() for path in clips_below(str(sounds))]
    assert names == ["a.flac", "b.wav", "deep/c.OGG", "deep/d.wav"]
    assert capsys.readouterr().err == f"{sounds}: left out: 1 file of other kinds (.txt 1)\n"


def test_a_folder_becomes_a_table(sounds, adapted, tmp_path):
    assert embed(sounds, adapted, tmp_path / "vectors.parquet") == 4
    table = pq.read_table(tmp_path / "vectors.parquet")
    assert table["file_name"].to_pylist() == ["a.flac", "b.wav", "deep/c.OGG", "deep/d.wav"]
    assert table["seconds"].to_pylist() == pytest.approx([1.0, 0.3, 0.5, 0.01])
    vectors = np.stack(table["embedding"].to_numpy())
    assert vectors.dtype == np.float32
    assert vectors.shape == (4, 2 * 5 * 192)
    assert np.isfinite(vectors).all()
    assert [path.name for path in tmp_path.iterdir()] == ["vectors.parquet"]


def test_eight_bits_write_nearly_the_same(sounds, adapted, tmp_path):
    for precision in ("float32", "int8"):
        embed(sounds, adapted, tmp_path / f"{precision}.parquet", precision=precision)
    expected, found = (vectors(tmp_path / f"{precision}.parquet") for precision in ("float32", "int8"))
    assert np.abs(found - expected).max() > 0
    assert np.abs(found - expected).mean() < 0.02 * expected.std()


def test_what_is_hidden_stays_out_what_is_linked_comes_in_and_bytes_are_names_too(sounds, adapted, tmp_path):
    clips = tmp_path / "clips"
    (clips / ".ipynb_checkpoints").mkdir(parents=True)
    (clips / "folder.wav").mkdir()
    (clips / "._x.wav").write_bytes(b"\0\5\x16\7")
    copied = (clips / os.fsdecode(b"caf\xe9.wav"), clips / ".ipynb_checkpoints" / "b-checkpoint.wav")
    for path in copied:
        path.write_bytes((sounds / "b.wav").read_bytes())
    (clips / "linked").symlink_to(sounds / "deep")
    assert embed(clips, adapted, tmp_path / "v.parquet") == 3
    names = pq.read_table(tmp_path / "v.parquet")["file_name"].to_pylist()
    assert names == ["caf\\udce9.wav", "linked/c.OGG", "linked/d.wav"]


@pytest.mark.parametrize("wrong", ["it cannot be read", (1e15, RATE)])
def test_where_a_header_does_not_know_frames_tell_the_seconds(sounds, adapted, tmp_path, monkeypatch, wrong):
    monkeypatch.setattr("trainer.encoders.embed.header", lambda path: wrong)
    embed(sounds, adapted, tmp_path / "v.parquet")
    seconds = pq.read_table(tmp_path / "v.parquet")["seconds"].to_pylist()
    assert seconds == pytest.approx([1.0, 0.3, 0.5, 0.01], abs=0.02)


def test_an_exported_sound_encoder_needs_no_other_clips(sounds, adapted, tmp_path):
    embed(sounds, adapted, tmp_path / "all.parquet")
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "b.wav").write_bytes((sounds / "b.wav").read_bytes())
    embed(tmp_path / "one", adapted, tmp_path / "one.parquet")
    alone, among = (pq.read_table(tmp_path / name)["embedding"] for name in ("one.parquet", "all.parquet"))
    np.testing.assert_allclose(alone[0].as_py(), among[1].as_py(), atol=1e-5)


@pytest.mark.parametrize("cache", ["none", "auto"])
def test_an_encoder_of_pictures_is_standardised_by_the_clips(
    sounds, picture_encoder, adapted, tmp_path, cache
):
    """What export did with the same clips, embed does on its own."""
    embed(sounds, picture_encoder, tmp_path / "one.parquet", cache=cache)
    embed(sounds, adapted, tmp_path / "two.parquet", cache=cache)
    np.testing.assert_allclose(
        vectors(tmp_path / "one.parquet"), vectors(tmp_path / "two.parquet"), atol=1e-4
    )


def test_a_folder_in_portions_is_the_whole(sounds, adapted, tmp_path, monkeypatch):
    embed(sounds, adapted, tmp_path / "whole.parquet")
    monkeypatch.setattr("trainer.encoders.embed._PORTION", 40)
    assert embed(sounds, adapted, tmp_path / "portions.parquet") == 4
    whole, portions = (pq.read_table(tmp_path / f"{name}.parquet") for name in ("whole", "portions"))
    assert whole["file_name"] == portions["file_name"]
    np.testing.assert_allclose(
        vectors(tmp_path / "whole.parquet"), vectors(tmp_path / "portions.parquet"), atol=1e-5
    )


def test_a_feature_is_exported_and_found_wherever_the_folder_is_used(
    sounds, picture_encoder, adapted, tmp_path
):
    settings = {"run": str(picture_encoder), "clips": str(sounds), "frames": 96}
    asked = {"layers": "norm, 3", "pooling": "concat+max"}
    report = export(ExportConfig(out=str(tmp_path / "sound"), **settings, **asked))
    assert report[-1] == "feature: layers 3+norm, concat+max: 3840 numbers a clip"
    assert load_encoder(tmp_path / "sound")[0].feature == Feature((3, "norm"), "concat+max")
    embed(sounds, tmp_path / "sound", tmp_path / "stored.parquet")
    embed(sounds, adapted, tmp_path / "asked.parquet", **asked)
    np.testing.assert_array_equal(vectors(tmp_path / "stored.parquet"), vectors(tmp_path / "asked.parquet"))
    with_bands = ExportConfig(run=str(tmp_path / "sound"), out=str(tmp_path / "bands"), layers="3,logmel")
    assert export(with_bands)[-1] == "feature: layers 3+logmel, concat+max: 2080 numbers a clip"


def test_folders_that_name_no_feature_give_what_they_gave(sounds, adapted, tmp_path):
    """As they were exported before: the average over time alone."""
    old = Path(shutil.copytree(adapted, tmp_path / "old"))
    config = json.loads((old / "config.json").read_text())
    del config["feature"]
    (old / "config.json").write_text(json.dumps(config))
    embed(sounds, old, tmp_path / "old.parquet")
    embed(sounds, adapted, tmp_path / "new.parquet")
    found, today = vectors(tmp_path / "old.parquet"), vectors(tmp_path / "new.parquet")
    np.testing.assert_array_equal(found, today[:, : 5 * 192])
    assert found.shape == (4, 5 * 192)
    assert load(old).dim == load(old).step_dim == 5 * 192
    report = export(ExportConfig(run=str(old), out=str(tmp_path / "again")))  # and still do in another folder
    assert report[-1] == "feature: norm, concat: 960 numbers a clip"
    assert load_encoder(tmp_path / "again")[0].feature == TIME_AVERAGE


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"layers": "13"}, "picture: has no layer 13; give 1 … 12, norm or logmel"),
        ({"layers": "x"}, "layers = x: 'x' is none of the numbers from 1 on, norm and logmel"),
        (
            {"layers": "each"},
            "layers = each: a clip becomes one vector here; trainer transfer compares several",
        ),
        ({"pooling": "all"}, "pooling = all: a clip becomes one vector here"),
        ({"pooling": "mean,concat"}, "pooling = mean,concat: give one"),
    ],
)
def test_a_feature_that_an_encoder_has_not_is_refused_before_a_clip_is_read(
    sounds, picture_encoder, tmp_path, monkeypatch, asked, said
):
    monkeypatch.setattr("trainer.encoders.for_clips.load_clips", pytest.fail)
    with pytest.raises(PatternGenError, match=said):
        embed(sounds, picture_encoder, tmp_path / "v.parquet", **asked)
    with pytest.raises(PatternGenError, match=said):
        export(ExportConfig(run=str(picture_encoder), out=str(tmp_path / "e"), clips=str(sounds), **asked))
    assert not list(tmp_path.iterdir())


def test_an_encoder_of_pictures_has_no_feature(picture_encoder, tmp_path):
    for asked in ({"layers": "3"}, {"pooling": "mean"}):
        with pytest.raises(PatternGenError, match=r"encoder of pictures.*: add --clips"):
            export(ExportConfig(run=str(picture_encoder), out=str(tmp_path / "e"), **asked))
    assert not list(tmp_path.iterdir())


def test_audio_mae_hears_128_bands(sounds, picture_encoder, tmp_path):
    embed(sounds, picture_encoder, tmp_path / "v.parquet", sound="kaldi", frames=1024)
    assert vectors(tmp_path / "v.parquet").shape == (4, 2 * 8 * 192)
    config = ExportConfig(
        run=str(picture_encoder), out=str(tmp_path / "sound"), clips=str(sounds), sound="kaldi", stride="16x8"
    )
    assert "pos_embed: 2×2 → 8×127, sin-cos table computed afresh" in export(config)
    embed(sounds, tmp_path / "sound", tmp_path / "w.parquet", frames=None)  # as it was exported
    assert load_encoder(tmp_path / "sound")[0].logmel.n_mels == 128


def test_bad_clips_are_named_or_left_out(sounds, adapted, tmp_path, capsys):
    (tmp_path / "clips").mkdir()
    (tmp_path / "clips" / "b.wav").write_bytes((sounds / "b.wav").read_bytes())
    (tmp_path / "clips" / "a.wav").write_bytes(b"no sound")
    with pytest.raises(PatternGenError, match=r"a\.wav: cannot be read as audio .* or leave .* --skip-bad"):
        embed(tmp_path / "clips", adapted, tmp_path / "v.parquet")
    assert embed(tmp_path / "clips", adapted, tmp_path / "v.parquet", skip_bad=True) == 1
    assert "1 of 2 clips left out (--skip-bad): " in capsys.readouterr().err
    (tmp_path / "clips" / "b.wav").unlink()
    with pytest.raises(PatternGenError, match="none of 1 clips can be read"):
        embed(tmp_path / "clips", adapted, tmp_path / "v.parquet", skip_bad=True)


def test_a_clip_of_absurd_samples_is_left_out_alone(sounds, picture_encoder, adapted, tmp_path, capsys):
    clips = tmp_path / "clips"
    clips.mkdir()
    (clips / "a.flac").write_bytes((sounds / "a.flac").read_bytes())
    soundfile.write(clips / "b.wav", np.array([0.1, 3e38] * 999), RATE, subtype="FLOAT")
    settings = {
        "run": str(picture_encoder),
        "out": str(tmp_path / "sound"),
        "clips": str(clips),
        "frames": 96,
    }
    with pytest.raises(PatternGenError, match=r"b\.wav: holds a sample of 3e\+38"):
        export(ExportConfig(**settings))
    assert not (tmp_path / "sound").exists()
    assert embed(clips, adapted, tmp_path / "v.parquet", skip_bad=True) == 1
    assert "1 of 2 clips left out (--skip-bad): " in capsys.readouterr().err
    export(ExportConfig(skip_bad=True, **settings))
    known, _ = load_encoder(tmp_path / "sound")
    assert np.isfinite([known.mean, known.std]).all()


def test_a_picture_encoder_is_exported_as_it_is(picture_encoder, tmp_path):
    assert export(ExportConfig(run=str(picture_encoder), out=str(tmp_path / "copy"))) == (
        "150 tensors: as they were: blocks (144), cls_token (1), norm (2), patch_embed (2), pos_embed (1)",
    )
    (config, state), (same, copied) = load_encoder(picture_encoder), load_encoder(tmp_path / "copy")
    assert config == same
    assert all(torch.equal(tensor, copied[name]) for name, tensor in state.items())


@pytest.mark.parametrize("out", ["vectors.csv", "nowhere/vectors.parquet"])
def test_a_table_that_cannot_be_written_is_refused_at_once(picture_encoder, tmp_path, out):
    with pytest.raises(PatternGenError, match=out.replace(".", r"\.")):
        embed(tmp_path / "unread", picture_encoder, tmp_path / out)


def test_folders_without_clips_are_named(picture_encoder, tmp_path):
    with pytest.raises(PatternGenError, match="nowhere: no such folder"):
        embed(tmp_path / "nowhere", picture_encoder, tmp_path / "v.parquet")
    (tmp_path / "empty").mkdir()
    with pytest.raises(PatternGenError, match=r"empty: no audio file in it; convert"):
        embed(tmp_path / "empty", picture_encoder, tmp_path / "v.parquet")
