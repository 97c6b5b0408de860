import sys

import pytest

from patterngen import PatternGenError
from patterngen.common.registry import Registry


@pytest.fixture
def registry(tmp_path, monkeypatch):
    """A registry of a package with one module, which registers one class."""
    package = tmp_path / "zoo"
    package.mkdir()
    (package / "__init__.py").write_text(
        "from patterngen.common.registry import Registry\n"
        "registry = Registry('animal', package=__name__, hint='zoo list')\n"
    )
    (package / "cats.py").write_text(
        "from zoo import registry\n@registry.register\nclass Cat:\n    name = 'cat'\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    yield __import__("zoo").registry
    for name in ("zoo", "zoo.cats"):
        sys.modules.pop(name, None)


def test_modules_are_imported_when_a_name_is_looked_up(registry: Registry):
    assert "zoo.cats" not in sys.modules
    assert registry.find("cat").name == "cat"
    assert list(registry.classes()) == ["cat"]


def test_names_are_sorted_and_the_closest_offered(registry: Registry):
    registry.register(type("Bat", (), {"name": "bat"}))
    assert list(registry.classes()) == ["bat", "cat"]
    with pytest.raises(PatternGenError, match="unknown animal 'caat': did you mean cat"):
        registry.find("caat")
    with pytest.raises(PatternGenError, match="`zoo list` lists them"):
        registry.find("xyz")


def test_a_name_belongs_to_one_class(registry: Registry):
    cat = registry.find("cat")
    assert registry.register(cat) is cat
    with pytest.raises(PatternGenError, match="animal 'cat' is registered twice"):
        registry.register(type("Other", (), {"name": "cat"}))
