"""Copy the documents to where the site is built from, and every file of the repository that they link to."""

import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from scripts.site.markdown import is_outside, with_deep_lists, with_links

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
ALSO = (
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "SECURITY.md",
    "shaders/README.md",
    "shaders/*.glsl",
    "encoders/*/README.md",
    "examples/notebooks/*.ipynb",
)
"""What is a page of the site besides `docs/`, whether or not a document links to it."""
NAMED_BY_FILE = re.compile(r"\[(`?[\w/-]+\.md`?)\]\((?![a-z]+:)([^()\s]+)\)")
LANGUAGES = {
    ".glsl": "glsl",
    ".json": "json",
    ".py": "python",
    ".sbatch": "bash",
    ".sh": "bash",
    ".toml": "toml",
    ".yaml": "yaml",
}


def stage(target: Path) -> None:
    """Fill `target` with the pages: those of ``docs/`` at its top, the others below ``repository/``."""
    missing = [*DOCS.rglob("*.*"), *(path for pattern in ALSO for path in ROOT.glob(pattern))]
    done: set[Path] = set()
    target.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(Path(__file__).with_name("site.css"), target / "site.css")
    while missing:
        path = missing.pop()
        if path not in done and not (path.is_dir() and path.is_relative_to(DOCS)):
            done.add(path)
            missing += _write(path, target)


def page_of(path: Path) -> Path:
    """Return where a file of the repository lies among the pages, relative to their folder."""
    if path.is_relative_to(DOCS):
        return path.relative_to(DOCS)
    place = "repository" / path.relative_to(ROOT)
    if path.is_dir():
        return place / "index.md"
    if path.suffix == ".md":  # README.md would become the index of its folder
        return place.with_name(place.name.lower())
    return place.with_name(f"{place.name}.md")


def _write(path: Path, target: Path) -> list[Path]:
    """Write the page of a file or folder; return what it links to."""
    page = target / page_of(path)
    page.parent.mkdir(parents=True, exist_ok=True)
    if path.is_relative_to(DOCS) and path.suffix != ".md":
        shutil.copyfile(path, page)
        return []
    linked: list[Path] = []

    def moved(link: str) -> str:
        name, _, anchor = link.partition("#")
        if is_outside(link) or not name:
            return link
        file = (path.parent / name).resolve()
        linked.append(file)
        to = os.path.relpath(page_of(file), page_of(path).parent)
        return f"{to}#{anchor}" if anchor else to

    if path.suffix == ".md":
        text = with_deep_lists(with_links(_with_titles(path), moved))
    elif path.suffix == ".ipynb":
        text = with_deep_lists(with_links("\n".join(_notebook(path)), moved))
    elif path.is_dir():
        linked = [file for file in sorted(path.iterdir()) if not file.name.startswith(("_", "."))]
        text = "\n".join(_listing(path, linked))
    else:
        text = "\n".join(_source(path))
    page.write_text(text, encoding="utf-8")
    return linked


def _with_titles(document: Path) -> str:
    """Return a document's text, in which links that show a file's name show its heading instead."""

    def titled(match: re.Match[str]) -> str:
        file = document.parent / match[2].partition("#")[0]
        heading = re.search(r"^# (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
        return f"[{heading[1]}]({match[2]})" if heading else match[0]

    return NAMED_BY_FILE.sub(titled, document.read_text(encoding="utf-8"))


def _listing(folder: Path, files: list[Path]) -> Iterator[str]:
    yield f"# {folder.relative_to(ROOT)}\n"
    for file in files:
        yield f"- [{file.name}]({os.path.relpath(page_of(file), page_of(folder).parent)})"


def _notebook(file: Path) -> Iterator[str]:
    """Yield the cells of a notebook, below its title where to find it."""
    first, *cells = json.loads(file.read_text(encoding="utf-8"))["cells"]
    title, *rest = first["source"]
    yield f"{title}\n*A notebook of the repository: `{file.relative_to(ROOT)}`.*\n"
    yield f"{''.join(rest).strip()}\n"
    for cell in cells:
        source = "".join(cell["source"])
        yield f"{source}\n" if cell["cell_type"] == "markdown" else f"```python\n{source}\n```\n"


def _source(file: Path) -> Iterator[str]:
    yield "---\nsearch:\n  exclude: true\n---\n"  # what is found in code would bury what is found in words
    yield f"# {file.relative_to(ROOT)}\n"
    yield f"````{LANGUAGES.get(file.suffix, 'text')}"
    yield f"{file.read_text(encoding='utf-8').rstrip()}\n````\n"
