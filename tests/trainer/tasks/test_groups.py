import csv

import pytest

from trainer import tasks
from trainer.errors import TrainerError
from trainer.tasks.check import TaskCheckConfig, check_task

# How each dataset names its files, as published, and what two of them share.
PUBLISHED = {
    "fsdd": ("audio/{label}_{group}_{i}.wav", "speakers"),
    "esc50": ("audio/{fold}-{group}-{take}-14.wav", "source recordings"),
    "us8k": ("fold{fold}/{group}-3-0-{i}.wav", "source recordings"),
    "cremad": ("audio/{group}_IEO_ANG_{i}.wav", "actors"),
    "vc1": ("wav/id{label}/{group}/{i:05d}.wav", "videos"),
    "voxforge": ("{group}-20080504-qvg/wav/a{i}.wav", "uploaders"),
    "nsynth": ("{group}-0{i}-075.wav", "instruments"),
    "spcv2": ("word{label}/{group}_nohash_{i}.wav", "speakers"),
    "surge": ("audio/{group}/{i}.ogg", "tones"),
}
NAMES = {
    "esc50": ("100032", "17"),
    "us8k": ("102305", "7"),
    "cremad": ("1001", "1091"),
    "vc1": ("1zcIwhmdeo4", "-ab_c"),
    "nsynth": ("synth_lead_synthetic_001", "bass_acoustic_000"),
}


def table(folder, sound, rows):
    """Write a folder with metadata.csv: a dict for each clip."""
    for row in rows:
        sound(folder / row["file_name"])
    with (folder / "metadata.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return folder


@pytest.mark.parametrize("task", PUBLISHED)
def test_a_table_of_published_file_names_tells_what_clips_share(tmp_path, sound, task):
    pattern, what = PUBLISHED[task]
    names = NAMES.get(task, ("ann", "bob-x" if task == "spcv2" else "bob"))
    rows = [
        {
            "file_name": pattern.format(
                label=i % 2, group=names[i // 4], fold=1 + i // 4, i=i, take="ABCD"[i % 4]
            ),
            "label": "xy"[i % 2],
            "fold": 1 + i // 4,
        }
        for i in range(8)
    ]
    found = tasks.load(task, table(tmp_path, sound, rows))
    groups = {clip.path: clip.group.rpartition("/")[2] for clip in found.clips}
    assert groups == {tmp_path / row["file_name"]: names[i // 4] for i, row in enumerate(rows)}
    count = 4 if task == "vc1" else 2  # a video of each speaker
    assert f"groups: {count} {what} by the names of the files" in found.notes


def rows(**columns):
    """Eight clips of two classes in two folds; further columns as text of eight values."""
    return [
        {"file_name": f"{i}.wav", "label": "xy"[i % 2], "fold": 1 + i // 4}
        | {k: v[i] for k, v in columns.items()}
        for i in range(8)
    ]


@pytest.mark.parametrize(
    ("columns", "task", "groups", "note"),
    [
        ({"speaker": "aabbccdd"}, "csv", "aabbccdd", "groups: 4 speakers by the column 'speaker'"),
        ({"speaker": "aabbccdd", "group": "ppppqqqq"}, "csv", "ppppqqqq", "2 groups by the column"),
        ({"program": "aabbccdd"}, "csv", "aabbccdd", "groups: 4 instruments by the column 'program'"),
        ({"take": "aabbccdd"}, "csv:group=take", "aabbccdd", "groups: 4 groups by the column 'take'"),
        ({"take": "aabbccdd"}, "csv", None, "groups: none known;"),
        ({"speaker": "xyxyxyxy"}, "csv", None, "(the labels say all that the column 'speaker' would)"),
        ({"speaker": "xyxyxyxy", "recording": "aabbccdd"}, "csv", "aabbccdd", "4 recordings by the"),
        ({"speaker": "        ", "patient": "aabb    "}, "csv", "aabb    ", "2 patients by the"),
        ({"speaker": "aaaaaaaa"}, "csv", None, "the labels say all"),
        ({"who": "xyxyxyxy"}, "csv:group=who", "xyxyxyxy", "every class lies in one of them"),
        ({"speaker": "aabbccdd"}, "csv:label=speaker", None, "none known"),
    ],
)  # fmt: skip
def test_a_table_of_ones_own_says_which_column_it_took(tmp_path, sound, columns, task, groups, note):
    if task == "csv:label=speaker":  # whose folds must hold each label
        made = [row | {"fold": 1 + i % 2} for i, row in enumerate(rows(**columns))]
    else:
        made = rows(**columns)
    found = tasks.load(task, table(tmp_path, sound, made))
    assert [clip.group for clip in found.clips] == [name.strip() or None for name in groups or " " * 8]
    (told,) = [text for text in found.notes if text.startswith("groups:")]
    assert note in told


def test_a_check_counts_groups(tmp_path, sound):
    root = table(tmp_path, sound, rows(patient="aabbc   "))
    found = check_task(TaskCheckConfig(name="csv", root=str(root)))
    assert (found.groups, found.grouped) == (3, 5)
    assert "3 groups of clips that share a speaker, a recording or the like; 3 clips are in none" in str(
        found
    )
    assert "note: groups: 3 patients by the column 'patient'" in str(found)


def test_a_folder_of_classes_tells_groups_by_the_folders_below(tmp_path, sound):
    for name in ("x/1.wav", "x/2.wav", "y/1.wav", "y/2.wav"):
        sound(tmp_path / "flat" / name)
        sound(tmp_path / "deep" / name.replace("/", "/take/" if "1" in name else "/other/"))
    assert any("groups: none known" in note for note in tasks.load("folder:folds=2", tmp_path / "flat").notes)
    deep = tasks.load("folder:folds=2:below=groups", tmp_path / "deep")
    assert "groups: 4 folders below those of classes" in deep.notes


def test_real_tables_tell(real):
    digits = tasks.load("fsdd", real("fsdd"))
    assert digits.notes == ("groups: 6 speakers by the column 'speaker'",)
    assert all(clip.group in clip.path.name for clip in digits.clips)
    sounds = tasks.load("esc50", real("esc50"))
    assert all(clip.group == clip.path.name.split("-")[1] for clip in sounds.clips)
    assert "by the column 'src'" in sounds.notes[0]
    for task in ("csv", "csv:label=pitch_class"):
        notes = tasks.load(task, real("notes"))
        assert notes.notes == ("groups: 84 instruments by the column 'program'",)


def test_uploaders_of_freesound(tmp_path, sound):
    truth = tmp_path / "FSD50K.ground_truth"
    truth.mkdir()
    (truth / "dev.csv").write_text('fname,labels,mids,split\n1,"a,b",m,train\n2,a,m,val\n')
    (truth / "eval.csv").write_text('fname,labels,mids\n3,"a,b",m\n')
    for part, names in (("dev", "12"), ("eval", "3")):
        for name in names:
            sound(tmp_path / f"FSD50K.{part}_audio" / f"{name}.wav")
    assert any("groups: none known" in note for note in tasks.load("fsd50k", tmp_path).notes)
    (tmp_path / "FSD50K.metadata").mkdir()
    told = tmp_path / "FSD50K.metadata" / "dev_clips_info_FSD50K.json"
    told.write_text('{"1": {"uploader": "ann", "tags": []}, "2": {"uploader": "bob"}}')
    assert [clip.group for clip in tasks.load("fsd50k", tmp_path).clips] == ["ann", "bob", None]
    told.write_text("[1]")
    with pytest.raises(TrainerError, match="cannot be read as FSD50K's metadata"):
        tasks.load("fsd50k", tmp_path)
