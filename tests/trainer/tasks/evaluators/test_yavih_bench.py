"""yavih itself evaluates: its reader, its checks, its probe."""

import os
from dataclasses import replace

import numpy as np
import pytest
import soundfile
from yavih import Benchmark
from yavih.extract import bridge_check, run_extract
from yavih.io.reader import FeatureReader
from yavih.io.validate import validate_features
from yavih.probes.config import ProbeConfig as TheirProbe
from yavih.readouts import probe

import trainer
from tests.band_encoders import CHANCE, LEARNT
from trainer.errors import TrainerError
from trainer.sound.audio import read_clip
from trainer.tasks import load
from trainer.tasks.evaluators.export import TaskExportConfig, export_task
from trainer.transfer.probe import transfer_probe
from trainer.transfer.probe_config import ProbeConfig

pytestmark = pytest.mark.numerical


@pytest.fixture(autouse=True)
def _own_home(tmp_path, monkeypatch):
    """Nothing of the user's is read or written; yavih's probe may be the small one of its own tests."""
    for name in [name for name in os.environ if name.startswith("YAVIH_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("YAVIH_TESTING", "1")
    monkeypatch.setenv("YAVIH_CONFIG", str(tmp_path / "none.toml"))
    for name in ("YAVIH_HOME", "YAVIH_RUNS", "YAVIH_RESULTS", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))


def export(task, root, out):
    return export_task(TaskExportConfig(name=task, root=str(root), evaluator="yavih", out=str(out)))


def bridge(folder, encoder):
    """Write the file that docs/encoders.md shows."""
    file = folder / f"{encoder.name}_bridge.py"
    file.write_text(
        "from trainer.encoders.yavih import YavihFeatures\n\n\n"
        f"class ItsBridge(YavihFeatures):\n    path = {str(encoder)!r}\n"
    )
    return file


def assert_embedded_as_everywhere(features, encoder, task):
    """Compare what the bridge wrote of fold 1 with what the encoder gives, to the bit."""
    clips = [read_clip(clip.path, 16_000) for clip in task.clips if clip.fold == 1]
    expected = trainer.load(encoder, precision="float32").embed(clips, 16_000)
    np.testing.assert_array_equal(FeatureReader(features).rows(range(len(clips)))[:, 0], expected)


def our_score(tones, encoder):
    config = ProbeConfig(
        task="csv", root=str(tones), run=(f"it={encoder}",), protocol=("linear",), seeds=1, frames=32
    )
    (score,) = (row.score for row in transfer_probe(config) if row.encoder == "it")
    return score


def test_its_scores_rank_encoders_as_ours_do(tones, band_encoders, tmp_path):
    bench = tmp_path / "tones"
    exported = export("csv", tones, bench)
    assert (exported.clips, exported.pieces) == (48, 0)
    results = {}
    for name in ("low", "high"):
        out = tmp_path / "runs" / "tones" / name / "a"
        written = bridge(tmp_path, band_encoders / name)
        profile = bridge_check(bridge=str(written), bench=str(bench), n=8)
        assert (profile["model"], profile["N"], profile["D"]) == (name, 1, 2 * 192)
        assert profile["invariance"]["rerun_bit_identical"]
        for fold in "12":
            done = run_extract(bench=str(bench), bridge=str(written), split=fold, shard=(0, 1), out=out)
            assert done["status"] == "ok"
            checked = validate_features(out / "features" / fold, bench=Benchmark.load(str(bench)))
            assert checked.ok, checked.errors
        assert_embedded_as_everywhere(out / "features" / "1", band_encoders / name, load("csv", tones))
        small = TheirProbe.pinned("clf", Benchmark.load(str(bench))).fast()
        small = replace(small, max_epochs=10)
        (found,) = probe(out, seeds=(0,), cfg=small, write_results=False, bench=str(bench))
        results[name] = found.result["metrics"]
        assert found.result["floors"]["acc_floor"] == pytest.approx(1 / 3)
    assert results["low"]["n_folds"] == 2
    ours = {name: our_score(tones, band_encoders / name) for name in results}
    theirs = {name: found["acc_mean"] for name, found in results.items()}
    for scores in (ours, theirs):
        assert scores["high"] < CHANCE < LEARNT < scores["low"], (ours, theirs)


def test_names_of_any_kind_groups_and_classes_are_kept(tmp_path, sound):
    table = ["file_name,label,split,group"]
    names = ("a b;c.wav", "ünder.flac", "deep/3.wav", "4.ogg", "five.wav")
    for i, name in enumerate(names):
        sound(tmp_path / "clips" / name)
        table.append(
            f'"{name}","{("ä;1", "b,2")[i % 2]}",{("train", "train", "test", "test", "valid")[i]},g{i}'
        )
    (tmp_path / "clips" / "metadata.csv").write_text("\n".join(table))
    export("csv", tmp_path / "clips", tmp_path / "mine")
    bench = Benchmark.load(str(tmp_path / "mine"))
    assert [entry["name"] for entry in bench.classes()] == ["1", "b,2", "ä"]
    task = load("csv", tmp_path / "clips")
    for part in ("train", "test"):
        found = bench.manifest(part)
        chosen = [i for i, clip in enumerate(task.clips) if clip.split == part]
        assert [np.flatnonzero(task.targets[i]).tolist() for i in chosen] == list(
            map(sorted, found.label_ids)
        )
        assert [(extra["name"], extra["group"]) for extra in found.extra] == [
            (task.clips[i].path.name, task.clips[i].group) for i in chosen
        ]
    assert bench.spec.splits.unused == ("valid",)


def test_long_clips_are_cut_and_rare_formats_turned_into_wav(tmp_path, sound):
    table = ["file_name,label,fold"]
    for i, (name, seconds) in enumerate((("a.wav", 0.1), ("b.wav", 2.0), ("c.au", 0.1), ("d.wav", 0.1))):
        sound(tmp_path / name, seconds=seconds)
        table.append(f"{name},{'xy'[i % 2]},{i // 2 + 1}")
    (tmp_path / "metadata.csv").write_text("\n".join(table))
    out = tmp_path / "mine"
    assert export("csv:clip_seconds=1.5", tmp_path, out).pieces == 2
    assert (out / "clips/000000.wav").resolve() == tmp_path / "a.wav"
    whole, rate = soundfile.read(tmp_path / "b.wav", dtype="float32")
    np.testing.assert_array_equal(
        soundfile.read(out / "clips/000001.wav", dtype="float32")[0], whole[: 3 * rate // 2]
    )
    assert soundfile.info(out / "clips/000002.wav").duration == pytest.approx(0.1)


def test_what_it_does_not_take_is_said(tones, tmp_path, sound):
    with pytest.raises(TrainerError, match="yavih takes names of a-z, 0-9 and _ alone"):
        export("csv", tones, tmp_path / "My-Tones")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    with pytest.raises(TrainerError, match="there is something in it; name a new folder"):
        export("csv", tones, tmp_path / "full")


def test_a_bridge_names_an_encoder(tones, tmp_path):
    from trainer.encoders.yavih import YavihFeatures

    export("csv", tones, tmp_path / "tones")
    with pytest.raises(TrainerError, match='YavihFeatures names no encoder: give it path = "FOLDER"'):
        YavihFeatures(Benchmark.load(str(tmp_path / "tones")).view())
