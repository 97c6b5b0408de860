"""Which programs are left out, and why: one of each kind of refusal, and sound ones that are kept."""

import re
from pathlib import Path

import numpy as np
import pytest

from patterngen.errors import PatternGenError
from patterngen.shaders.curation import Assessment, Curator, Limits, difference, perceptual_hash
from patterngen.shaders.language.program import programs, read_program
from patterngen.shaders.render.canvas import Canvas
from patterngen.shaders.render.renderer import renderer
from tests.patterngen.shaders.examples import ENDLESS, program

pytest.importorskip("moderngl")
SOUND = "return 0.5 + 0.4 * sin((3.0 + 9.0 * r.xyz) * p.xyx + t + vec3(0, 2, 4));"


def assess(folder: Path, body: str, **limits: float) -> Assessment:
    return Curator(Limits(**limits)).assess(program(folder, body, name="it"))


def test_a_sound_program_is_kept_and_measured(tmp_path: Path) -> None:
    assessment = assess(tmp_path, SOUND)
    assert assessment.kept, assessment.reason
    assert assessment.kind == "pattern"
    assert 0 < assessment.ms < 1000
    assert 0.001 < assessment.tv < 0.1
    assert 0 < assessment.bytes_per_pixel < 3


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("return vec3(0.2, 0.4, 0.6);", r"^constant: all \(51, 102, 153\) at 6 of 6 times"),
        ("return vec3(r.x);", "^constant: all .* at 6 of 6 times"),
        ("discard; return p.xyx;", r"^constant: all \(0, 0, 0\)"),
        ("float away = length(p - 9.0); return vec3(step(away, 1.0));", r"^constant: all \(0, 0, 0\)"),
        ("return vec3(9.0 + p.x);", r"^constant: all \(255, 255, 255\)"),
        ("return vec3(1.0 - 9.0 * step(length(p), 0.1));", "^saturated: 9[0-9.]+ % of its pixels are white"),
        ("return sqrt(0.2 - abs(p.xxx));", "^not a number: 79.7 %"),
        ("return vec3(sqrt(p.x - 9.0 - t)) + sin(p.x);", "^not a number: 100 %"),
        ("float x = 0.0 / (t - t); return vec3(x) + p.xyx;", "^not a number: 100 %"),
        ("return vec2(1.0);", r"it\.glsl:2:\d+: error"),
        (ENDLESS, "takes more than 0.1 s for one picture"),
    ],
)
def test_each_kind_of_refusal(tmp_path: Path, body: str, reason: str) -> None:
    assessment = assess(tmp_path, body, shader_budget=0.1)
    assert not assessment.kept
    assert re.search(reason, assessment.reason), assessment.reason


@pytest.mark.parametrize("ratio", ["p.x / p.y", "sqrt(p.x)", "1.0 / (p.y - p.y)"])
def test_what_is_not_a_number_is_black_and_no_reason(tmp_path: Path, ratio: str) -> None:
    body = f"float x = {ratio}; return vec3(p.x < 0.0 && p.y < 0.0 ? sqrt(-1.0 - r.x) * x : 0.6 + 0.4 * p.y);"
    assert assess(tmp_path, body).kept
    assert assess(tmp_path, body, not_numbers=0.01).reason.startswith("not a number: 25 %")
    pictures = renderer().draw([program(tmp_path, body)], np.ones(1, "f4"), np.ones((1, 4), "f4"), Canvas(10))
    assert (pictures[0, 5:, :5] == 0).all()
    assert (pictures[0, :5, :5] > 0).all()


def test_a_program_is_judged_at_the_size_that_is_drawn(tmp_path: Path) -> None:
    fine = (
        "return vec3(step(0.5, fract(64.0 * p.x)), 0.0, 0.0);"  # a period is a pixel of 128, and two of 256
    )
    assert assess(tmp_path, fine).kept
    assert assess(tmp_path, fine, size=128).reason.startswith("constant")
    wide = "return pixel < 0.0126 ? p.xyx : vec3(0.0);"  # 2 over the longer side
    assert assess(tmp_path, wide, size="20x160").kept
    assert not assess(tmp_path, wide, size=150).kept


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        ({"constant": 0.0, "saturated": 0.2}, "^saturated: .* black"),
        ({"alike": 1.0}, "^nearly identical to other"),
        ({"tv_low": 0.2}, r"^tv 0\.0\d+ is not in \[0\.2, 2\]"),
        ({"tv_high": 0.001}, r"^tv .* is not in \[0, 0\.001\]"),
        ({"contrast_low": 0.49}, r"^contrast 0\.\d+ is not in \[0\.49, 0\.5\]"),
        ({"contrast_high": 0.01}, r"^contrast 0\.\d+ is not in \[0, 0\.01\]"),
        ({"bytes_low": 2.9}, r"^bytes per pixel .* is not in \[2\.9, 4\]"),
        ({"bytes_high": 0.01}, r"^bytes per pixel .* is not in"),
        ({"slowest": 1e-6}, r"^too slow: \d+ ms per picture, more than 1e-06"),
    ],
)
def test_what_is_beyond_the_asked_limits(tmp_path: Path, limits: dict[str, float], reason: str) -> None:
    curator = Curator(Limits(**limits))
    curator.assess(program(tmp_path, "return vec3(step(p.x, r.y), step(p.y, 0.1), p.x);", name="other"))
    body = (
        SOUND
        if "saturated" not in limits
        else f"{SOUND.replace('return', 'vec3 c =')} return step(0.0, p.x) * c;"
    )
    assessment = curator.assess(program(tmp_path, body, name="it"))
    assert re.search(reason, assessment.reason), assessment.reason
    assert assessment.tv > 0


