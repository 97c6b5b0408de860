import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patterngen import PatternGenError
from patterngen.common.spelling import column_names, look_alikes, one_spelling, trimmed

UNSEEN = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u202e"
TEXTS = st.text(st.one_of(st.characters(), st.sampled_from(UNSEEN + " \t\n\u00a0\u2003e\u0301")))


@given(TEXTS)
def test_one_spelling_is_one(text):
    found = one_spelling(text)
    assert one_spelling(found) == found == trimmed(found)
    assert found == " ".join(found.split())
    for form in ("NFC", "NFD"):
        assert one_spelling(unicodedata.normalize(form, text)) == found


@given(st.lists(st.sampled_from(["rain", "Möwe", "犬", "C♯ minor"]), min_size=1, max_size=3), st.data())
def test_what_nobody_sees_makes_no_other_label(words, data):
    around = data.draw(st.text(UNSEEN + " \u00a0\t", max_size=3)) if words else ""
    between = data.draw(st.text("\u200b\u2060\ufeff\u00ad", max_size=2)) + "\u00a0 "
    written = around + between.join(words) + around
    assert one_spelling(unicodedata.normalize("NFD", written)) == " ".join(words)


PERSIAN, FAMILY = "می\u200cخواهم", "\U0001f468\u200d\U0001f469\u200d\U0001f467"


@pytest.mark.parametrize("label", ["Dog", "dog", PERSIAN, FAMILY, "½", "ﬁ"])
def test_what_means_something_stays(label):
    assert one_spelling(label) == label


@given(TEXTS)
def test_trimming_takes_from_the_ends_alone(text):
    found = trimmed(text)
    assert found in text
    assert trimmed(f"\ufeff {text}\u200b\u00a0") == trimmed(found) == found


def test_labels_that_look_alike_are_gathered():
    labels = ["Dog", "cat", "dog", "ﬁre", "ＤＯＧ", "fire", PERSIAN, "میخواهم", "rain", "☂", "☂\ufe0f"]
    assert look_alikes(labels) == [
        ("Dog", "dog", "ＤＯＧ"),
        ("ﬁre", "fire"),
        (PERSIAN, "میخواهم"),
        ("☂", "☂\ufe0f"),
    ]
    assert look_alikes(["dog", "cat", "dig"]) == []
    mixed = ["d\u043eg", "cat", "dog", "d\u03bfg", "\u0441\u043e\u0432\u0430"]  # Cyrillic o, Greek o; an owl
    assert look_alikes(mixed) == [("d\u043eg", "dog", "d\u03bfg")]


def test_columns_of_one_name_are_refused():
    assert column_names(["\ufefffile_name", " label ", "", ""], "a.csv") == ["file_name", "label", "", ""]
    with pytest.raises(
        PatternGenError, match=r"^a\.csv: two columns are called 'label'; rename or remove one"
    ):
        column_names(["label", "fold", "label\u00a0"], "a.csv")
