"""A folder of programs that do to us whatever programs can, drawn to the end."""

import json
import logging
from pathlib import Path

import pytest

from patterngen.dataset.folder import NOTES_FILE, QUARANTINE_FILE, DatasetFolder
from patterngen.errors import PatternGenError
from patterngen.jobs.config import RenderConfig
from patterngen.jobs.rendering import render
from patterngen.shaders.language.noted import NOT_NUMBERS
from tests.patterngen.shaders.examples import ENDLESS

pytest.importorskip("moderngl")


def toy(body: str, before: str = "") -> str:
    """Return a program of Shadertoy's whose colour varies by more than a body says."""
    return f"{before}\nvoid mainImage(out vec4 o, in vec2 q) {{ vec2 p = q / iResolution.xy;\n{body}\n}}\n"


DRAWN = {
    "statement-after-block.glsl": toy("o = vec4(p, 0, 1); if(p.x>.5){p.y=1.-p.y;} p.y>.5?o.r=1.:o.g=1.;"),
    "return-after-block.glsl": toy(
        "o = vec4(f(p.x));",
        "float f(float x) { for (int i = 0; i < 2; i++) {x += .1;} return x>.5 ? 1. : 0.; }",
    ),
    "else-block.glsl": toy("if (p.x > .5) o = vec4(1); else {o = vec4(p, 0, 1);}"),
    "own-main.glsl": toy("o = vec4(p, 0, 1);")
    + "void main() { mainImage(gl_FragColor, gl_FragCoord.xy); gl_FragColor.b = 1.; }",
    "prototype.glsl": toy("float d; f(p, d); o = vec4(d);", "void f(vec2 p, out float d);")
    + "void f(vec2 p, out float d) { d = p.x; }",
    "branches.glsl": toy("#if 1\nif (p.x > .5) {\n#else\nif (p.y > .5) {\n#endif\no = vec4(p, 0, 1); }"),
    "macros.glsl": toy(
        "o = rgb(p.x, p.y, time_);",
        "#define rgb(a,b,c) vec4(a,b,c,1)\n#define max(a) a\n#define clamp x\n#define time_ max(.5)",
    ),
    "macro-in-terms-of-itself.glsl": toy("o = vec4(p, fract(iTime), 1);", "#define iTime (iTime*2.)"),
    "macro-of-the-function.glsl": "#define mainImage(c,q) c = vec4(q / iResolution.xy, 0, 1)",
    "pattern-of-their-own.glsl": toy(
        "o = vec4(pattern(p), 1);", "vec3 pattern(vec2 p) { return vec3(p, 0); }"
    ),
    "breaks.glsl": toy("o = vec4(p, 0, 1);", "// \f a \u0085 b \u2028 c"),
    "initialisers.glsl": toy("vec2 a[2]={vec2(0),vec2(1)}; o = vec4(mix(a[0], a[1], p), 0, 1);"),
    "performance.glsl": toy("#if HW_PERFORMANCE\no = vec4(p, 0, 1);\n#endif"),
    "f4.frag": "o = vec4(FC.xy / r, F4, 1);",
    "reserved.glsl": toy("float sample = p.x; o = vec4(sample, p.y, 0, 1);"),
    "not-numbers.glsl": toy("o = vec4(sqrt(p.x - .3), p.y, 0, 1);"),
    "unknown-uniform.frag": "uniform float knob; uniform vec2 u_resolution;\n"
    "void main() { gl_FragColor = vec4(gl_FragCoord.xy / u_resolution, knob, 1); }",
    "texture.glsl": toy("o = texture(iChannel2, p * 3.);"),
    "perhaps-a-buffer.glsl": toy("o = texture(iChannel0, p);"),
}
"""Programs that are sound on their own sites, whatever they did to us."""

GIVEN_UP = {
    "endless.glsl": f"vec3 pattern(vec2 p, float t, vec4 r) {{ {ENDLESS} }}",
    "syntax.glsl": toy("o = vec4(p, 0, 1"),
    "unclosed.glsl": "void mainImage(out vec4 o, in vec2 q) { /* for ever",
    "conditions.glsl": toy("#if 1\n#if 1 / 0\no = vec4(1);"),
    "nothing.glsl": "",
    "zero.glsl": "void main() {}\0",
    "missing.glsl": toy("o = vec4(1);", '#include "nowhere.glsl"'),
    "outside.glsl": toy("o = vec4(1);", '#include "../../secret.glsl"'),
    "lone-image.glsl": toy("o = texelFetch(iChannel0, ivec2(q), 0);"),
    "waves.buffer-a.glsl": toy("o = vec4(p, 0, 1);"),
    "incomplete.json": json.dumps(
        {"renderpass": [{"type": "buffer", "name": "Buffer A", "code": toy("o = vec4(1);"), "outputs": []}]}
    ),
    "broken.json": '{"renderpass": [',
    "isf.fs": '/*{"INPUTS": [1, 2]}*/ void main() { gl_FragColor = vec4(1); }',
}

NOTED = {
    "statement-after-block.glsl": "a ternary that stands as a statement is an if",
    "reserved.glsl": "sample is called sample_, for it is a word of GLSL's own",
    "not-numbers.glsl": NOT_NUMBERS,
    "unknown-uniform.frag": "uniform float knob is 0",
    "texture.glsl": "texture iChannel2 is our noise",
    "perhaps-a-buffer.glsl": "iChannel0 is noise, but read as one reads a buffer: perhaps a pass is missing",
}


def write(folder: Path, programs: dict[str, str]) -> Path:
    folder.mkdir()
    for name, text in programs.items():
        (folder / name).write_text(text)
    return folder


def lines(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_every_program_costs_itself_alone_and_tells_what_was_done_to_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    programs = write(tmp_path / "programs", DRAWN | GIVEN_UP)
    out = tmp_path / "set"
    config = RenderConfig(
        family=("shaders",), shader_dir=str(programs), out=str(out), count=160, size=32,
        samples_per_shard=40, shader_budget=0.1,
    )  # fmt: skip
    with caplog.at_level(logging.WARNING, "patterngen"):
        render(config.spec, config.run)
    table = DatasetFolder.open(str(out)).manifest(["params"])["params"].to_pylist()
    params = [json.loads(text) for text in table]
    assert len(params) == 160
    listed = {line["program"]: line["reason"] for line in lines(out / QUARANTINE_FILE)}
    assert listed.keys() == GIVEN_UP.keys(), "160 seeds try every program"
    assert {row["program"] for row in params} == DRAWN.keys()
    assert all(name.removesuffix(".json") in reason for name, reason in listed.items())
    notes = lines(out / NOTES_FILE)
    assert {(line["program"], line["note"]) for line in notes} == set(NOTED.items())
    assert len(notes) == len(NOTED), "each is said once, whatever shard it is of"
    said = [record.getMessage() for record in caplog.records]
    for name, note in NOTED.items():
        assert said.count(f"shader program {name}: {note}") == 1
    assert sum("is left out" in line for line in said) == len(GIVEN_UP)


def test_programs_of_which_none_can_be_drawn_leave_no_folder(tmp_path: Path) -> None:
    some = {name: GIVEN_UP[name] for name in ("incomplete.json", "syntax.glsl")}
    programs = write(tmp_path / "programs", some)
    config = RenderConfig(family=("shaders",), shader_dir=str(programs), out=str(tmp_path / "set"), count=4)
    with pytest.raises(PatternGenError, match=r"no shader program is left: .*(incomplete|syntax)"):
        render(config.spec, config.run)
    assert not (tmp_path / "set").exists()
