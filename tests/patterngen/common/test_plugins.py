"""Families that other distributions bring, sound ones and broken ones."""

import json
import logging
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from patterngen import families
from patterngen.cli import main
from patterngen.commands.list import catalogue
from patterngen.common.plugins import PluginError, _log
from patterngen.errors import PatternGenError
from patterngen.jobs.mixture import mixture

ROOT = Path(__file__).parents[3]

HEAD = """
from dataclasses import dataclass
from typing import ClassVar
import numpy as np
from patterngen.families import register
from patterngen.families.model.contract import Family
from patterngen.families.model.pictures import Pictures
"""
GRAY = (
    HEAD
    + """
@register
@dataclass(frozen=True, kw_only=True)
class Gray(Family):
    '''One gray.'''
    name: ClassVar[str] = "gray"
    version: ClassVar[int] = 1
    source: ClassVar[str] = "this test"
    level: int = 7
    '''How bright.'''
    def __post_init__(self):
        if self.level == 66:
            raise KeyError("no such level")
    def draw_square(self, seeds, size):
        n = len(seeds)
        pixels = np.full((n, size, size, 3), self.level, np.uint8)
        params, class_id = [{"level": self.level} for _ in seeds], np.zeros(n, np.int64)
        DRAW
        return Pictures(pixels, params, class_id)
"""
)


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Install a distribution of one module, as pip lays it out, and forget the families found so far."""
    monkeypatch.syspath_prepend(tmp_path)
    known = dict(families.known_families())

    def install(module, source):
        (tmp_path / f"{module}.py").write_text(source)
        info = tmp_path / f"{module}_dist-1.5.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}-dist\nVersion: 1.5\n")
        (info / "entry_points.txt").write_text(f"[patterngen.families]\n{module} = {module}\n")
        for name, value in {"_classes": dict(known), "_failures": {}, "_discovered": False}.items():
            monkeypatch.setattr(families._registry, name, value)
        _log.cache_clear()
        mixture.cache_clear()

    yield install
    mixture.cache_clear()
    for name, module in list(sys.modules.items()):
        if Path(getattr(module, "__file__", None) or "").is_relative_to(tmp_path):
            del sys.modules[name]


def test_a_plugin_s_family_is_one_like_all(install):
    install("gray", GRAY.replace("DRAW", ""))
    assert families.family("gray?level=9").draw([1, 2], 8).pixels.max() == 9
    assert (
        families.spec_text(families.family("mixup:gray,perlin", ["gray.level=3"]))
        == "mixup:(gray?level=3),perlin"
    )
    (entry,) = catalogue("gray")
    assert (entry.summary, entry.settings[0].doc) == ("One gray.", "How bright.")


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("raise ValueError('out of\\nwaves')", "could not be loaded: ValueError: out of waves"),
        ("import nonsense_that_is_nowhere", "ModuleNotFoundError"),
        ("import sys; sys.exit(3)", "could not be loaded: SystemExit: 3"),
        (GRAY.replace('"gray"', '"perlin"').replace("DRAW", ""), "'perlin' is registered twice"),
        (HEAD + "@register\nclass Waves:\n    name = 'waves'\n", "Waves is no family.*give it a version"),
        (GRAY.replace("def draw_square", "def paint"), "Gray is no family.*give it a draw_rect.* or draw_sq"),
    ],
)  # fmt: skip
def test_a_plugin_that_cannot_be_loaded_takes_nothing_else_away(install, source, said, capsys, caplog):
    install("waves", source)
    with caplog.at_level(logging.ERROR, "patterngen"):
        assert main(["list", "--json"]) == 0
    assert {entry["name"] for entry in json.loads(capsys.readouterr().out)} >= {"perlin", "fbm", "smooth"}
    assert families.family("perlin").draw([1], 8).pixels.shape == (1, 8, 8, 3)
    with pytest.raises(
        PatternGenError, match=f"(?s)^family 'waves': plugin 'waves' of waves-dist 1.5.*{said}"
    ) as caught:
        families.family("waves")
    assert "\n" not in str(caught.value)
    with pytest.raises(
        PatternGenError, match=r"unknown family 'weaves'.*; plugin 'waves' of waves-dist 1\.5"
    ):
        families.family("weaves")
    assert ("Traceback" in caplog.text) == ("could not be loaded" in str(caught.value))


@pytest.mark.parametrize(
    ("draw", "said"),
    [
        ("seeds[10**6]", "could not draw gray at size 8: IndexError"),
        ("return None", "could not draw gray at size 8: AttributeError"),
        ("pixels = pixels / 2", r"contract of families: pixels are float64 \[3, 8, 8, 3\], not uint8"),
        ("pixels = pixels[:, :4]", r"pixels are uint8 \[3, 4, 8, 3\], not uint8 \[3, 8, 8, 3\]"),
        ("params = params[1:]", "2 params for 3 pictures"),
        ("params[1]['x'] = np.float32(1)", "the param x is float32"),
        ("class_id = class_id + 1", "class ids are not 3 numbers from 0 to 0"),
    ],
)
def test_a_plugin_that_fails_while_drawing_is_named(install, draw, said, caplog):
    install("gray", GRAY.replace("DRAW", draw))
    for text in ("gray", "smooth:gray"):
        with pytest.raises(PluginError, match=f"^plugin 'gray' of gray-dist 1.5.*{said}") as caught:
            families.family(text).draw([1, 2, 3], 8)
        assert "\n" not in str(caught.value)
    # The traceback is logged, and the same one only once.
    assert caplog.text.count("Traceback") == ("could not draw" in said)


def test_a_plugin_that_fails_while_it_gives_an_array_is_named(install):
    install(
        "gray",
        GRAY.replace("DRAW", "")
        + "    def field_rectangle(self, seeds, height, width):\n        seeds[10**6]\n",
    )
    with pytest.raises(PluginError, match=r"1\.5 could not give the field of gray at size 8: IndexError"):
        families.family("gray").field([1], 8)
    with pytest.raises(PatternGenError, match="gray has no label_map; these families have: dead-leaves"):
        families.family("gray").label_map([1], 8)


def test_settings_that_a_plugin_cannot_take_are_told_as_its_failure(install):
    install("gray", GRAY.replace("DRAW", ""))
    with pytest.raises(PluginError, match=r"plugin 'gray' of gray-dist 1\.5 could not make gray: KeyError"):
        families.family("gray?level=66")


def test_a_command_that_meets_a_failing_plugin_ends_with_one_line_and_code_1(
    install, tmp_path, capsys, caplog
):
    install("gray", GRAY.replace("DRAW", "seeds[10**6]"))
    assert main(["preview", "gray", "--out", str(tmp_path / "sheet.png")]) == 1
    error = capsys.readouterr().err
    assert error.startswith(
        "error: plugin 'gray' of gray-dist 1.5 could not draw gray at size 128: IndexError"
    )
    assert error.count("\n") == 1
    assert "seeds[10**6]" in caplog.text
    assert main(["render", "gray", "--count", "2", "--size", "8", "--out", str(tmp_path / "set")]) == 1
    assert "plugin 'gray' of gray-dist 1.5" in capsys.readouterr().err


RUN = """
import json, sys
from patterngen.cli import main
if __name__ == "__main__":
    for words in json.loads(sys.argv[1]):
        assert main(words) == 0, words
