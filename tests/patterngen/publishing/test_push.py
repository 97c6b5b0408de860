"""What is sent to the Hugging Face Hub, and in which order; the Hub itself is played."""

import hashlib
import sys
from pathlib import Path
from types import SimpleNamespace

import huggingface_hub
import pytest
from huggingface_hub.errors import HfHubHTTPError
from huggingface_hub.hf_api import RepoFile

from patterngen.dataset.folder import DatasetFolder
from patterngen.errors import MissingDependencyError, PatternGenError, RunFailedError
from patterngen.publishing import push as push_module
from patterngen.publishing.publish import PublishConfig, publish_folder
from patterngen.publishing.push import commits
from tests.drawn import draw

ADDRESS = "hf://datasets/someone/patterns"


class Hub:
    """A repository that keeps what is committed: whole commits, in order."""

    def __init__(self):
        self.history, self.files, self.made, self.lost_after = [], {}, [], None

    def create_repo(self, repo_id, *, repo_type, private, exist_ok):
        assert (repo_type, exist_ok) == ("dataset", True)
        self.made.append((repo_id, private))

    def list_repo_tree(self, repo_id, *, repo_type):
        for path, data in self.files.items():
            if "/" not in path:
                tar = {"size": len(data), "oid": hashlib.sha256(data).hexdigest(), "pointerSize": 130}
                yield RepoFile(path=path, size=len(data), oid="0", lfs=tar if path.endswith(".tar") else None)

    def create_commit(self, repo_id, operations, *, commit_message, repo_type):
        if self.lost_after == len(self.history):
            raise OSError("the line is cut")
        added = {one.path_in_repo: Path(one.path_or_fileobj).read_bytes() for one in operations}
        self.history.append(list(added))
        self.files |= added


@pytest.fixture
def hub(monkeypatch):
    played = Hub()
    monkeypatch.setattr(huggingface_hub, "HfApi", lambda: played)
    monkeypatch.setattr(huggingface_hub, "get_token", lambda: "hf_something")
    monkeypatch.setattr(push_module, "SHARDS_PER_COMMIT", 2)
    return played


def ours(folder):
    """Every file of a dataset that patterngen wrote."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_everything_arrives_and_the_indexes_last(hub, folder):
    expected = ours(folder)
    for name in ("notes.txt", "train-000000-copy.tar", "programs/draft.glsl", "programs/lib/._hash.glsl"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("mine")
    report = publish_folder(PublishConfig(dir=str(folder), push=ADDRESS, private=True))
    assert hub.made == [("someone/patterns", True)]
    assert hub.files == {name: (folder / name).read_bytes() for name in expected}
    assert hub.history[-1] == ["README.md", "croissant.json", "_info.json", "shards.json"]
    assert report.sent == len(expected)


def test_a_shard_s_files_appear_together_its_marker_named_last(hub, folder):
    publish_folder(PublishConfig(dir=str(folder), push=ADDRESS))
    for shard in DatasetFolder.open(str(folder)).shards:
        names = [shard.name + ending for ending in (".tar", ".parquet", "_stats.json")]
        (together,) = [files for files in hub.history if names[0] in files]
        place = together.index(names[0])
        assert together[place : place + 3] == names


def test_a_cut_line_is_told_of_and_the_rest_is_sent_next_time(hub, folder):
    hub.lost_after = 1
    with pytest.raises(RunFailedError, match=f"the line is cut.* `patterngen publish .* --push {ADDRESS}`"):
        publish_folder(PublishConfig(dir=str(folder), push=ADDRESS))
    assert "shards.json" not in hub.files
    hub.lost_after, first = None, hub.history.pop()
    publish_folder(PublishConfig(dir=str(folder), push=ADDRESS))
    sent = [name for files in hub.history for name in files]
    assert not set(first) & set(sent)
    assert hub.files.keys() == ours(folder)


def test_an_extended_dataset_sends_only_what_is_new(hub, tmp_path):
    def extend(count):
        draw(tmp_path, count=count, size=16, samples_per_shard=4)
        hub.history.clear()
        publish_folder(PublishConfig(dir=str(tmp_path), push=ADDRESS))
        return {name for files in hub.history for name in files if name.endswith(".tar")}

    assert extend(6) == {"train-000000.tar", "train-000001.tar"}
    assert extend(12) == {"train-000001.tar", "train-000002.tar"}  # the first of them was half full
    assert extend(12) == set()


def test_another_dataset_s_repository_is_left_alone(hub, folder):
    hub.files["train-000007.tar"] = b"somebody else's"
    with pytest.raises(PatternGenError, match=r"1 shards there are not in .*train-000007.tar"):
        publish_folder(PublishConfig(dir=str(folder), push=ADDRESS))
    assert not hub.history


def test_a_dry_run_writes_and_sends_nothing(hub, folder):
    (folder / "README.md").unlink()
    said = str(publish_folder(PublishConfig(dir=str(folder), push=ADDRESS, dry_run=True)))
    assert "would write README.md" in said
    assert "train-000000 … train-000001: 6 files" in said
    assert not hub.made
    assert not (folder / "README.md").exists()


def test_the_hub_s_refusal_is_one_line(hub, folder, monkeypatch):
    def refuse(*_, **__):
        response = SimpleNamespace(status_code=403, headers={}, request=None)
        raise HfHubHTTPError("403 Forbidden\nmore of it", response=response)

    monkeypatch.setattr(hub, "create_repo", refuse)
    with pytest.raises(RunFailedError, match="403 Forbidden; what was committed stays") as caught:
        publish_folder(PublishConfig(dir=str(folder), push=ADDRESS))
    assert "\n" not in str(caught.value)


def test_without_a_token_or_the_package_the_remedy_is_named(folder, monkeypatch):
    monkeypatch.setattr(huggingface_hub, "get_token", lambda: None)
    with pytest.raises(PatternGenError, match="no token; run `hf auth login`"):
        publish_folder(PublishConfig(dir=str(folder), push=ADDRESS))
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(MissingDependencyError, match=r"pip install 'patterngen\[hf\]'"):
        publish_folder(PublishConfig(dir=str(folder), push=ADDRESS))


@pytest.mark.parametrize(
    "address",
    ["hf://someone/patterns", "s3://bucket/x", "hf://datasets/patterns", "hf://datasets/a/b/c", "patterns"],
)
def test_an_address_that_is_none_is_refused(address):
    with pytest.raises(PatternGenError, match="give hf://datasets/USER/NAME"):
        PublishConfig(dir="x", push=address)


def test_more_files_than_the_hub_takes_are_refused(sound_folder, monkeypatch):
    monkeypatch.setattr(push_module, "MOST_FILES", 12)
    with pytest.raises(PatternGenError, match=r"3 shards of 3 files.*larger --samples-per-shard"):
        commits(DatasetFolder.open(str(sound_folder)))
