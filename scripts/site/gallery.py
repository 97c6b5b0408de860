"""The gallery: a page for each family, one of all shader programs, and one from which to choose."""

import html
import inspect
import re
import shutil
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import numpy as np

from patterngen import PatternGenError, family, known_families
from patterngen.commands.list import FamilyEntry, catalogue
from patterngen.families.shaders import programs_of
from scripts.site.drawn import Strip, draw_strip, quartiles
from scripts.site.stage import ROOT
from scripts.site.variants import SLOW, VARIANTS

COUNT, SIZE = 8, 128
PROGRAM_COUNT, PROGRAM_SIZE = 4, 96
CHOICE = """
<p><label>Total Variation from <input id="tv-low" type="number" min="0" max="2" step="0.01" value="0"></label>
<label>to <input id="tv-high" type="number" min="0" max="2" step="0.01" value="2"></label>
<output id="tv-found" aria-live="polite"></output></p>
"""
SCRIPT = """
<script>
const low = document.getElementById("tv-low"), high = document.getElementById("tv-high");
const figures = [...document.querySelectorAll("figure[data-tv]")];
function choose() {
  for (const one of figures) {
    const tv = Number(one.dataset.tv);
    one.hidden = tv < Number(low.value) || tv > Number(high.value);
  }
  const found = figures.filter((one) => !one.hidden).length;
  document.getElementById("tv-found").value = `${found} of ${figures.length} shown`;
}
low.addEventListener("input", choose);
high.addEventListener("input", choose);
choose();
</script>
"""


def write_gallery(target: Path, names: tuple[str, ...] = (), *, library: bool = True) -> None:
    """Draw what is missing and write the pages into a folder; all families unless some are named."""
    (target / "pictures").mkdir(parents=True, exist_ok=True)
    speeds = _speeds()
    figures, left = [], []
    for entry in catalogue():
        if names and entry.name not in names:
            continue
        more = (one if one[0] == ":" else f"?{one}" for one in VARIANTS.get(entry.name, ()))
        texts = [entry.name, *(f"{entry.name}{one}" for one in more)]
        strips = [draw_strip(text, SLOW.get(entry.name, COUNT), SIZE) for text in texts]
        page = "\n".join(_family_page(target, entry, strips, speeds.get(entry.name, "")))
        (target / f"{entry.name}.md").write_text(page, encoding="utf-8")
        if strips[0].image is None:
            left.append(f"[{entry.name}]({entry.name}.md)")
        shown = [strip for strip in strips if strip.image]
        figures += [(float(np.median(strip.tv)), _figure(target, strip, entry.name)) for strip in shown]
    lines = [
        "# Gallery\n",
        "Every family with its defaults and at several settings, smoothest first. The number is the Total",
        "Variation, how rough the pictures are: the median of those shown.",
        "Shader programs have [their own page](programs.md).\n",
        CHOICE,
        '<div class="gallery">',
        *(figure for _, figure in sorted(figures)),
        "</div>",
        f"\nNot drawn here, for what is said there: {', '.join(left)}.\n" if left else "",
        SCRIPT,
    ]
    (target / "index.md").write_text("\n".join(lines), encoding="utf-8")
    programs = "\n".join(_library_page(target) if library else ["# Shader programs\n"])
    (target / "programs.md").write_text(programs, encoding="utf-8")


def _speeds() -> dict[str, str]:
    """Return the pictures per second of each family, by the page of speeds."""
    table = (ROOT / "docs/speed.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([\w-]+)` \| *([\d.]+) \| *[\d.]+ \| *([\d.]+) \|", table, re.MULTILINE)
    return {name: f"{drawn} drawn, {packed} into shards" for name, drawn, packed in rows}


def _kept(target: Path, strip: Strip) -> str:
    """Copy a strip to the pages; return its address from these."""
    assert strip.image is not None
    shutil.copyfile(strip.image, target / "pictures" / strip.image.name)
    return f"pictures/{strip.image.name}"


