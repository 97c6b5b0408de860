import pytest

from patterngen.commands.list import catalogue
from patterngen.errors import PatternGenError
from patterngen.families import known_families


def test_every_family_and_every_setting_is_described():
    entries = catalogue()
    assert [entry.name for entry in entries] == list(known_families())
    for entry in entries:
        assert entry.summary.endswith(".")
        assert entry.source
        assert all(setting.doc for setting in entry.settings), entry.name


def test_an_unknown_family_is_answered_with_close_names():
    with pytest.raises(PatternGenError, match="did you mean perlin"):
        catalogue("perlim")
