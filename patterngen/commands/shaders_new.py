"""``patterngen shaders new``: programs that the shader grammar writes."""

from dataclasses import dataclass

from patterngen.escape import visible
from patterngen.limits import MAX_NEW_SHADERS, MAX_SEED, check_range
from patterngen.shaders.grammar import write_program
from patterngen.storage.files import write_atomic
from patterngen.storage.places import local_folder
from patterngen.terminal import print_report


@dataclass(frozen=True, kw_only=True)
class ShadersNewConfig:
    """Which programs to write."""

    seed: int = 0
    """Seed of the first program; the following ones count up. `shader-grammar` draws with 0 … 20999."""
    count: int = 1
    """How many programs."""
    out: str | None = None
    """The folder to write them into, each as SEED.glsl; without it, they are printed."""
    json: bool = False
    """Print JSON instead of text."""

    def __post_init__(self) -> None:
        check_range("count", self.count, 1, MAX_NEW_SHADERS)
        check_range("seed", self.seed, 0, MAX_SEED - self.count + 1)


@dataclass(frozen=True)
class NewShaders:
    """Programs that were written."""

    seeds: range
    out: str | None
    """Folder of the programs, or None for those that are printed."""
    sources: tuple[str, ...]
    """The texts of those that are printed."""

    def to_json(self) -> dict[str, object]:
        """Return seeds with the folder or the texts."""
        where = {"sources": list(self.sources)} if self.out is None else {"out": self.out}
        return {"seeds": list(self.seeds), **where}

    def __str__(self) -> str:
        if self.out is None:
            return "\n".join(self.sources).removesuffix("\n")
        out = visible(self.out)
        return f"{out}: {len(self.seeds)} programs; `patterngen shaders check {out}` measures them"


def run(config: ShadersNewConfig) -> None:
    """Write fragment programs from seeds, as the family shader-grammar draws with them."""
    print_report(new_shaders(config), json=config.json)


def new_shaders(config: ShadersNewConfig) -> NewShaders:
    """Write programs.

    Raises:
        PatternGenError: the folder is no local one.
        OSError: it cannot be written.
    """
    seeds = range(config.seed, config.seed + config.count)
    if config.out is None:
        return NewShaders(seeds, None, tuple(map(write_program, seeds)))
    folder = local_folder(config.out)
    folder.mkdir(parents=True, exist_ok=True)
    for seed in seeds:
        write_atomic(folder / f"{seed}.glsl", write_program(seed).encode())
    return NewShaders(seeds, config.out, ())
