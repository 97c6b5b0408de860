import pytest
from hypothesis import given
from hypothesis import strategies as st

from patterngen.storage.texts import decoded, read_text

# A mark at the beginning of the text itself would be taken for the file's.
texts = st.text(max_size=20).filter(lambda text: not {"\0", "\ufeff"} & set(text[:2]))


@given(text=texts, encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_a_text_is_read_in_every_encoding_that_says_which_it_is(text, encoding):
    assert decoded(text.encode(encoding)) == text


@given(text=texts.filter(bool))
def test_utf_16_in_either_order_of_bytes(text):
    for order in ("le", "be"):
        assert decoded(("\ufeff" + text).encode(f"utf-16-{order}")) == text


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"one\ncaf\xe9\n", "byte 0xe9 in line 2 is not UTF-8: save it as UTF-8"),
        (b"\xff\xfea", "is not UTF-16: save it as UTF-8"),
        ("abc".encode("utf-16-le"), "not text, or in UTF-16"),
        ("abc".encode("utf-32"), "not text, or in UTF-16"),
    ],
)
def test_what_is_no_text_is_refused_in_a_line(data, said):
    with pytest.raises(ValueError, match=said) as error:
        decoded(data)
    assert "\n" not in str(error.value)


def test_line_ends_stay_and_sizes_are_bounded(tmp_path):
    (tmp_path / "list.txt").write_bytes(b"\xef\xbb\xbfa\r\nb")
    assert read_text(tmp_path / "list.txt") == read_text(str(tmp_path / "list.txt"), 7) == "a\r\nb"
    with pytest.raises(ValueError, match=r"larger than 5\.72e-06 MiB"):
        read_text(tmp_path / "list.txt", 6)
    with pytest.raises(FileNotFoundError):
        read_text(tmp_path / "nothing.txt")
