"""Which part of the runs is whose, where several processes or machines share the folder of a study."""

from dataclasses import dataclass

from patterngen.jobs.partition import Part, part_of


@dataclass(frozen=True, kw_only=True)
class PartConfig:
    """Settings that say it."""

    index: int | None = None
    """Do only part I of the runs, 0 … N − 1, of --count N. Unless given, a Slurm array's SLURM_ARRAY_TASK_ID
    and _COUNT say so, or torchrun's RANK and WORLD_SIZE."""
    count: int | None = None
    """How many parts there are."""

    @property
    def part(self) -> Part:
        """The part of this process, as the flags say, or else the environment.

        Raises:
            PatternGenError: they say half of it, or what cannot be.
        """
        return part_of(self.index, self.count, flag="")
