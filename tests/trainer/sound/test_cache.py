import os

import pytest
import torch

from trainer.errors import TrainerError
from trainer.sound.cache import VARIABLE, Cache, open_cache
from trainer.tasks.found import find_sound

KEY = "ab" + 62 * "0"


@pytest.fixture
def cache(tmp_path):
    return Cache(tmp_path / "cache")


def test_what_is_kept_comes_back(cache):
    tensors = {"a": torch.randn(3, 4).T, "b": torch.arange(3)}
    assert cache.load(KEY) is None
    cache.save(KEY, tensors)
    found = cache.load(KEY)
    assert found.keys() == tensors.keys()
    assert all(torch.equal(found[name], tensors[name]) for name in tensors)
    assert [path.suffix for path in cache.folder.rglob("*.*")] == [".safetensors"]  # nothing unfinished


@pytest.mark.parametrize("at", [0, 8, 40, -1])
def test_one_wrong_byte_makes_an_entry_absent(cache, at):
    cache.save(KEY, {"a": torch.randn(5)})
    content = bytearray(cache.path(KEY).read_bytes())
    content[at] ^= 1
    cache.path(KEY).write_bytes(content)
    assert cache.load(KEY) is None
    cache.save(KEY, {"a": torch.ones(5)})
    assert torch.equal(cache.load(KEY)["a"], torch.ones(5))


@pytest.mark.parametrize("content", [b"", b"abc", b"\0" * 100])
def test_what_is_no_entry_is_absent(cache, content):
    cache.path(KEY).parent.mkdir(parents=True)
    cache.path(KEY).write_bytes(content)
    assert cache.load(KEY) is None


def test_a_place_that_cannot_be_written_is_said_once(tmp_path, capsys):
    (tmp_path / "file").write_text("in the way")
    cache = Cache(tmp_path / "file")
    for _ in range(3):
        cache.save(KEY, {"a": torch.ones(1)})
        assert cache.load(KEY) is None
    assert capsys.readouterr().err.count("nothing more is kept") == 1


def test_where_it_lies(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv(VARIABLE)
    assert open_cache("auto").folder == tmp_path / "patterngen" / "sound"
    monkeypatch.setenv(VARIABLE, str(tmp_path / "mine"))
    assert open_cache("auto").folder == tmp_path / "mine" / "sound"
    assert open_cache(str(tmp_path / "given")).folder == tmp_path / "given"
    off = open_cache("none")
    off.save(KEY, {"a": torch.ones(1)})
    assert off.load(KEY) is None


def test_without_a_home_nothing_is_kept_and_all_goes_on(monkeypatch):
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.delenv(VARIABLE)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)  # what it does where there is none
    cache = open_cache("auto")
    cache.save(KEY, {"a": torch.ones(1)})
    assert cache.load(KEY) is None
    with pytest.raises(TrainerError, match="XDG_CACHE_HOME"):
        find_sound()
