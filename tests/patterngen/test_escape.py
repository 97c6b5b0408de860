import ast

from hypothesis import given
from hypothesis import strategies as st

from patterngen.escape import visible, visible_lines

ANY = st.text(st.characters(exclude_categories=()))  # with the halves of pairs, as bytes of a name become


@given(ANY)
def test_what_is_written_can_be_seen_on_one_line_and_twice_is_once(text):
    assert visible(text).isprintable()
    assert visible(visible(text)) == visible(text)


@given(ANY)
def test_nothing_is_lost(text):
    quoted = text.replace("\\", "\\\\").replace("'", "\\'")
    assert ast.literal_eval(f"'{visible(quoted)}'") == text


@given(st.lists(ANY.filter(lambda text: "\n" not in text), min_size=1))
def test_line_breaks_that_are_meant_stay(lines):
    assert visible_lines("\n".join(lines)).split("\n") == [visible(line) for line in lines]


def test_what_people_call_their_files_stays():
    for name in ("Größe 雲 – [a] (b).wav", "it's 5 %", "🎻/été"):
        assert visible(name) == name
