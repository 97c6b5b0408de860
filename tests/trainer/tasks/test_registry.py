import pytest

from patterngen import PatternGenError
from trainer import tasks
from trainer.errors import TrainerError


def test_every_task_names_its_licence_and_source():
    assert {"csv", "drums", "esc50", "fsdd", "tones"} <= set(tasks.names())
    for name, layout in tasks.layouts().items():
        assert layout.name == name
        assert layout.licence
        assert layout.source
        assert layout.__doc__.splitlines()[0].endswith(".")


def test_the_closest_name_is_offered(tmp_path):
    with pytest.raises(PatternGenError, match="unknown task 'esc5': did you mean esc50"):
        tasks.load("esc5", tmp_path)


def test_the_closest_setting_is_offered(tmp_path):
    with pytest.raises(PatternGenError, match="setting of task csv 'clip_second': did you mean clip_seconds"):
        tasks.load("csv", tmp_path, clip_second=1)


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
