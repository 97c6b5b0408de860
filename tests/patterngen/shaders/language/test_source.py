"""Finding programs and putting in what they include."""

from pathlib import Path

import pytest

from patterngen.errors import PatternGenError
from patterngen.shaders.language.source import find_program, load, programs


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
    assert load(main).lines == ("float b;", "float a;", "float c;")


def test_a_file_beside_the_program_comes_before_the_library(tmp_path: Path) -> None:
    write(tmp_path / "lib" / "hash.glsl", "float mine;")
    main = write(tmp_path / "main.glsl", '#include "lib/hash.glsl"\n#include "lib/plane.glsl"')
    lines = load(main).lines
    assert lines[0] == "float mine;"
    assert any("rotation" in line for line in lines)


def test_origins_name_file_and_line(tmp_path: Path) -> None:
    part = write(tmp_path / "part.glsl", "float one;\nfloat two;")
    main = write(tmp_path / "main.glsl", 'float zero;\n#include "part.glsl"\nfloat three;')
    assert load(main).origins == ((main, 1), (part, 1), (part, 2), (main, 3))


def test_a_missing_include_names_the_line_and_the_library(tmp_path: Path) -> None:
    main = write(tmp_path / "main.glsl", '\n#include "lib/nois.glsl"\n')
    with pytest.raises(PatternGenError, match=r'main\.glsl:2: #include "lib/nois\.glsl".*lib/noise\.glsl'):
        load(main)


def test_a_missing_program_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(PatternGenError, match=r"none\.glsl: cannot be read"):
        load(tmp_path / "none.glsl")
