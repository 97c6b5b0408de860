"""The pages that the site of the documentation is built from."""

import tomllib
from pathlib import Path

import pytest

from patterngen import family, known_families, total_variation
from scripts.site import drawn
from scripts.site.gallery import write_gallery
from scripts.site.markdown import anchors, broken_links, links, with_deep_lists, with_links
from scripts.site.reference import LIBRARIES, PROGRAMS, write_reference
from scripts.site.stage import DOCS, stage
from scripts.site.variants import VARIANTS

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    stage(folder)
    write_reference(folder / "reference")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(drawn, "KEPT", folder / "kept")
        write_gallery(folder / "gallery", ("perlin", "smooth"), library=False)
    return folder


def named(navigation):
    """Return every page that the navigation names."""
    for entry in navigation:
        for value in entry.values():
            yield from [value] if isinstance(value, str) else named(value)


def test_the_navigation_names_every_document_once(pages):
    found = list(named(tomllib.loads((ROOT / "zensical.toml").read_text())["project"]["nav"]))

    assert len(found) == len(set(found))
    assert [page for page in found if not (pages / page).exists()] == []
    documents = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")}
    assert {page for page in documents - set(found) if not page.startswith("results/")} == set()


def test_every_link_between_pages_leads_to_one(pages):
    assert {page.name: broken for page in pages.rglob("*.md") if (broken := broken_links(page))} == {}


def test_what_is_linked_outside_docs_becomes_a_page(pages):
    guide = (pages / "adding-a-family.md").read_text()

    assert "repository/examples/plugin/moire.py.md" in links(guide)
    assert 'name: ClassVar[str] = "moire"' in (pages / "repository/examples/plugin/moire.py.md").read_text()
    assert "moire.py.md" in links((pages / "repository/examples/plugin/index.md").read_text())


def test_links_are_what_is_no_code():
    text = "[a](one.md) `[b](two.md)`\n```\n[c](three.md)\n```\n![d](four.jpg) [`e`](five.md#six)\n"

    assert list(links(text)) == ["one.md", "four.jpg", "five.md#six"]
    assert with_links(text, str.upper).count(".MD") == 2
    assert list(links(with_links(text, lambda link: link))) == list(links(text))


def test_headings_are_named_as_github_names_them():
    text = (
        "# `smooth:` a given Total Variation\n## A *b*, c\n### [A b](x.md), c\n```\n# no\n```\n<a id='x'></a>"
    )
    text = text.replace("'", '"')

    assert anchors(text) == {"smooth-a-given-total-variation", "a-b-c", "a-b-c-1", "x"}


def test_lists_in_lists_are_indented_by_four():
    text = "- a\n  b\n  - c\n    d\n\n```\n  e\n```\n"

    assert with_deep_lists(text) == "- a\n    b\n    - c\n        d\n\n```\n  e\n```\n"


def test_links_that_show_a_file_show_its_heading(pages):
    assert "[Long runs](../training-runs.md)" in (pages / "how-to/pretrain-on-gpus.md").read_text()


def test_a_link_to_a_heading_that_is_not_there_is_found(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(
        "# One\n[a](#one) [b](#two) [c](page.md#one) [d](page.md#two) [e](none.md) [f](https://a.b)"
    )

    assert broken_links(page) == ["#two", "page.md#two", "none.md"]


def test_the_reference_has_every_command_and_every_public_name(pages):
    for name, program in PROGRAMS.items():
        headings = anchors((pages / f"reference/{name}-commands.md").read_text())
        assert {f"{name}-{command.replace(' ', '-')}" for command in program.COMMANDS} <= headings
    for library in LIBRARIES:
        text = (pages / f"reference/{library.__name__}-python.md").read_text()
        public = {name for name in library.__all__ if name not in ("__version__", "families")}
        assert {name for name in public if f"\n## {name}\n" not in text} == set()


def test_the_gallery_measures_what_it_shows(pages):
    page = (pages / "gallery/perlin.md").read_text()
    tv = total_variation(family("perlin?frequency=32").draw(range(8), 128).pixels).tv

    assert "### `perlin?frequency=32`" in page
    assert drawn.quartiles(tv.round(4), 3) in page
    index = (pages / "gallery/index.md").read_text()
    assert index.count("<figure") == 2 + len(VARIANTS["perlin"]) + len(VARIANTS["smooth"])


def test_a_family_that_cannot_be_drawn_has_its_page(tmp_path):
    write_gallery(tmp_path, ("feature-vis-dead-leaves",), library=False)

    assert "[feature-vis-dead-leaves](feature-vis-dead-leaves.md)" in (tmp_path / "index.md").read_text()
    assert "needs a trained network" in (tmp_path / "feature-vis-dead-leaves.md").read_text()


def test_every_setting_of_the_gallery_can_be_made():
    assert set(VARIANTS) <= set(known_families())
    for name, variants in VARIANTS.items():
        for one in variants:
            assert family(f"{name}{one}" if one[0] == ":" else f"{name}?{one}")
