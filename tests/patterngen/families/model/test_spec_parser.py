"""Families as users write them: what a text makes, and what text a family makes."""

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patterngen.common.spec_text import bare
from patterngen.errors import PatternGenError
from patterngen.families import family, known_families, make, spec_text
from tests.patterngen.families.strategies import settings_of

CPU = [name for name, cls in known_families().items() if cls.repeats == "everywhere"]


@settings(max_examples=60)
@given(st.data())
def test_a_label_makes_an_equal_family(data):
    name = data.draw(st.sampled_from(CPU))
    made = known_families()[name](**data.draw(settings_of(name)))
    assert family(spec_text(made)) == made
    assert spec_text(family(spec_text(made))) == spec_text(made)
    for wrapped in (f"mixup:perlin,({spec_text(made)})", f"smooth:({spec_text(made)})?tv=0.02"):
        if not {name, *bare(spec_text(made)).split(":")} & {"smooth", "mixup"}:
            assert family(spec_text(family(wrapped))) == family(wrapped)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("fbm", "fbm"),
        ("fbm?octaves=8", "fbm"),  # its default
        ("fbm?gain=0.5", "fbm?gain=0.5"),
        ("fbm?gain_low=0.5&gain_high=0.5", "fbm?gain=0.5"),
        ("fbm?gain_high=0.3", "fbm?gain=0.3"),  # the other end's default
        ("(fbm?octaves=3)", "fbm?octaves=3"),
        ("smooth:fbm?tv=0.02", "smooth:fbm?tv=0.02"),
        ("smooth:fbm?tv=0.02&octaves=3", "smooth:(fbm?octaves=3)?tv=0.02"),
        ("smooth:(fbm?octaves=3)?tv=0.02", "smooth:(fbm?octaves=3)?tv=0.02"),
        ("smooth:fbm?tv_low=0.02", "smooth:fbm?tv_low=0.02"),
        ("mixup:perlin,fbm?k=2&octaves=3", "mixup:perlin,(fbm?octaves=3)?k=2"),
        ("mixup:(fbm?octaves=3),fbm", "mixup:(fbm?octaves=3),fbm"),
        ("smooth:mixup:perlin,fbm?k=2&tv=0.02", "smooth:(mixup:perlin,fbm?k=2)?tv=0.02"),
        ("mixup:smooth:perlin,fbm?tv=0.02", "mixup:(smooth:perlin?tv=0.02),fbm"),
        ("mixup:perlin,fbm?colours=5", "mixup:(perlin?colours=5),(fbm?colours=5)"),
    ],
)
def test_texts_have_one_spelling(text, canonical):
    assert spec_text(family(text)) == canonical
    assert family(canonical) == family(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("smoth:fbm", "'smoth': did you mean smooth"),
        ("smooth:fmb", "'fmb': did you mean fbm"),
        ("smooth:", "name a family behind the colon"),
        ("fbm:perlin", "fbm draws by itself"),
        ("smooth:perlin,fbm", "unknown family 'perlin,fbm'"),
        ("smooth:fbm?octavs=3", "setting of smooth:fbm 'octavs': did you mean octaves"),
        ("smooth:fbm?of=perlin", "setting of smooth:fbm 'of'"),
        ("fbm?gain_low=0.4&gain=0.5", "gain_low of fbm is given twice"),
        ("smooth:(fbm?octaves=3)?octaves=4", "octaves of fbm is given twice"),
        ("smooth:(fbm", "parentheses do not match"),
        ("smooth:fbm)", "parentheses do not match"),
        ("smooth:smooth:fbm", "smooth cannot stand within itself"),
        ("smooth:" * 500 + "fbm", "more than 8 families in one another"),
        ("(" * 500 + "fbm" + ")" * 500, "unknown family"),
        ("", "unknown family ''"),
    ],
)
def test_texts_that_make_no_family_are_explained_in_a_line(text, words):
    with pytest.raises(PatternGenError, match=words) as caught:
        family(text)
    assert "\n" not in str(caught.value)


def test_a_folder_whose_name_is_not_utf_8_is_spelled_in_ascii(tmp_path):
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    folder.mkdir()
    (folder / "a.glsl").write_text("vec3 pattern(vec2 p, float t, vec4 r) { return p.xyx; }")
    drawer = family(f"shaders?dir={folder}")
    assert spec_text(drawer).isascii()
    assert family(spec_text(drawer)) == drawer


def test_settings_hold_for_all_of_a_name_that_do_not_say_otherwise():
    made = make(
        ["fbm", "fbm?octaves=5", "smooth:fbm", "perlin"], ["fbm.octaves=3", "smooth.tv=0.02", "fbm.gain=0.5"]
    )
    assert [spec_text(one) for one in made] == [
        "fbm?octaves=3&gain=0.5",
        "fbm?octaves=5&gain=0.5",
        "smooth:(fbm?octaves=3&gain=0.5)?tv=0.02",
        "perlin",
    ]
    text = spec_text(family("smooth", ["dead-leaves-mixed.exponent=2"]))
    assert text.startswith("smooth:(dead-leaves-mixed?")


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("fmb.octaves=3", "'fmb': did you mean fbm"),
        ("fbm.octave=3", "'octave': did you mean octaves"),
        ("perlin.colours=3", "'perlin.colours=3': there is no perlin among fbm"),
        ("fbm.octaves", "FAMILY.setting=value"),
        ("octaves=3", "FAMILY.setting=value"),
        ("fbm.octaves=many", "octaves=many: octaves is int"),
        ("fbm.octaves=99", r"octaves=99.*\[1, 16\]"),
    ],
)
def test_settings_that_cannot_be_set_are_explained(setting, words):
    with pytest.raises(PatternGenError, match=words):
        family("fbm", [setting])


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("fbm?octaves=3", "fbm"),
        ("smooth:(fbm?octaves=3)?tv=0.02", "smooth:fbm"),
        ("mixup:perlin,(fbm?octaves=3)?k=2", "mixup:perlin,fbm"),
        ("smooth:(mixup:perlin,(fbm?gain=0.5)?k=2)?tv=0.02", "smooth:(mixup:perlin,fbm)"),
        ("shaders?program=a%28b%29", "shaders"),
    ],
)
def test_without_its_settings_a_label_names_families(label, name):
    assert bare(label) == name
