from dataclasses import dataclass, field
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patterngen.common.config import MAX_BYTES, load_config, load_values, save_config, to_yaml
from patterngen.errors import PatternGenError


@dataclass(frozen=True, kw_only=True)
class Optimiser:
    rate: float = 1e-3
    betas: tuple[float, float] = (0.9, 0.95)


@dataclass(frozen=True, kw_only=True)
class Config:
    name: str
    steps: int = 10
    tv_max: float | None = None
    model: Literal["tiny", "small"] = "tiny"
    data: tuple[str, ...] = ()
    resume: bool = False
    optimiser: Optimiser = field(default_factory=Optimiser)


texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=20)
numbers = st.floats(allow_nan=False, allow_infinity=False)


@given(
    config=st.builds(
        Config,
        name=texts,
        steps=st.integers(),
        tv_max=st.none() | numbers,
        model=st.sampled_from(["tiny", "small"]),
        data=st.lists(texts, max_size=3).map(tuple),
        resume=st.booleans(),
        optimiser=st.builds(Optimiser, rate=numbers, betas=st.tuples(numbers, numbers)),
    )
)
def test_what_is_saved_is_read_back(tmp_path_factory, config):
    path = str(tmp_path_factory.mktemp("config") / "config.yaml")
    save_config(config, path)
    assert load_config(path, Config) == config


def read(tmp_path, text):
    path = tmp_path / "config.yaml"
    path.write_text(text)
    return load_config(str(path), Config)


def test_fields_keep_their_order(tmp_path):
    assert [line.split(":")[0] for line in to_yaml(Config(name="a")).splitlines() if line[0].isalpha()] == [
        "name", "steps", "tv_max", "model", "data", "resume", "optimiser",
    ]  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_what_an_editor_puts_before_a_text_is_no_part_of_it(tmp_path, encoding):
    (tmp_path / "config.yaml").write_text("name: été\nsteps: 3", encoding)
    assert load_config(str(tmp_path / "config.yaml"), Config) == Config(name="été", steps=3)


@pytest.mark.parametrize(("word", "meant"), [("yes", True), ("Off", False), ("on", True), ("NO", False)])
def test_switches_are_words_where_a_word_is_asked_for(tmp_path, word, meant):
    config = read(tmp_path, f"name: {word}\nresume: {word}\ndata: [{word}, 2020-01-01]")
    assert config == Config(name=word, resume=meant, data=(word, "2020-01-01"))


def test_yaml_1_1_text_of_a_number_is_a_number(tmp_path):
    assert read(tmp_path, "name: a\ntv_max: 5e-2").tv_max == 0.05
    assert read(tmp_path, "name: a\ntv_max: 1").tv_max == 1.0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name: a\nstep: 3", ["unknown key 'step'", "steps"]),
        ("name: a\noptimiser: {rat: 3}", ["optimiser", "unknown key 'rat'", "rate"]),
        ("name: a\nsteps: many", ["steps", "int", "'many'"]),
        ("name: a\nsteps: true", ["steps", "int", "True"]),
        ("name: a\nsteps: 2.5", ["steps", "int", "2.5"]),
        ("name: a\nmodel: huge", ["model", "'tiny' or 'small'", "'huge'"]),
        ("name: a\ndata: one", ["data", "a list of str", "'one'"]),
        ("name: a\ndata: [one, 2]", ["data[1]", "str", "2"]),
        ("name: a\noptimiser: {betas: [1.0]}", ["optimiser.betas", "1 values"]),
        ("name: a\ntv_max: soft", ["tv_max", "float or nothing", "'soft'"]),
        ("name: a\nresume: 1", ["resume", "bool", "1"]),
        ("steps: 3", ["name must be given"]),
        ("- name", ["field: value"]),
        ("name: [", ["not YAML"]),
        ("name: !!python/object/apply:os.system [ls]", ["not YAML"]),
        ("name: a\nsteps: 1\nname: b", ["name is given twice, in line 1 and in line 3"]),
        ("name: a\nsteps: 010", ["line 2", "010 is 8 in YAML 1.1 and 10 in YAML 1.2"]),
        ("name: a\nsteps: 1:04", ["line 2", "1:04 is 64"]),
        ("name: a\nsteps: 0o10", ["steps", "int", "'0o10'"]),
        ("name: a\nsteps: 2020-01-01", ["steps", "int", "'2020-01-01'"]),
        ("name: a\noptimiser:\n  rate: 1\n  rate: 2", ["rate is given twice, in line 3 and in line 4"]),
    ],
)
def test_mistakes_are_named_in_one_line(tmp_path, text, words):
    with pytest.raises(PatternGenError) as caught:
        read(tmp_path, text)
    assert "\n" not in str(caught.value)
    assert all(word in str(caught.value) for word in [*words, "config.yaml"])


def test_a_missing_or_huge_file_is_named(tmp_path):
    with pytest.raises(PatternGenError, match=r"nothing\.yaml.*No such file"):
        load_values(str(tmp_path / "nothing.yaml"), Config)
    (tmp_path / "huge.yaml").write_bytes(b"#" * (MAX_BYTES + 1))
    with pytest.raises(PatternGenError, match=r"huge\.yaml.*1 MiB"):
        load_values(str(tmp_path / "huge.yaml"), Config)


def test_an_empty_file_gives_nothing(tmp_path):
    (tmp_path / "empty.yaml").write_text("# nothing yet\n")
    assert load_values(str(tmp_path / "empty.yaml"), Config) == {}