"""


def test_the_guide_s_commands_run_once_the_example_is_installed(tmp_path):
    """By pip, as the guide says; workers are processes of their own and find the plugin too."""
    guide = (ROOT / "docs/adding-a-family.md").read_text()
    block = re.search(r"^```\n(.*?)^```$", guide, re.MULTILINE | re.DOTALL)[1].replace("\\\n", " ")
    (program, *installing), *commands = map(shlex.split, block.splitlines())
    assert (program, {words[0] for words in commands}) == ("pip", {"patterngen"})
    where = tmp_path / "site"
    pip = [sys.executable, "-m", "pip", *installing, "--no-deps", "--no-build-isolation", "--target", where]
    subprocess.run(pip, cwd=ROOT, check=True, capture_output=True)
    (tmp_path / "run.py").write_text(RUN)
    done = subprocess.run(
        [sys.executable, "run.py", json.dumps([words[1:] for words in commands])],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (where, ROOT))), "COLUMNS": "120"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Two fine gratings that beat" in done.stdout
    assert "2 shards with 200 pictures are sound; 8 drawn again, equal" in done.stdout
    assert "moire?turn=0.1" in (tmp_path / "moire-set/job.yaml").read_text()


def test_what_a_guarded_family_draws_is_what_it_drew(install):
    install("gray", GRAY.replace("DRAW", "class_id[:] = 0"))
    pictures = families.family("gray").draw([], 4)
    assert pictures.pixels.shape == (0, 4, 4, 3)
    assert pictures.class_id.dtype == np.int64