def _figure(target: Path, strip: Strip, name: str) -> str:
    middle, text = float(np.median(strip.tv)), html.escape(strip.text)
    image = f'<img loading="lazy" alt="pictures of {text}" src="{_kept(target, strip)}">'
    caption = f"<figcaption><code>{text}</code> {middle:.3f}</figcaption>"
    return f'<figure data-tv="{middle:.4f}"><a href="{name}.html">{image}{caption}</a></figure>'


def _family_page(target: Path, entry: FamilyEntry, strips: list[Strip], speed: str) -> Iterator[str]:
    cls = known_families()[entry.name]
    yield f"# {entry.name}\n\n{entry.summary}\n"
    yield f"| source | {entry.source} |\n|---|---|"
    yield f"| classes | {'needs an encoder' if entry.num_classes is None else entry.num_classes} |"
    yield f"| equal seeds give equal pictures | {entry.repeats} |"
    yield f"| rectangles | {'cut from squares' if entry.draws_rectangles is False else 'drawn as such'} |"
    yield f"| pictures per second of a core, 256 × 256 | {speed or 'not in the [table](../speed.md)'} |"
    yield "| licence | code Apache-2.0; the pictures are CC0 |\n"
    module = inspect.getdoc(inspect.getmodule(cls))
    for text in (module, (inspect.getdoc(cls) or "").partition("\n")[2].strip()):
        if text:
            yield f"````text\n{text}\n````\n"
    yield "## Pictures\n"
    for strip in strips:
        yield f"### `{strip.text}`\n"
        if strip.image is None:
            yield f"Not drawn here: {html.escape(strip.why)}\n"
            continue
        yield f"![{len(strip.seeds)} pictures of {strip.text}]({_kept(target, strip)})\n"
        yield f"Total Variation {quartiles(strip.tv, 3)}, complexity {quartiles(strip.bpp, 2)} bytes a pixel:"
        yield f"median, and between which half of them lie. Seeds: {', '.join(map(str, strip.seeds))}.\n"
        yield f"```\n{_command(strip, entry.name)}\n```\n"
    if entry.settings:
        yield "## Settings\n\n| setting | type | default | range | meaning |\n|---|---|---|---|---|"
        for one in entry.settings:
            cells = (f"`{one.name}`", one.type, f"{one.default}", one.range, one.doc)
            yield f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"


def _command(strip: Strip, name: str) -> str:
    """Write what draws the first picture again; other seeds draw the others."""
    return f"patterngen show '{strip.text}' --seed {strip.seeds[0]} --size {strip.size} --out {name}.png"


def _library_page(target: Path) -> Iterator[str]:
    yield "# Shader programs\n"
    yield "The programs that the family `shaders` draws with, by kind. Pictures are of seeds 0 to 3.\n"
    try:
        programs = programs_of(family("shaders"))
    except (PatternGenError, ImportError) as error:
        yield f"They are not drawn here: {error}"
        return
    told = {name: _told(program.source) for name, program in programs.items()}
    by_kind = sorted(programs, key=lambda name: (told[name][0], name))
    for kind, names in groupby(by_kind, key=lambda name: told[name][0]):
        yield f"\n## {kind}\n"
        for name in names:
            strip = draw_strip(f"shaders?program={name}", PROGRAM_COUNT, PROGRAM_SIZE)
            if strip.image is None:
                continue
            yield f"### {name}\n\n{told[name][1]}\n"
            yield f"![Pictures of {name}]({_kept(target, strip)})\n"
            source = f"[source](../repository/shaders/{name}.glsl.md)"
            yield f"Total Variation {quartiles(strip.tv, 3)}. {source}\n"
            yield f"```\n{_command(strip, name)}\n```\n"


def _told(source: str) -> tuple[str, str]:
    """Return the kind of a program and what it says of itself."""
    kind = re.search(r"^// kind: *(.+)$", source, re.MULTILINE)
    words = re.findall(r"^// (?!SPDX|kind:|[a-z]+:)(.+)$", source, re.MULTILINE)
    return kind[1] if kind else "other", words[0] if words else ""
