"""Names that are no text, and accents in two forms."""

import os
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patterngen.escape import as_text
from patterngen.storage.names import find_named, path_in_text, plain_name

NFC, NFD = (unicodedata.normalize(form, "café.wav") for form in ("NFC", "NFD"))


def test_what_is_text_stays_as_it_is() -> None:
    for name in ("a b.wav", "café.wav", NFD, "雲\n.wav", r"a\xe9"):
        assert as_text(name) == name


@given(st.binary(max_size=20))
def test_every_name_can_be_written_and_read_again(name: bytes) -> None:
    text = as_text(os.fsdecode(name))
    assert text.encode().decode() == text
    try:
        assert text == name.decode()
    except UnicodeDecodeError:
        assert "\\udc" in text


@given(st.text(max_size=20))
def test_all_forms_of_a_name_have_one_in_common(name: str) -> None:
    assert plain_name(unicodedata.normalize("NFD", name)) == plain_name(name)
    assert plain_name(plain_name(name)) == plain_name(name)


@pytest.mark.parametrize(("there", "listed"), [(NFC, NFD), (NFD, NFC)])
@pytest.mark.parametrize("folder", ["", NFC, NFD])
def test_a_file_is_found_by_its_name_in_the_other_form(
    tmp_path: Path, there: str, listed: str, folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / folder).mkdir(exist_ok=True)
    (tmp_path / folder / there).touch()
    other = unicodedata.normalize("NFC" if folder == NFD else "NFD", folder)
    assert (
        list(find_named([tmp_path / folder / listed, tmp_path / other / listed]))
        == [tmp_path / folder / there] * 2
    )
    monkeypatch.chdir(tmp_path)
    assert list(find_named([Path(other, listed)])) == [Path(folder, there)]


def test_of_two_forms_that_are_there_the_listed_one_is_meant(tmp_path: Path) -> None:
    for name in (NFC, NFD):
        (tmp_path / name).touch()
        assert list(find_named([tmp_path / name])) == [tmp_path / name]


def test_a_name_that_is_no_text_is_found_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9.wav")
    path.touch()
    assert list(find_named([path, tmp_path / as_text(path.name)])) == [path, path]


def test_what_is_not_there_is_not_found(tmp_path: Path) -> None:
    (tmp_path / "a.wav").mkdir()
    (tmp_path / "ö" / "ö").mkdir(parents=True)
    absent = ["a.wav", "b.wav", "ä/b.wav", "ö", "ö/ö", "a" * 300, "a\0b", "ä" * 300]
    assert list(find_named(tmp_path / name for name in absent)) == [None] * len(absent)
    forms = {unicodedata.normalize(form, "\u1e69") for form in ("NFC", "NFD")} | {"\u1e61\u0323"}
    *there, listed = sorted(forms)
    for name in there:
        (tmp_path / name).touch()
    assert list(find_named([tmp_path / listed])) == [None]  # it could be either


@pytest.mark.parametrize("name", [b"a b.bin", b"\xe9.bin"])
def test_libraries_are_given_a_name_in_text(tmp_path: Path, name: bytes) -> None:
    path = tmp_path / os.fsdecode(name)
    path.write_bytes(b"content")
    with path_in_text(path) as named:
        assert str(named).encode()
        assert named.read_bytes() == b"content"
    assert path.read_bytes() == b"content"
    with pytest.raises(FileNotFoundError), path_in_text(tmp_path / os.fsdecode(b"no\xe9")):
        pass
