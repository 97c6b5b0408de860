import pytest

from patterngen import PatternGenError
from trainer import tasks
from trainer.errors import TrainerError


def test_every_task_names_its_licence_and_source():
    evaluations = ["as20k", "cremad", "esc50", "gtzan", "nsynth", "spcv2", "surge", "us8k", "vc1", "voxforge"]
    assert {*evaluations, "csv", "drums", "folder", "fsd50k", "fsdd", "spcv1", "tones"} <= set(tasks.names())
    for name, layout in tasks.layouts().items():
        assert layout.name == name
        assert layout.licence
        assert layout.source
        assert layout.__doc__.splitlines()[0].endswith(".")
        assert layout.published.parts


def test_the_closest_name_is_offered(tmp_path):
    with pytest.raises(PatternGenError, match="unknown task 'esc5': did you mean esc50"):
        tasks.load("esc5", tmp_path)


def test_the_closest_setting_is_offered(tmp_path):
    with pytest.raises(PatternGenError, match="setting of task csv 'clip_second': did you mean clip_seconds"):
        tasks.load("csv", tmp_path, clip_second=1)


@pytest.mark.parametrize(
    ("task", "says"),
    [
        ("csv:clip_seconds=long", "task csv: clip_seconds must be float or nothing, got 'long'"),
        ("folder:folds=2.5", "task folder: folds must be int, got '2.5'"),
        ("csv:label", "'label' must be SETTING=VALUE"),
        ("csv:", "'' must be SETTING=VALUE"),
        ("csv:label=a:label=b", "'label=b' must be SETTING=VALUE, each setting once"),
        ("csv:labels=a", "setting of task csv 'labels': did you mean label"),
        ("gtzan:split=x", "setting of task gtzan 'split'"),
    ],
)
def test_settings_that_cannot_be_read(tmp_path, task, says):
    with pytest.raises(PatternGenError, match=says):
        tasks.load(task, tmp_path)


def test_settings_may_be_part_of_the_name_and_tell_scores_apart(tmp_path, sound):
    for name in "abcd":
        sound(tmp_path / f"{name}.wav")
    (tmp_path / "metadata.csv").write_text("file_name,x,fold\na.wav,1,1\nb.wav,2,1\nc.wav,1,2\nd.wav,2,2\n")
    task = tasks.load("csv:label=x:clip_seconds=1.5", tmp_path)
    assert (task.name, task.classes, task.clip_seconds) == ("csv:label=x:clip_seconds=1.5", ("1", "2"), 1.5)


@pytest.mark.parametrize("name", tasks.names())
def test_a_missing_folder_is_named(tmp_path, name):
    with pytest.raises(TrainerError, match=r"nowhere: no such folder"):
        tasks.load(name, tmp_path / "nowhere")


@pytest.mark.parametrize("name", tasks.names())
def test_an_empty_folder_says_what_was_expected(tmp_path, name):
    with pytest.raises(TrainerError, match=r"expected .*metadata\.csv.*found an empty folder"):
        tasks.load(name, tmp_path)


@pytest.mark.parametrize("name", tasks.names())
def test_a_folder_of_something_else_says_what_was_found(tmp_path, name):
    (tmp_path / "holiday.txt").write_text("")
    (tmp_path / "photos").mkdir()
    with pytest.raises(TrainerError, match=r"found holiday\.txt, photos/"):
        tasks.load(name, tmp_path)


def test_two_tasks_of_one_name_are_refused():
    with pytest.raises(PatternGenError, match="task 'fsdd' is registered twice"):
        tasks.register(type("Other", (), {"name": "fsdd"}))
