"""The tars, as X-ARES's documents describe them; its own pipeline reads them in test_evaluators.py."""

import io
import sys
import tarfile
import types

import numpy as np
import pytest
import soundfile
import webdataset

from trainer.errors import TrainerError
from trainer.tasks import load
from trainer.tasks.evaluators.export import TaskExportConfig, export_task
from trainer.tasks.evaluators.xares_tars import READY, TASK_FILE


def export(task, root, out):
    return export_task(TaskExportConfig(name=task, root=str(root), evaluator="xares", out=str(out)))


def samples(folder, pattern):
    """Read the tars of a split as X-ARES does: by webdataset, in no order."""
    urls = [str(path) for path in sorted(folder.glob(pattern))]
    assert urls
    return list(webdataset.WebDataset(urls, shardshuffle=False).decode())


def settings(folder, monkeypatch):
    """Return what the task's file tells X-ARES."""
    monkeypatch.setitem(sys.modules, "xares", types.ModuleType("xares"))
    stub = types.ModuleType("xares.task")
    stub.TaskConfig = lambda **told: told
    monkeypatch.setitem(sys.modules, "xares.task", stub)
    path = folder / TASK_FILE
    scope = {"__file__": str(path)}
    exec(compile(path.read_text(), path, "exec"), scope)
    (made,) = (scope[name] for name in scope if name.endswith("_config"))
    return made("an encoder")


def test_a_tar_holds_the_clips_of_a_fold_with_their_labels(tones, tmp_path, monkeypatch):
    exported = export("csv", tones, tmp_path / "tones")
    assert (exported.clips, exported.pieces) == (48, 0)
    told = settings(tmp_path / "tones", monkeypatch)
    assert (told["env_root"], told["name"]) == (tmp_path, "tones")
    assert told["encoder"] == "an encoder"
    assert (told["k_fold_splits"], told["output_dim"], told["eval_weight"]) == ([1, 2], 3, 24)
    assert (tmp_path / "tones" / READY).read_bytes() == b""
    task = load("csv", tones)
    for fold in told["k_fold_splits"]:
        found = samples(tmp_path / "tones", f"wds-audio-fold-{fold}-*.tar")  # X-ARES's pattern
        expected = [i for i, clip in enumerate(task.clips) if clip.fold == fold]
        assert [sample["__key__"] for sample in found] == [f"c{i:06}" for i in expected]
        for i, sample in zip(expected, found, strict=True):
            assert told["label_processor"](sample["json"]) == task.targets[i]
            assert sample["wav"] == task.clips[i].path.read_bytes()


def test_splits_labels_and_pieces(tmp_path, sound, monkeypatch):
    table = ["file_name,label,split"]
    parts = ("train", "train", "test", "valid")
    for i, name in enumerate(("a.wav", "b.FLAC", "c.au", "d.wav")):
        sound(tmp_path / name, seconds=0.1 if i < 3 else 2.0)
        table.append(f"{name},{('x;y', 'z')[i % 2]},{parts[i]}")
    (tmp_path / "metadata.csv").write_text("\n".join(table))
    assert export("csv:clip_seconds=1.5", tmp_path, tmp_path / "mine").pieces == 2
    told = settings(tmp_path / "mine", monkeypatch)
    assert "k_fold_splits" not in told
    assert (told["valid_split"], told["output_dim"], told["eval_weight"]) == ("valid", 3, 1)
    assert (told["criterion"], told["metric"], told["do_knn"]) == ("BCEWithLogitsLoss", "mAP", False)
    first, second = samples(tmp_path / "mine", "train*.tar")
    assert (first["json"], second["json"]) == ({"label": [1, 1, 0]}, {"label": [0, 0, 1]})
    assert (first["wav"], second["flac"]) == (
        (tmp_path / "a.wav").read_bytes(),
        (tmp_path / "b.FLAC").read_bytes(),
    )
    (long,) = samples(tmp_path / "mine", "valid*.tar")
    cut, rate = soundfile.read(io.BytesIO(long["wav"]), dtype="float32")
    whole = soundfile.read(tmp_path / "d.wav", dtype="float32")[0]
    np.testing.assert_array_equal(cut, whole[: 3 * rate // 2])


def test_without_validation_clips_no_test_clip_stands_in(tmp_path, sound, monkeypatch):
    table = ["file_name,label,split"]
    for i, part in enumerate(("train", "train", "test", "test")):
        sound(tmp_path / f"{i}.wav")
        table.append(f"{i}.wav,{'xy'[i % 2]},{part}")
    (tmp_path / "metadata.csv").write_text("\n".join(table))
    export("csv", tmp_path, tmp_path / "mine")
    assert settings(tmp_path / "mine", monkeypatch)["valid_split"] == "train"


def test_tars_are_cut_and_equal_tasks_have_equal_tars(tones, tmp_path, monkeypatch):
    monkeypatch.setattr("trainer.tasks.evaluators.xares_tars.CLIPS_PER_TAR", 10)
    for name in ("one", "two"):
        export("csv", tones, tmp_path / name)
    names = sorted(path.name for path in (tmp_path / "one").glob("*.tar"))
    assert names == [f"wds-audio-fold-{fold}-{shard:06}.tar" for fold in (1, 2) for shard in range(3)]
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
        with tarfile.open(tmp_path / "one" / name) as tar:
            assert len(tar.getnames()) == (20 if not name.endswith("2.tar") else 8)


def test_a_name_that_python_cannot_import_is_refused(tones, tmp_path):
    with pytest.raises(TrainerError, match="X-ARES imports it"):
        export("csv", tones, tmp_path / "my-tones")
