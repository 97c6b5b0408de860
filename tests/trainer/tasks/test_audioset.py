import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from trainer import tasks
from trainer.errors import TrainerError
from trainer.transfer.scores import score

HEADER = (
    "# Segments csv created Sun Mar  5 10:54:31 2017\n"
    "# num_ytids=4, num_segs=4, num_unique_labels=3, num_positive_labels=6\n"
    "# YTID, start_seconds, end_seconds, positive_labels\n"
)
SEGMENTS = {
    "balanced_train_segments": {
        "--4gqARaEJE": "/m/068hy,/m/07q6cd_,/m/0bt9lr",
        "--BfvyPmVMo": "/m/03l9g",
        "YvyPmVMo--B": "/m/068hy",  # an id that begins with Y
        "_A30xsFBMXA": "/m/03l9g,/m/0bt9lr",
        "gone-------": "/m/0bt9lr",
    },
    "eval_segments": {"-0RWZT-miFs": "/m/068hy,/m/03l9g", "-0Gj8-vB1q4": "/m/07q6cd_"},
}
FILES = ("--4gqARaEJE.wav", "Y--BfvyPmVMo.flac", "YvyPmVMo--B.mp3", "00/_A30xsFBMXA_30.000.ogg")


@pytest.fixture
def published(tmp_path, sound):
    """One clip has disappeared, and the others are named as downloaders name them."""
    for subset, segments in SEGMENTS.items():
        rows = [f'{video}, 30.000, 40.000, "{labels}"\n' for video, labels in segments.items()]
        (tmp_path / f"{subset}.csv").write_text(HEADER + "".join(rows))
    for file in FILES:
        sound(tmp_path / "balanced_train_segments" / file, rate=16_000)
    for video in SEGMENTS["eval_segments"]:
        sound(tmp_path / "eval_segments" / f"{video}.wav")
    return tmp_path


def test_lists_with_a_byte_order_mark_are_those_without(published):
    clips = tasks.load("as20k", published).clips
    for subset, encoding in zip(SEGMENTS, ("utf-8-sig", "utf-16"), strict=True):
        (published / f"{subset}.csv").write_text((published / f"{subset}.csv").read_text(), encoding)
    assert tasks.load("as20k", published).clips == clips


def test_a_video_that_is_listed_twice_is_refused(published):
    with (published / "eval_segments.csv").open("a") as file:
        file.write('-0RWZT-miFs, 30.000, 40.000, "/m/03l9g"\n')
    with pytest.raises(TrainerError, match=r"eval_segments\.csv: lists -0RWZT-miFs twice; keep one"):
        tasks.load("as20k", published)


def test_published_layout(published, apart):
    task = tasks.load("as20k", published)
    assert task.multi_label
    assert task.classes == ("/m/03l9g", "/m/068hy", "/m/07q6cd_", "/m/0bt9lr")
    (fold,) = task.folds()
    assert (len(fold.train), fold.valid, len(fold.test)) == (4, None, 2)
    by_file = {clip.path.name: clip.labels for clip in task.clips}
    assert by_file["Y--BfvyPmVMo.flac"] == ("/m/03l9g",)
    assert by_file["YvyPmVMo--B.mp3"] == ("/m/068hy",)
    assert by_file["_A30xsFBMXA_30.000.ogg"] == ("/m/03l9g", "/m/0bt9lr")
    assert task.targets[fold.test].sum() == 3
    assert task.notes == ("1 of 5 clips of balanced_train_segments are not there",)
    apart(task, lambda path: path.stem)


def test_labels_by_name_keep_their_commas(published):
    (published / "class_labels_indices.csv").write_text(
        'index,mid,display_name\n0,/m/068hy,"Domestic animals, pets"\n1,/m/03l9g,Hammer\n'
    )
    task = tasks.load("as20k", published)
    assert task.classes == ("/m/07q6cd_", "/m/0bt9lr", "Domestic animals, pets", "Hammer")


def test_its_score_is_scikit_learns(published):
    task = tasks.load("as20k", published)
    targets = task.targets
    outputs = np.random.default_rng(0).normal(size=targets.shape)
    each = [average_precision_score(targets[:, i], outputs[:, i]) for i in range(targets.shape[1])]
    assert task.metric == "mAP"
    assert score(outputs, targets) == pytest.approx(np.mean(each))
    assert score(targets.astype(float), targets) == 1


def test_evars_table_has_commas_between_labels(tmp_path, sound):
    for name in "abc":
        sound(tmp_path / f"{name}.wav")
    (tmp_path / "metadata.csv").write_text(
        'file_name,label,split\na.wav,"/m/1,/m/2",train\nb.wav,/m/2,test\nc.wav,/m/1,test\n'
    )
    assert tasks.load("as20k", tmp_path).targets.tolist() == [[1, 1], [0, 1], [1, 0]]


@pytest.mark.parametrize("row", ["--4gqARaEJE, 1.0, 2.0", 'short, 1.0, 2.0, "/m/1"'])
def test_a_list_of_something_else(published, row):
    (published / "eval_segments.csv").write_text(HEADER + row + "\n")
    with pytest.raises(TrainerError, match=r"eval_segments\.csv: .* must be YTID, start_seconds"):
        tasks.load("as20k", published)


def test_lists_without_any_clip(published):
    for path in published.glob("*/**/*.*"):
        path.unlink()
    with pytest.raises(TrainerError, match="as20k: no clips"):
        tasks.load("as20k", published)
