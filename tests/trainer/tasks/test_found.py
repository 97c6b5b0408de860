from pathlib import Path

import pytest

from trainer import tasks
from trainer.errors import TrainerError
from trainer.tasks import drums
from trainer.tasks.found import find_sound, guess_task


def write(path: Path, text: str = "") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.mark.parametrize(
    ("file", "task"),
    [
        ("meta/esc50.csv", "esc50"),
        ("recordings/0_jackson_0.wav", "fsdd"),
        ("kit/drumkit.xml", "drums"),
        ("usr/share/hydrogen/data/drumkits/kit/drumkit.xml", "drums"),
        ("metadata/UrbanSound8K.csv", "us8k"),
        ("testing_list.txt", "spcv1"),
        ("visual/0a7c2a8d_nohash_0.wav", "spcv2"),
        ("nsynth-train/examples.json", "nsynth"),
        ("AudioWAV/1001_DFA_ANG_XX.wav", "cremad"),
        ("metadata.csv", "csv"),
    ],
)
def test_a_folder_is_known_by_its_files(tmp_path, file, task):
    write(tmp_path / file)
    found = find_sound(str(tmp_path))
    assert (found.task, found.root, found.notice) == (task, tmp_path, None)
    assert task in tasks.names()


def test_the_published_layout_goes_before_a_table_beside_it(tmp_path):
    write(tmp_path / "metadata.csv")
    write(tmp_path / "meta/esc50.csv")
    assert guess_task(tmp_path) == "esc50"


@pytest.mark.parametrize("name", ["fsdd", "esc50", "notes"])
def test_real_recordings_are_known(real, name):
    found = find_sound(str(real(name)))
    assert len(tasks.load(found.task, found.root).classes) >= 10


def test_a_home_folder_may_be_written_short(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    write(tmp_path / "clips/metadata.csv")
    assert find_sound("~/clips").root == tmp_path / "clips"


def test_a_folder_that_is_named_wrongly(tmp_path):
    with pytest.raises(TrainerError, match="nowhere: no such folder"):
        find_sound(str(tmp_path / "nowhere"))
    for hidden in ("__MACOSX/drumkit.xml", ".Trash-1000/drumkit.xml", "visual/._0a7c2a8d_nohash_0.wav"):
        write(tmp_path / hidden)
    with pytest.raises(TrainerError, match=r"no known layout: expected one of meta/esc50\.csv \(esc50\)"):
        find_sound(str(tmp_path))


@pytest.mark.parametrize("audio", [None, ""])
def test_without_a_folder_the_drum_kits_are_fetched(tmp_path, monkeypatch, audio):
    monkeypatch.setattr(drums, "fetch", lambda cache: cache / "kits")
    found = find_sound(audio, cache=tmp_path)
    assert (found.task, found.root) == ("drums", tmp_path / "kits")
    assert "drum kits" in found.notice


def test_without_a_network_tones_stand_in_and_say_why(tmp_path, monkeypatch):
    def fetch(cache):
        raise TrainerError("hydrogen-drumkits: no network")

    monkeypatch.setattr(drums, "fetch", fetch)
    found = find_sound(cache=tmp_path)
    assert found.task == "tones"
    assert found.notice.startswith("hydrogen-drumkits: no network. Tones")
    assert len(tasks.load(found.task, found.root).clips) > 100
