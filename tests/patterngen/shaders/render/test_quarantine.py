"""The list of programs that are not drawn with."""

import json
import logging
import threading
from pathlib import Path

import pytest

from patterngen.errors import PatternGenError
from patterngen.jobs.spec import DatasetSpec
from patterngen.shaders.language.excluded import FailedProgram, excluded_among
from patterngen.shaders.language.program import Program, read_program
from patterngen.shaders.render.quarantine import Quarantine, mentions
from tests.patterngen.shaders.examples import program


@pytest.fixture
def programs(tmp_path: Path) -> dict[str, Program]:
    return {name: program(tmp_path, f"return vec3(0.{k});", name=name) for k, name in enumerate("abc")}


def failed(programs: dict[str, Program], name: str, reason: str = "slow") -> FailedProgram:
    return FailedProgram.of(programs[name], reason, "llvmpipe")


def test_it_keeps_what_it_is_told(programs: dict[str, Program], tmp_path: Path) -> None:
    path = tmp_path / "quarantine.jsonl"
    listed = Quarantine(path)
    assert listed.excluded == ()
    assert not path.exists()
    listed.add([failed(programs, "b", "takes more than 3 s")])
    for reader in (listed, Quarantine(path)):
        assert excluded_among(programs.values(), reader.excluded) == {"b"}
        assert excluded_among([programs["a"]], reader.excluded) == set()
    (entry,) = map(json.loads, path.read_text().splitlines())
    assert entry == {
        "program": "b",
        "sha256": programs["b"].digest,
        "reason": "takes more than 3 s",
        "renderer": "llvmpipe",
    }


def test_what_another_process_adds_is_seen(programs: dict[str, Program], tmp_path: Path) -> None:
    one, other = (Quarantine(tmp_path / "quarantine.jsonl") for _ in range(2))
    one.add([failed(programs, "a")])
    assert excluded_among(programs.values(), other.excluded) == {"a"}
    other.add([failed(programs, "b")])
    assert excluded_among(programs.values(), one.excluded) == {"a", "b"}
    (tmp_path / "quarantine.jsonl").unlink()
    assert one.excluded == ()


def test_a_program_that_was_edited_is_tried_again(programs: dict[str, Program], tmp_path: Path) -> None:
    listed = Quarantine(tmp_path / "quarantine.jsonl")
    listed.add([failed(programs, "a")])
    programs["a"] = program(tmp_path, "return vec3(0.9);", name="a")
    assert excluded_among(programs.values(), listed.excluded) == set()
    programs["a"].file.unlink()
    programs["a"] = read_program(programs["a"].file)
    listed.add([failed(programs, "a", "no such file")])
    assert excluded_among(programs.values(), listed.excluded) == {"a"}


@pytest.mark.parametrize(
    "text", ["julia", "julia@", f"@{'0' * 64}", f"julia@{'0' * 63}", f"julia@{'G' * 64}"]
)
def test_what_excludes_no_program_is_refused(text: str) -> None:
    with pytest.raises(PatternGenError, match=r"give NAME@SHA256, as a dataset's quarantine\.jsonl has"):
        DatasetSpec(family=("shaders",), count=1, excluded=(text,))


def test_workers_at_once_list_a_program_once_and_say_it_once(
    programs: dict[str, Program], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "quarantine.jsonl"

    def add() -> None:
        Quarantine(path).add([failed(programs, "a")])

    threads = [threading.Thread(target=add) for _ in range(8)]
    with caplog.at_level(logging.WARNING, "patterngen"):
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(path.read_text().splitlines()) == 1
    assert [record.getMessage() for record in caplog.records] == ["shader program a is left out: slow"]


@pytest.mark.parametrize("line", ["no json", "[]", '{"program": "a"}', "7"])
def test_a_damaged_line_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "quarantine.jsonl"
    path.write_text(f"\n{line}\n")
    with pytest.raises(PatternGenError, match=rf"^{path}:2: .*delete the line"):
        _ = Quarantine(path).excluded


def test_pictures_name_their_program() -> None:
    params = ['{"program": "julia", "t": 1.0}', '{"program": "julia-set", "t": 1.0}']
    assert mentions(params, ["julia"])
    assert mentions(params, ["none", "julia-set"])
    assert not mentions(params, ["set"])
    assert not mentions(params, [])