def test_of_nearly_identical_programs_the_first_is_kept(tmp_path: Path) -> None:
    curator = Curator()
    one = program(tmp_path, SOUND, name="one")
    close = program(tmp_path, f"p *= 1.002; {SOUND.replace('0.4', '0.38')}", name="close")
    other = program(tmp_path, f"p = vec2(p.y, -1.7 * p.x); {SOUND}", name="other")
    assert [curator.assess(one).reason for one in (one, close, other)] == [
        *("", "nearly identical to one", "")
    ]


def test_inputs_are_judged_as_they_will_be_drawn(tmp_path: Path) -> None:
    head = '/*{"INPUTS": [{"NAME": "n", "TYPE": "float", "DEFAULT": 0, "MIN": 2, "MAX": 9}]}*/'
    (tmp_path / "it.fs").write_text(
        f"{head}void main(){{gl_FragColor=vec4(fract(n*isf_FragNormCoord),0,1);}}"
    )
    one = read_program(tmp_path / "it.fs")
    assert Curator(Limits(size=64)).assess(one).kept
    assert "constant" in Curator(Limits(size=64), isf_inputs="default").assess(one).reason


def test_files_that_are_no_programs(tmp_path: Path) -> None:
    for name, data, reason in (
        ("binary", b"\x7fELF\x00\x00\x01", "it is not text"),
        ("latin", b"// caf\xe9\n", "cannot be read as a shader program: byte 0xe9 in line 1 is not UTF-8"),
        ("large", b"// x\n" * 2_000_000, "more than 1024 KiB"),
        ("empty", b"", "defines none of pattern, mainImage and main"),
        ("lacking", b'#include "lib/nois.glsl"', r":1: #include"),
    ):
        path = tmp_path / f"{name}.glsl"
        path.write_bytes(data)
        assessment = Curator().assess(read_program(path))
        assert reason in assessment.reason
        assert "\n" not in assessment.reason


def test_dialects_are_judged_too() -> None:
    folder = Path(__file__).parent / "programs"
    curator = Curator(Limits(size=128))
    assessments = {path.name: curator.assess(read_program(path)) for path in sorted(folder.iterdir())}
    left_out = {name: assessment.reason for name, assessment in assessments.items() if not assessment.kept}
    # Five living cells in a world of 128² are hardly a picture.
    assert left_out.keys() == {"life.frag"}
    assert assessments["shadertoy.glsl"].kind == "shadertoy"


@pytest.mark.parametrize(
    "values",
    [
        {"tv_low": 0.3, "tv_high": 0.2},
        {"slowest": 0.0},
        {"bytes_low": -1.0},
        {"contrast_low": 0.3, "contrast_high": 0.2},
        {"alike": 2.0},
        {"not_numbers": -0.1},
    ],
)
def test_limits_that_cannot_be(values: dict[str, float]) -> None:
    with pytest.raises(PatternGenError, match=next(iter(values)).replace("_", "-") + ".*give"):
        Limits(**values)


def test_the_hash_knows_a_picture_by_its_coarse_slopes() -> None:
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 256, (2, 8, 8, 3)).repeat(16, 1).repeat(16, 2).astype(np.uint8)
    noisy = np.clip(coarse.astype(int) + rng.integers(-20, 21, coarse.shape), 0, 255).astype(np.uint8)
    first, second = perceptual_hash(coarse)
    again, _ = perceptual_hash(noisy)
    assert first.shape == (960,)
    assert difference(first, first) == 0.0
    assert 0.0 < difference(first, again) <= 0.7
    assert difference(first, second) > 0.5
    right = np.broadcast_to(np.arange(128, dtype=np.uint8)[None, None, :, None], (1, 128, 128, 3))
    (bits,) = perceptual_hash(right)
    np.testing.assert_array_equal(np.flatnonzero(bits), np.arange(240, 480))  # brighter to the right alone
    assert difference(bits, perceptual_hash(right[:, :, ::-1])[0]) == 1.0


def test_a_part_of_the_library_is_kept() -> None:
    curator = Curator()
    for one in list(programs().values())[::24]:
        assert curator.assess(one).reason == ""
