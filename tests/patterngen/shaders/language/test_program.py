"""Finding programs and putting in what they include."""

import hashlib
import re
from pathlib import Path

import pytest

from patterngen.errors import PatternGenError
from patterngen.shaders.language.program import Program, find_program, programs, read_program


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


def test_names_are_sorted_and_the_closest_are_offered() -> None:
    assert list(programs()) == sorted(programs())
    with pytest.raises(PatternGenError, match="did you mean kaleidoscope"):
        find_program("kaleidoscop")


def test_each_file_is_included_once_even_in_a_circle(tmp_path: Path) -> None:
    write(tmp_path / "a.glsl", '#include "b.glsl"\nfloat a;')
    write(tmp_path / "b.glsl", '#include "a.glsl"\nfloat b;')
    main = write(tmp_path / "main.glsl", '#include "a.glsl"\n  #include "b.glsl"\nfloat c;')
    assert read_program(main).source == "float b;\nfloat a;\nfloat c;"


def test_a_file_beside_the_program_comes_before_the_library(tmp_path: Path) -> None:
    write(tmp_path / "lib" / "hash.glsl", "float mine;")
    main = write(tmp_path / "main.glsl", '#include "lib/hash.glsl"\n#include "lib/plane.glsl"')
    lines = read_program(main).source.split("\n")
    assert lines[0] == "float mine;"
    assert any("rotation" in line for line in lines)


def test_origins_name_file_and_line(tmp_path: Path) -> None:
    part = write(tmp_path / "part.glsl", "float one;\nfloat two;")
    main = write(tmp_path / "main.glsl", 'float zero;\n#include "part.glsl"\nfloat three;')
    program = read_program(main)
    assert [program.origin(line) for line in (1, 2, 3, 4)] == [(main, 1), (part, 1), (part, 2), (main, 3)]
    assert program.included == {part}


def test_a_missing_include_names_the_line_and_the_library(tmp_path: Path) -> None:
    main = write(tmp_path / "main.glsl", '\n#include "lib/nois.glsl"\n')
    told = read_program(main).unreadable
    assert re.search(r'main\.glsl:2: #include "lib/nois\.glsl".*lib/noise\.glsl', told)


def test_a_program_that_cannot_be_read_has_no_text_and_says_why(tmp_path: Path) -> None:
    none = read_program(tmp_path / "none.glsl")
    assert (none.name, none.source, none.digest) == ("none", "", hashlib.sha256(b"").hexdigest())
    assert re.search(r"none\.glsl: cannot be read", none.unreadable)
    assert "\n" not in none.unreadable


def test_a_text_is_the_program_of_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = '#include "lib/noise.glsl"\nfloat x;\n'
    generated, read = Program.of_text("it", text), read_program(write(tmp_path / "it.glsl", text))
    assert (generated.name, generated.source, generated.digest) == (read.name, read.source, read.digest)
    write(tmp_path / "lib" / "noise.glsl", "float mine;")
    monkeypatch.chdir(tmp_path)
    assert Program.of_text("it", text) == generated, "it includes nothing of the current folder"
