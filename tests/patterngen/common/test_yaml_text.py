import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from patterngen.common.yaml_text import NotYamlError, dump_yaml, parse_yaml
from patterngen.errors import PatternGenError

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=20)
    | st.from_regex(r"\A[-+]?[0-9_:.exob]{1,8}\Z")
    | st.sampled_from(
        ["yes", "NO", "on", "~", "null", "", "=", "<<", "2020-01-01", "010", "1:04", "0o10", "1e5"]
    )
)


@given(
    values=st.dictionaries(st.text(min_size=1, alphabet="abc_10:"), scalars | st.lists(scalars, max_size=3))
)
def test_what_was_saved_is_read_back(values):
    assert parse_yaml(dump_yaml(values), "here") == values


@given(number=st.integers(-(10**6), 10**6), form=st.sampled_from(["{}", "{:_}", "{:+}", "{:#x}"]))
def test_integers_are_what_python_reads(number, form):
    assert parse_yaml(form.format(number), "here") == number


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("007", 7),  # to every reader
        ("08", "08"),
        ("0:30", "0:30"),
        ("'010'", "010"),
        ("'1:04'", "1:04"),
        ("0o10", "0o10"),
        ("yes", "yes"),
        ("[On, off, y, n]", ["On", "off", "y", "n"]),
        ("on: 1", {"on": 1}),
        ("2020-01-01", "2020-01-01"),
        ("2020-01-01 10:00:00", "2020-01-01 10:00:00"),
        ("=", "="),
        ("true", True),
        ("~", None),
        ("", None),
        ("1.5e+3", 1500.0),
        ("-.inf", float("-inf")),
        ("a: &s [1, 2]\nb: *s", {"a": [1, 2], "b": [1, 2]}),
        ("a: &b {x: 1, y: 2}\nc: &d {<<: *b, y: 3}\ne: {<<: *d, z: 4}",
         {"a": {"x": 1, "y": 2}, "c": {"x": 1, "y": 3}, "e": {"x": 1, "y": 3, "z": 4}}),
    ],
)  # fmt: skip
def test_words_are_read_as_people_mean_them(text, value):
    assert parse_yaml(text, "here") == value


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\nb: 2\na: 3", "here: a is given twice, in line 1 and in line 3: remove one of them"),
        ("x:\n  a: 1\n  'a': 2", "here: a is given twice, in line 2 and in line 3"),
        ("x: [{b: 1, b: 1}]", "here: b is given twice, in line 1 and in line 1"),
        ("a: 1\nb: 010", "here line 2: 010 is 8 in YAML 1.1 and 10 in YAML 1.2: write the number"),
        ("-0_10", "-0_10 is -8 in YAML 1.1 and -10 in YAML 1.2"),
        ("1:04", "1:04 is 64 in YAML 1.1 and text in YAML 1.2: .* or '1:04' in quotes if it is text"),
        ("[1:04.5]", "1:04.5 is 64.5 in YAML 1.1 and text"),
        ("0b101", "0b101 is 5 in YAML 1.1 and text"),
        ("010: a", "010 is 8"),
        ("[" * 5_000, "too deep"),
        ("a: &a [*a]", r"here: a name \(\*\) stands for the list or mapping in line 1 around it"),
        ("a: &a {b: *a}", "around it"),
        ("\n".join(["a0: &a0 [x, x]", *(f"a{i + 1}: &a{i + 1} [*a{i}, *a{i}]" for i in range(60))]),
         r"its names \(\*\) stand for more than 100000 values"),
    ],
)  # fmt: skip
def test_what_is_given_twice_or_could_mean_two_things_is_refused_with_its_line(text, said):
    with pytest.raises(PatternGenError, match=said) as error:
        parse_yaml(text, "here")
    assert "\n" not in str(error.value)
    assert not isinstance(error.value, NotYamlError)


@pytest.mark.parametrize(
    "text", ["a: [", "a: b: c", "*nobody", "--- 1\n--- 2", "!!python/name:os.system x", "{[a]: 1}", "\x07"]
)
def test_what_is_not_yaml_is_named(text):
    with pytest.raises(NotYamlError, match=r"^here is not YAML: ") as error:
        parse_yaml(text, "here")
    assert "\n" not in str(error.value)


@given(text=st.text(alphabet="ab01:_.-+xoe", min_size=1, max_size=8))
def test_a_word_is_read_as_yaml_1_1_does_or_is_text_or_refused(text):
    try:
        found = parse_yaml(text, "here")
        theirs = yaml.safe_load(text)
    except (PatternGenError, yaml.YAMLError, ValueError):
        return
    assert found in (theirs, text)
