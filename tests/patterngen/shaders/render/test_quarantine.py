"""The list of programs that are not drawn with."""

import json
import logging
import threading
from pathlib import Path

import pytest

from patterngen.errors import PatternGenError
from patterngen.shaders.render.quarantine import Quarantine, mentions
from tests.patterngen.shaders.examples import program


@pytest.fixture
def programs(tmp_path: Path) -> dict[str, Path]:
    return {name: program(tmp_path, f"return vec3(0.{k});", name=name) for k, name in enumerate("abc")}


def test_it_keeps_what_it_is_told(programs: dict[str, Path], tmp_path: Path) -> None:
    path = tmp_path / "quarantine.jsonl"
    listed = Quarantine(path)
    assert listed.reasons(programs) == {}
    assert not path.exists()
    listed.add("b", programs["b"], "takes more than 3 s", "llvmpipe")
    for reader in (listed, Quarantine(path)):
        assert reader.reasons(programs) == {"b": "takes more than 3 s"}
        assert reader.reasons({"a": programs["a"]}) == {}
    (entry,) = map(json.loads, path.read_text().splitlines())
    assert entry.keys() == {"program", "sha256", "reason", "renderer"}


def test_what_another_process_adds_is_seen(programs: dict[str, Path], tmp_path: Path) -> None:
    one, other = (Quarantine(tmp_path / "quarantine.jsonl") for _ in range(2))
    one.add("a", programs["a"], "slow", "llvmpipe")
    assert other.reasons(programs) == {"a": "slow"}
    other.add("b", programs["b"], "wrong", "llvmpipe")
    assert one.reasons(programs) == {"a": "slow", "b": "wrong"}
    (tmp_path / "quarantine.jsonl").unlink()
    assert one.reasons(programs) == {}


def test_a_program_that_was_edited_is_tried_again(programs: dict[str, Path], tmp_path: Path) -> None:
    listed = Quarantine(tmp_path / "quarantine.jsonl")
    listed.add("a", programs["a"], "slow", "llvmpipe")
    program(tmp_path, "return vec3(0.9);", name="a")
    assert listed.reasons(programs) == {}
    programs["a"].unlink()
    listed.add("a", programs["a"], "no such file", "llvmpipe")
    assert listed.reasons(programs) == {"a": "no such file"}


def test_without_a_file_it_lasts_as_long_as_the_process(programs: dict[str, Path]) -> None:
    listed = Quarantine()
    listed.add("c", programs["c"], "slow", "llvmpipe")
    assert listed.reasons(programs) == {"c": "slow"}
    assert Quarantine().reasons(programs) == {}


def test_workers_at_once_list_a_program_once_and_say_it_once(
    programs: dict[str, Path], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "quarantine.jsonl"

    def add() -> None:
        Quarantine(path).add("a", programs["a"], "slow", "llvmpipe")

    threads = [threading.Thread(target=add) for _ in range(8)]
    with caplog.at_level(logging.WARNING, "patterngen"):
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(path.read_text().splitlines()) == 1
    assert [record.getMessage() for record in caplog.records] == ["shader program a is left out: slow"]


@pytest.mark.parametrize("line", ["no json", "[]", '{"program": "a"}', "7"])
def test_a_damaged_line_is_named(programs: dict[str, Path], tmp_path: Path, line: str) -> None:
    path = tmp_path / "quarantine.jsonl"
    path.write_text(f"\n{line}\n")
    with pytest.raises(PatternGenError, match=rf"^{path}:2: .*delete the line"):
        Quarantine(path).reasons(programs)


def test_pictures_name_their_program() -> None:
    params = ['{"program": "julia", "t": 1.0}', '{"program": "julia-set", "t": 1.0}']
    assert mentions(params, ["julia"])
    assert mentions(params, ["none", "julia-set"])
    assert not mentions(params, ["set"])
    assert not mentions(params, [])
