"""``patterngen shaders new``: programs that the shader grammar writes."""

from dataclasses import dataclass

from patterngen.errors import PatternGenError
from patterngen.escape import visible
from patterngen.shaders.grammar import write_program
from patterngen.storage.files import write_atomic
from patterngen.storage.places import local_folder
from patterngen.terminal import print_lines

MOST = 1_000_000


@dataclass(frozen=True, kw_only=True)
class ShadersNewConfig:
    """Which programs to write."""

    seed: int = 0
    """Seed of the first program; the following ones count up. `shader-grammar` draws with 0 … 20999."""
    count: int = 1
    """How many programs."""
    out: str | None = None
    """The folder to write them into, each as SEED.glsl; without it, they are printed."""

    def __post_init__(self) -> None:
        if not 1 <= self.count <= MOST:
            raise PatternGenError(f"count {self.count}: give a number of programs from 1 to {MOST}")
        if not 0 <= self.seed <= 2**63 - self.count:
            raise PatternGenError(f"seed {self.seed}: give a number from 0 to 2^63 - count")


def run(config: ShadersNewConfig) -> None:
    """Write fragment programs from seeds, as the family shader-grammar draws with them."""
    print_lines(new_shaders(config))


def new_shaders(config: ShadersNewConfig) -> str:
    """Write programs; return their text, or a line that says where they are.

    Raises:
        PatternGenError: the folder is no local one.
        OSError: it cannot be written.
    """
    seeds = range(config.seed, config.seed + config.count)
    if config.out is None:
        return "\n".join(map(write_program, seeds)).removesuffix("\n")
    folder = local_folder(config.out)
    folder.mkdir(parents=True, exist_ok=True)
    for seed in seeds:
        write_atomic(folder / f"{seed}.glsl", write_program(seed).encode())
    out = visible(config.out)
    return f"{out}: {config.count} programs; `patterngen shaders check {out}` measures them"
