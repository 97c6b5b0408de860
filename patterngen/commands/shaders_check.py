"""``patterngen shaders check``: which programs are worth drawing with, and why the others are not."""

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass, replace
from math import isnan
from typing import TYPE_CHECKING, Any, Literal

import tyro

from patterngen.browse.programs import program_entry, programs_page
from patterngen.common.progress import Progress as ProgressBar
from patterngen.common.tables import print_table
from patterngen.errors import PatternGenError
from patterngen.escape import as_text
from patterngen.executors import Progress, Silent
from patterngen.home import expanded
from patterngen.limits import MAX_FRAMES, check_range
from patterngen.shaders.curation import Assessment, Curator, Limits
from patterngen.shaders.language.dialects import check_dialect
from patterngen.shaders.language.folder import look_for_programs
from patterngen.shaders.language.program import Program, programs, read_program
from patterngen.shaders.language.translate import FRAMES, Reading
from patterngen.shaders.render.options import Options, drawing
from patterngen.storage.files import output_file, write_atomic
from patterngen.terminal import print_json, print_line, print_notice

if TYPE_CHECKING:
    from rich.table import Table


@dataclass(frozen=True, kw_only=True)
class ShadersCheckConfig(Limits):
    """Which programs to assess, and by what."""

    path: tyro.conf.Positional[tuple[str, ...]] = ()
    """Programs, and folders of them; without any, the library."""
    out: str | None = None
    """Write the names of those that are kept to this .txt file: `shaders?keep=FILE` draws with them alone."""
    page: str | None = None
    """Show the programs on a page, an HTML file: pictures at several times, measures, notes and source."""
    json: bool = False
    """Print JSON instead of a table."""
    dialect: str = "auto"
    """The dialect of the programs: pattern, shadertoy, classic, geek, geeker, geekest, book, isf; or auto."""
    frames: int = FRAMES
    """Frames that lead to the picture of a program that reads its own last one."""
    isf_inputs: Literal["drawn", "default"] = "drawn"
    """Draw inputs of ISF programs from their ranges, as `shaders` does, or leave them at their defaults."""
    device: str = "auto"
    """What to draw on: auto, cpu, gpu, or gpu:1 for the second GPU."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_dialect(self.dialect)
        Options(self.device, self.shader_budget)  # which checks itself
        if self.out is not None:
            output_file(self.out, ".txt")
        if self.page is not None:
            output_file(self.page, ".html", ".htm")
        check_range("frames", self.frames, 1, MAX_FRAMES)


@dataclass(frozen=True)
class ShadersCheck:
    """What was found of each program."""

    assessments: tuple[Assessment, ...]
    notes: tuple[str, ...] = ()
    """What of the folders is no program."""

    @property
    def kept(self) -> tuple[str, ...]:
        """Names of the programs that are worth drawing with."""
        return tuple(assessment.name for assessment in self.assessments if assessment.kept)

    def __str__(self) -> str:
        return f"{len(self.kept)} of {len(self.assessments)} programs are kept"

    def to_json(self) -> list[dict[str, Any]]:
        """Return what was found of each; what was not measured is NaN."""
        return [{**asdict(assessment), "kept": assessment.kept} for assessment in self.assessments]


def run(config: ShadersCheckConfig) -> int:
    """Judge shader programs by measurement: which are worth drawing with; exits 1 if none is."""
    found = check_shaders(config, lambda total: ProgressBar(total, unit="programs", label="check"))
    for note in found.notes:
        print_notice(note)
    if config.json:
        print_json(found)
    else:
        print_table(check_table(found))
        print_line(found)
    return 0 if found.kept else 1


def check_shaders(
    config: ShadersCheckConfig, progress: Callable[[int], AbstractContextManager[Progress]] | None = None
) -> ShadersCheck:
    """Judge programs, in the order of their names.

    Args:
        config: which, and by what.
        progress: called with the number of programs; gives the context that shows how far it is.

    Raises:
        PatternGenError: no such file or folder, no program in a folder, or there is no OpenGL.
    """
    asked, notes = _asked(config.path)
    reading = Reading(config.dialect, frames=config.frames)  # type: ignore[arg-type]
    curator = Curator(config, reading, config.isf_inputs)
    assessments, entries = [], []
    with (
        drawing(Options(config.device)),
        (progress or (lambda _: nullcontext(Silent())))(len(asked)) as shown,
    ):
        for program in asked:
            probed = curator.probe(program)
            assessments.append(probed.assessment)
            if config.page is not None:
                entries.append(program_entry(program, probed))
            shown.advance(1)
    found = ShadersCheck(tuple(assessments), notes)
    if config.out is not None:
        lines = [f"# {found}", *found.kept, ""]
        write_atomic(output_file(config.out, ".txt"), "\n".join(lines).encode())
    if config.page is not None:
        title = " ".join(config.path) or "shaders"
        text = programs_page(title, str(found), entries, found.notes)
        write_atomic(output_file(config.page, ".html", ".htm"), text.encode())
    return found


def check_table(found: ShadersCheck) -> "Table":
    """Return a rich table: a row per program."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False, highlight=False)
    table.add_column("program", overflow="fold")
    table.add_column("kind", no_wrap=True)
    for name in ("ms", "tv", "contrast", "bytes/pixel"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("result", overflow="fold")
    for assessment in found.assessments:
        numbers = (
            (assessment.ms, ".1f"),
            (assessment.tv, ".4f"),
            (assessment.contrast, ".3f"),
            (assessment.bytes_per_pixel, ".2f"),
        )
        cells = ["" if isnan(number) else format(number, form) for number, form in numbers]
        result = "; ".join([assessment.reason or "kept", *assessment.notes])
        table.add_row(assessment.name, assessment.kind, *cells, result)
    return table


def _asked(paths: tuple[str, ...]) -> tuple[Collection[Program], tuple[str, ...]]:
    """Return the programs asked for, those of a single folder named as `shaders?dir` does, and notes."""
    if not paths:
        return programs().values(), ()
    found: dict[str, Program] = {}
    notes: list[str] = []
    for text in paths:
        path = expanded(text)
        if path.is_dir():
            inside, left_out = look_for_programs(text)
            alone = len(paths) == 1
            for program in inside.values():
                name = program.name if alone else as_text((path / program.name).as_posix())
                found[name] = replace(program, name=name)
            notes += [f"{text}: {note}" for note in left_out.notes]
        elif path.is_file():
            name = as_text(path.as_posix())
            found[name] = read_program(path, name)
        else:
            raise PatternGenError(f"{text}: no such file or folder")
    return found.values(), tuple(notes)
