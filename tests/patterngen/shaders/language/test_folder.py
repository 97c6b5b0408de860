"""A user's own folder of programs: found, drawn, judged, and what is wrong with it told in a line."""

import json
import os
import shutil
import unicodedata
from pathlib import Path

import numpy as np
import pytest

from patterngen.cli import main
from patterngen.errors import PatternGenError
from patterngen.families import family
from patterngen.jobs.mixture import mixture
from patterngen.jobs.rendering import render
from patterngen.jobs.run_options import RunOptions
from patterngen.jobs.spec import DatasetSpec
from patterngen.shaders.language import translate as translate_module
from patterngen.shaders.language.folder import digest, find_programs, look_for_programs, read_keep_list
from patterngen.shaders.language.program import read_program
from patterngen.shaders.render.options import Options, drawing
from tests.patterngen.shaders.examples import ENDLESS, program

PROGRAMS = Path(__file__).parents[1] / "programs"
gl = pytest.mark.usefixtures("opengl")


@pytest.fixture
def opengl() -> None:
    pytest.importorskip("moderngl")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "mine"
    (folder / "waves").mkdir(parents=True)
    for name, to in (("geek.glsl", "geek.glsl"), ("classic.frag", "waves/classic.frag")):
        shutil.copy(PROGRAMS / name, folder / to)
    (folder / "part.glsl").write_text("float third(float x) { return x / 3.0; }\n")
    (folder / "b.FS").write_text(
        '#include "part.glsl"\nvec3 pattern(vec2 p, float t, vec4 r) { return third(1.0) + p.xyx; }'
    )
    (folder / "notes.txt").write_text("not a program")
    return folder


def test_programs_are_found_in_all_folders_and_named_by_their_paths(folder: Path) -> None:
    assert list(find_programs(str(folder))) == ["b.FS", "geek.glsl", "waves/classic.frag"]
    drawer = family(f"shaders?dir={folder}")
    assert drawer.num_classes == 3


