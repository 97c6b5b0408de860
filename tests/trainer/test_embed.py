import numpy as np
import pyarrow.parquet as pq
import pytest
import soundfile
import torch

from patterngen import PatternGenError
from trainer.checkpoint import load_encoder
from trainer.embed import EmbedConfig, ExportConfig, audio_files, embed_folder, export

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
    config = EmbedConfig(clips=str(sounds), run=str(run), out=str(out), frames=96, precision="float32")
    return embed_folder(config)


@pytest.fixture(scope="module")
def sound_encoder(picture_encoder, sounds, tmp_path_factory):
    """The picture encoder, exported as one that hears."""
    out = tmp_path_factory.mktemp("encoders") / "sound"
    account = export(ExportConfig(run=str(picture_encoder), out=str(out), clips=str(sounds), frames=96))
    assert any("3 channels summed into 1" in line for line in account)
    assert any("pos_embed: 2×2 → 5×6" in line for line in account)
    return out


def test_audio_is_found_in_subfolders_sorted(sounds):
    names = [path.relative_to(sounds).as_posix() for path in audio_files(str(sounds))]
    assert names == ["a.flac", "b.wav", "deep/c.OGG", "deep/d.wav"]


def test_a_folder_becomes_a_table(sounds, sound_encoder, tmp_path):
    assert embed(sounds, sound_encoder, tmp_path / "vectors.parquet") == 4
    table = pq.read_table(tmp_path / "vectors.parquet")
    assert table["file_name"].to_pylist() == ["a.flac", "b.wav", "deep/c.OGG", "deep/d.wav"]
    assert table["seconds"].to_pylist() == pytest.approx([1.0, 0.3, 0.5, 0.01], abs=0.02)
    vectors = np.stack(table["embedding"].to_numpy())
    assert vectors.dtype == np.float32
    assert vectors.shape == (4, 5 * 192)
    assert np.isfinite(vectors).all()
    assert [path.name for path in tmp_path.iterdir()] == ["vectors.parquet"]


def test_an_exported_sound_encoder_needs_no_other_clips(sounds, sound_encoder, tmp_path):
    embed(sounds, sound_encoder, tmp_path / "all.parquet")
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "b.wav").write_bytes((sounds / "b.wav").read_bytes())
    embed(tmp_path / "one", sound_encoder, tmp_path / "one.parquet")
    alone, among = (pq.read_table(tmp_path / name)["embedding"] for name in ("one.parquet", "all.parquet"))
    np.testing.assert_allclose(alone[0].as_py(), among[1].as_py(), atol=1e-5)


def test_a_picture_encoder_is_exported_as_it_is(picture_encoder, tmp_path):
    assert export(ExportConfig(run=str(picture_encoder), out=str(tmp_path / "copy"))) == (
        f"{len(load_encoder(picture_encoder)[1])} tensors: as they were",
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
    with pytest.raises(PatternGenError, match=r"empty: no audio file in it \(\.wav"):
        embed(tmp_path / "empty", picture_encoder, tmp_path / "v.parquet")
