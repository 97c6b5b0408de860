import json

import pytest

from trainer import tasks
from trainer.errors import TrainerError

INSTRUMENTS = {
    "train": ("bass_synthetic_033", "guitar_acoustic_010", "synth_lead_synthetic_001"),
    "valid": ("bass_electronic_018", "guitar_acoustic_030"),
    "test": ("bass_electronic_025", "guitar_acoustic_014"),
}


@pytest.fixture
def published(tmp_path, sound):
    for split, instruments in INSTRUMENTS.items():
        notes = {}
        for instrument in instruments:
            for pitch in (36, 60):
                name = f"{instrument}-{pitch:03d}-075"
                sound(tmp_path / f"nsynth-{split}" / "audio" / f"{name}.wav", rate=16_000)
                family, source, _ = instrument.rsplit("_", 2)
                notes[name] = {
                    "note_str": name,
                    "instrument_str": instrument,
                    "instrument_family_str": family,
                    "instrument_source_str": source,
                    "pitch": pitch,
                    "qualities_str": [],
                }
        encoding = {"train": "utf-8", "valid": "utf-8-sig", "test": "utf-16"}[split]
        (tmp_path / f"nsynth-{split}" / "examples.json").write_text(json.dumps(notes), encoding)
    return tmp_path


def test_published_layout(published, apart):
    task = tasks.load("nsynth", published)
    assert task.classes == ("bass", "guitar", "synth_lead")
    (fold,) = task.folds()
    assert (len(fold.train), len(fold.valid), len(fold.test)) == (6, 4, 4)
    assert {task.clips[i].path.parts[-3] for i in fold.test} == {"nsynth-test"}
    apart(task, lambda path: path.name.split("-")[0])


def test_pitch_may_be_asked_for(published):
    assert tasks.load("nsynth:label=pitch", published).classes == ("36", "60")


def test_an_entry_that_notes_do_not_have(published):
    with pytest.raises(TrainerError, match=r"nsynth-train/examples\.json: a note has no entry 'colour'"):
        tasks.load("nsynth", published, label="colour")


@pytest.mark.parametrize("text", ["", "[]", '{"a": 3}', "\udcff"])
def test_a_table_that_cannot_be_read(published, text):
    (published / "nsynth-valid" / "examples.json").write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(TrainerError, match=r"nsynth-valid/examples\.json: cannot be read"):
        tasks.load("nsynth", published)


def test_a_part_that_is_not_unpacked(published):
    (published / "nsynth-valid" / "examples.json").unlink()
    with pytest.raises(TrainerError, match=r"expected nsynth-train/.*found nsynth-test/, nsynth-train/"):
        tasks.load("nsynth", published)