def test_only_what_the_user_put_there_is_a_program(folder: Path, tmp_path: Path) -> None:
    before = digest(find_programs(str(folder)).values())
    for name in (".ipynb_checkpoints/geek-checkpoint.glsl", "__MACOSX/geek.glsl", "waves/._classic.frag"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("not a program")
    (folder / "waves.glsl").mkdir()
    found, left_out = look_for_programs(str(folder))
    assert list(found) == ["b.FS", "geek.glsl", "waves/classic.frag"]
    assert digest(found.values()) == before
    assert left_out.hidden == {".ipynb_checkpoints": 1, "__MACOSX": 1, "._*": 1}
    assert left_out.endings == {".txt": 1}
    shutil.copytree(folder / "waves", tmp_path / "elsewhere")
    (folder / "linked").symlink_to(tmp_path / "elsewhere")
    assert "linked/classic.frag" in find_programs(str(folder))


@pytest.mark.parametrize("listed", ["NFC", "NFD"])
@pytest.mark.parametrize("there", ["NFC", "NFD"])
def test_names_of_programs_may_be_in_either_form_and_of_bytes(
    folder: Path, tmp_path: Path, there: str, listed: str
) -> None:
    accented, written = (unicodedata.normalize(form, "é") for form in (there, listed))
    (folder / "geek.glsl").rename(folder / f"{accented}.glsl")
    (folder / "part.glsl").rename(folder / f"part{accented}.glsl")
    text = (folder / "b.FS").read_text().replace("part", f"part{written}")
    (folder / "b.FS").unlink()
    (folder / os.fsdecode(b"b\xe9.fs")).write_text(text)
    assert find_programs(str(folder)).keys() == {"b\\udce9.fs", "waves/classic.frag", f"{accented}.glsl"}
    (tmp_path / "kept.txt").write_text(f"{written}.glsl\nb\\udce9.fs\n")
    drawer = family(f"shaders?dir={folder}&keep={tmp_path / 'kept.txt'}")
    assert set(drawer._chosen) == {"b\\udce9.fs", f"{accented}.glsl"}
    assert family(f"shaders?dir={folder}&program={written}.glsl")._chosen == (f"{accented}.glsl",)


@pytest.mark.parametrize("where", ["nowhere", "empty"])
def test_a_folder_without_programs(tmp_path: Path, where: str, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty").mkdir()
    told = "no such folder" if where == "nowhere" else "no program in it; their names end in"
    with pytest.raises(PatternGenError, match=told):
        find_programs(str(tmp_path / where))
    out = str(tmp_path / "sheet.png")
    assert main(["preview", "shaders", "--shader-dir", str(tmp_path / where), "--out", out]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@gl
def test_a_folder_is_drawn_with_a_class_for_each_program(folder: Path) -> None:
    pictures = family(f"shaders?dir={folder}").draw(range(24), 32)
    names = [params["program"] for params in pictures.params]
    assert set(names) == {"b.FS", "geek.glsl", "waves/classic.frag"}
    assert [sorted(set(names)).index(str(name)) for name in names] == pictures.class_id.tolist()


def test_the_texts_decide_a_jobs_identity_and_the_place_does_not(folder: Path, tmp_path: Path) -> None:
    def job_hash(where: Path) -> str:
        mixture.cache_clear()  # as `plan` does
        return DatasetSpec(family=("shaders",), count=1, shader_dir=str(where)).job_hash

    moved = Path(shutil.copytree(folder, tmp_path / "moved"))
    assert job_hash(moved) == job_hash(folder)
    (moved / "part.glsl").write_text("float third(float x) { return x / 3.1; }\n")
    assert job_hash(moved) != job_hash(folder)
    shutil.copytree(folder, moved, dirs_exist_ok=True)
    (moved / "geek.glsl").rename(moved / "geek2.glsl")
    assert digest(find_programs(str(moved)).values()) != digest(find_programs(str(folder)).values())
    inside = [
        DatasetSpec(family=(f"mixup:perlin,(shaders?dir={where})",), count=1) for where in (folder, moved)
    ]
    assert inside[0].job_hash != inside[1].job_hash


@gl
def test_a_run_draws_with_the_programs_as_they_are_when_it_begins(folder: Path, tmp_path: Path) -> None:
    spec = DatasetSpec(family=("shaders",), count=4, size=8, shader_dir=str(folder))
    render(spec, RunOptions(out=str(tmp_path / "out")))
    (folder / "geek.glsl").write_text("void main(){gl_FragColor=vec4(1);}")
    with pytest.raises(PatternGenError, match="holds another job's pictures"):
        render(spec, RunOptions(out=str(tmp_path / "out")))


@gl
def test_what_cannot_be_drawn_is_left_out_and_listed(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program(folder, ENDLESS, name="endless")
    (folder / "binary.glsl").write_bytes(b"\0\1\2")
    out = tmp_path / "out"
    command = ["render", "shaders", "--shader-dir", str(folder), "--out", str(out)]
    assert main([*command, "--count", "30", "--size", "128", "--shader-budget", "0.1"]) == 0
    assert f"{folder}: left out: 1 file of other kinds (.txt 1)\n" in capsys.readouterr().err
    listed = [json.loads(line) for line in (out / "quarantine.jsonl").read_text().splitlines()]
    assert {entry["program"] for entry in listed} == {"endless.glsl", "binary.glsl"}
    kept = {path.read_text() for path in (out / "programs").iterdir()}
    assert kept == {
        read_program(folder / name).source + "\n" for name in ("b.FS", "geek.glsl", "waves/classic.frag")
    }
    assert main(["verify", str(out)]) == 0


HOSTILE = {
    "deep": "o=vec4(1);" + "a?b:" * 5000 + "c;",
    "circle": "#include <mine>\n#define A A A\n#if A\n#endif\nvoid main(){gl_FragColor=A;}",
    "swelling": "".join(f"#define A{n} A{n + 1} A{n + 1}\n" for n in range(40))
    + "#if A0\n#endif\nvoid main(){}",
    "unclosed": "void mainImage(out vec4 o,vec2 u){" + "((((" * 100 + "/* #if",
    "unopened": "}}}})))#endif\n#else\n;;uniform;in;out;varying,;layout(location=;void main()",
    "typeless": "uniform ;uniform x;in y;out;void main(){gl_FragColor=vec4(1);}",
    "include": '#include "' + "x" * 5000 + '"\nvoid main(){gl_FragColor=vec4(1);}',
    "itself": "#define mainImage mainImage\nvoid mainImage(out vec4 o){}",
}
"""Programs that make a reader of text fail, wait or overlap its edits; none can be drawn."""


def test_includes_are_found_in_the_folder_and_nowhere_else(tmp_path: Path) -> None:
    (tmp_path / "mine" / "deep" / "er").mkdir(parents=True)
    (tmp_path / "mine" / "parts" / "more").mkdir(parents=True)
    (tmp_path / "mine" / "parts" / "one.glsl").write_text('#include "more/two.glsl" // so\nfloat one;')
    (tmp_path / "mine" / "parts" / "more" / "two.glsl").write_text('#include "../three.glsl"\nfloat two;')
    (tmp_path / "mine" / "parts" / "three.glsl").write_text("float three;")
    (tmp_path / "secret.glsl").write_text("float secret;")
    inside = '#include "parts/one.glsl"\n#include "lib/hash.glsl"\nvoid main(){gl_FragColor=vec4(one+three);}'
    for name, text in {
        "inside": inside,
        "above": '#include "../../../secret.glsl"',
        "absolute": f'#include "{tmp_path / "secret.glsl"}"',
    }.items():
        (tmp_path / "mine" / "deep" / "er" / f"{name}.frag").write_text(text)
    found = find_programs(str(tmp_path / "mine"))
    assert found.keys() == {f"deep/er/{name}.frag" for name in ("above", "absolute", "inside")}
    assert found["deep/er/inside.frag"].source.startswith("float three;\nfloat two;\nfloat one;\n")
    for name in ("above", "absolute"):
        assert "is not beside the program" in found[f"deep/er/{name}.frag"].unreadable
    assert "secret;" in read_program(tmp_path / "mine" / "deep" / "er" / "above.frag").source


@gl
def test_no_program_ends_a_run(tmp_path: Path) -> None:
    for name, text in HOSTILE.items():
        (tmp_path / f"{name}.frag").write_text(text)
    program(tmp_path, "return vec3(0.5, p);", name="sound")
    with drawing(Options(budget=0.1)):
        pictures = family(f"shaders?dir={tmp_path}").draw(range(200, 240), 8)
    assert {params["program"] for params in pictures.params} == {"sound.glsl"}
    assert {failed.program for failed in pictures.failed} == {f"{name}.frag" for name in HOSTILE}
    for failed in pictures.failed:
        assert failed.reason.startswith(f"{tmp_path / failed.program}:")
        assert "\n" not in failed.reason


@gl
def test_a_renderer_that_draws_with_nothing_is_at_fault_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(9):
        program(tmp_path, f"return vec3({n}.0);", name=f"sound{n}")
    monkeypatch.setattr(translate_module, "FRAGMENT_HEAD", "no GLSL {samples}")
    with pytest.raises(PatternGenError, match=rf"^{tmp_path}/sound[0-9].glsl"):
        family(f"shaders?dir={tmp_path}").draw(range(40), 8)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_no_part_of_a_name(folder: Path, tmp_path: Path, encoding: str) -> None:
    (tmp_path / "kept.txt").write_text("geek.glsl\r\n# and\r\nb.FS\r\n", encoding)
    assert read_keep_list(str(tmp_path / "kept.txt"), find_programs(str(folder))) == ("b.FS", "geek.glsl")
    text = read_program(folder / "geek.glsl").source
    (folder / "geek.glsl").write_text((folder / "geek.glsl").read_text(), encoding)
    assert read_program(folder / "geek.glsl").source == text


@gl
def test_check_keeps_the_sound_and_its_list_is_honoured(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program(folder, "return vec3(0.5);", name="flat")
    kept = tmp_path / "kept.txt"
    assert main(["shaders", "check", str(folder), "--out", str(kept), "--json"]) == 0
    printed = capsys.readouterr()
    assert f"{folder}: left out: 1 file of other kinds (.txt 1)\n" in printed.err
    rows = {row["name"]: row for row in json.loads(printed.out)}
    assert not rows["flat.glsl"]["kept"]
    assert rows["flat.glsl"]["reason"].startswith("constant")
    assert rows["geek.glsl"]["kind"] == "geek"
    assert read_keep_list(str(kept), find_programs(str(folder))) == (
        "b.FS",
        "geek.glsl",
        "waves/classic.frag",
    )
    drawer = family(f"shaders?dir={folder}&keep={kept}")
    assert drawer.num_classes == 4
    assert "flat.glsl" not in {params["program"] for params in drawer.draw(range(20), 8).params}


@gl
def test_check_tells_in_a_table_and_by_its_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # a short name, which the table need not fold
    given = program(tmp_path, "float weights[2]; return vec3(weights[[0]]);", name="wrong")
    assert main(["shaders", "check", given.file.name]) == 1
    told = capsys.readouterr().out
    assert "wrong.glsl:2" in "".join(told.split())
    assert "0 of 1 programs are kept" in told


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nowhere"], "nowhere: no such file or folder"),
        (["--dialect", "shadertoi"], "unknown dialect 'shadertoi': did you mean shadertoy"),
        (["--out", "kept.png"], "name a .txt file"),
        (["--frames", "0"], "frames 0: give a number from 1 to 600"),
        (["--tv-low", "0.5", "--tv-high", "0.1"], "give 0 ≤ tv-low ≤ tv-high"),
    ],
)
def test_wrong_arguments_are_told(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["shaders", "check", *arguments]) == 2
    error = capsys.readouterr().err
    assert told in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "told"),
    [("", "names no program"), ("# none\n", "names no program"), ("geek.gls\n", "did you mean geek.glsl")],
)
def test_a_list_of_the_kept_that_does_not_fit(folder: Path, tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "kept.txt").write_text(text)
    with pytest.raises(PatternGenError, match=told):
        family(f"shaders?dir={folder}&keep={tmp_path / 'kept.txt'}")
    with pytest.raises(PatternGenError, match="cannot be read"):
        family(f"shaders?keep={tmp_path / 'none.txt'}")


def test_the_library_can_be_kept_to_a_list(tmp_path: Path) -> None:
    (tmp_path / "kept.txt").write_text("julia\nmarble\n")
    drawer = family(f"shaders?keep={tmp_path / 'kept.txt'}")
    assert drawer.num_classes == family("shaders").num_classes
    assert np.array_equal(np.sort(drawer._chosen), ["julia", "marble"])
    with pytest.raises(PatternGenError, match="only our own programs say their kind"):
        family(f"shaders?dir={PROGRAMS}&kind=waves")
