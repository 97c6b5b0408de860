"""What a study asks and how it will be answered: its runs, its tasks, and the analyses planned beforehand."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from patterngen import PatternGenError
from patterngen.errors import unknown_name
from trainer.errors import TrainerError, check_positive
from trainer.pretraining.config import PretrainConfig
from trainer.results.names import BASELINES
from trainer.study.grid import MOST, fit_for_a_folder

Measured = Literal["tv", "tv_iso", "tv_rgb", "zlib_bpp", "slope"]
"""What is measured of the pictures of a dataset, and may explain a score."""
Method = Literal["pearson", "spearman"]


@dataclass(frozen=True, kw_only=True)
class StudyDataset:
    """Pictures that a study pre-trains on, stored or drawn as they are needed; settings as of `pretrain`."""

    data: tuple[str, ...] = ()
    """Dataset folders or URLs, each perhaps with =WEIGHT."""
    draw: tuple[str, ...] = ()
    """Families to draw instead, or one job's YAML file."""
    keep: str | None = None
    """Keep-list of `patterngen filter`."""
    tv_min: float | None = None
    """Least Total Variation of stored pictures."""
    tv_max: float | None = None
    """Greatest Total Variation of stored pictures."""
    group: str = ""
    """Datasets of one group differ in nothing but a dial; an analysis may look within groups."""


@dataclass(frozen=True, kw_only=True)
class StudyTask:
    """A task that encoders are tested on."""

    task: str
    """Task, as `trainer tasks` lists them."""
    root: str = ""
    """Folder of the clips; unless given, --root NAME=FOLDER says it."""


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """A question to the table, asked before the runs: a correlation, or a comparison of two names."""

    x: str | None = None
    """Correlate this with the score: tv, tv_iso, tv_rgb, zlib_bpp, slope, or a number that recipes vary."""
    y: Literal["score", "gain"] = "score"
    """The score, or the gain: the score less that of untrained weights of the same architecture."""
    method: tuple[Method, ...] = ("spearman",)
    """pearson, spearman: how to correlate. Each is a comparison that counts."""
    given: tuple[Measured, ...] = ()
    """Measures to hold fixed: the correlation is then a partial one."""
    within_groups: bool = False
    """Correlate within groups of datasets alone: what groups differ in is taken off."""
    better: str | None = None
    """Instead of a correlation: the dataset, recipe or group that is expected to score higher …"""
    than: str | None = None
    """The one that it is compared with, in pairs that are alike in everything else."""
    tasks: tuple[str, ...] = ()
    """Tasks to ask of, each a comparison that counts; all if not given. `average` is the mean over all."""
    protocol: str = "linear"
    """Protocol of the scores: linear, knn, "linear (layer 3)", "finetune (last)" …"""
    recipe: str | None = None
    """Ask of the runs of this recipe alone."""
    groups: tuple[str, ...] = ()
    """Ask of the datasets of these groups alone; of all if not given."""

    def __post_init__(self) -> None:
        if (self.x is None) == (self.better is None):
            raise TrainerError("give x, to correlate, or better and than, to compare: one of them")
        if (self.better is None) != (self.than is None):
            raise TrainerError("better and than belong together: give both, or neither")
        if self.x is None and (self.given or self.within_groups):
            raise TrainerError("given and within_groups are of correlations: give x, or leave them out")
        if not self.method:
            raise TrainerError("method is empty: give pearson, spearman or both")


@dataclass(frozen=True, kw_only=True)
class Halving:
    """Successive halving: of the datasets that a recipe was tried on, the best go on to the next recipe."""

    recipes: tuple[str, ...]
    """Recipes in their order, each longer than the one before."""
    task: str
    """Task whose validation clips choose."""
    protocol: str = "linear"
    """Protocol of the validation scores."""
    keep: float = 0.5
    """Share of the datasets that goes on, at least one."""

    def __post_init__(self) -> None:
        check_positive(self, 1, "keep")
        if len(self.recipes) < 2:
            raise TrainerError("halving: recipes must name two or more, the shortest first")


@dataclass(frozen=True, kw_only=True)
class StudyRun:
    """One pre-training of a study.

    Attributes:
        dataset: name of the dataset.
        group: group that the dataset belongs to, or nothing.
        recipe: name of the recipe.
        varied: settings that the recipe varies, by name.
        config: all settings of the run, its folder too.
        name: what results call its encoder.
    """

    dataset: str
    group: str
    recipe: str
    varied: Mapping[str, Any]
    config: PretrainConfig
    name: str

    @property
    def key(self) -> tuple[str, str, int]:
        """Dataset, recipe and seed, which tell the runs of a study apart."""
        return self.dataset, self.recipe, self.config.seed


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A study before it begins.

    Attributes:
        title: name of the study.
        definition: plain values of everything that decides its table, and of the analyses.
        runs: the pre-trainings, in the order in which they are made.
        tasks: tasks to test on, by name.
        probe: settings of the probes.
        finetune: settings of the fine-tunings; None for no fine-tuning.
        analyses: what will be asked of the table, by name.
        pictures: how many pictures of each dataset are measured; 0 measures none.
        halving: how the datasets of later recipes are chosen, if they are.
        question: what is to be found out, for the report.
        published: what others have published on it, for the report.
    """

    title: str
    definition: Mapping[str, Any]
    runs: Sequence[StudyRun]
    tasks: Mapping[str, StudyTask] = field(default_factory=dict)
    probe: Mapping[str, Any] = field(default_factory=dict)
    finetune: Mapping[str, Any] | None = None
    analyses: Mapping[str, Analysis] = field(default_factory=dict)
    pictures: int = 0
    halving: Halving | None = None
    question: str = ""
    published: Sequence[str] = ()

    def __post_init__(self) -> None:
        if not self.runs:
            raise TrainerError("a grid of nothing: give at least one dataset, recipe and seed")
        if len(self.runs) > MOST:
            raise TrainerError(f"{len(self.runs)} runs are more than {MOST}: make several studies of them")
        _check_names(self.runs)
        for name, analysis in self.analyses.items():
            try:
                _check_analysis(analysis, self)
            except PatternGenError as error:
                raise TrainerError(f"analyses.{name}: {error}") from None

    @property
    def protocols(self) -> tuple[str, ...]:
        """First words of the names of the protocols that it has scores by."""
        asked = self.probe.get("protocol", ("linear", "knn"))
        probes = (asked,) if isinstance(asked, str) else tuple(asked)
        return (*probes, "finetune") if self.finetune is not None else probes

    @property
    def kinds(self) -> tuple[str, ...]:
        """What each run is tested by on each task: ``probe``, and ``finetune`` if it is asked for."""
        return ("probe", "finetune") if self.finetune is not None else ("probe",)


def folder_of(dataset: str, recipe: str, seed: int) -> str:
    """Return the name of a run's folder."""
    return fit_for_a_folder(f"{dataset},{recipe},seed={seed}")


def encoder_name(folder: str) -> str:
    """Name an encoder after its folder, without the ``=`` that would divide the name from its path."""
    return folder.replace("=", " ").replace(",", ", ")


def _check_names(runs: Sequence[StudyRun]) -> None:
    seen: dict[str, StudyRun] = {}
    for run in runs:
        if run.name.startswith(BASELINES):
            raise TrainerError(f"{run.name}: begins like a baseline ({', '.join(BASELINES)}); rename it")
        other = seen.setdefault(run.name.casefold(), run)
        if other is not run:
            raise TrainerError(f"two cells are named {run.name!r} (of letters and digits alone): rename one")


def _check_analysis(analysis: Analysis, plan: Plan) -> None:
    """Refuse names that stand for nothing in the study."""
    hint = "trainer study --help"
    for task in analysis.tasks:
        if task not in (*plan.tasks, "average"):
            raise unknown_name("task", task, (*plan.tasks, "average"), hint)
    if analysis.protocol.split()[0] not in plan.protocols:
        raise unknown_name("protocol of this study", analysis.protocol, plan.protocols, hint)
    groups = {run.group for run in plan.runs if run.group}
    for group in analysis.groups:
        if group not in groups:
            raise unknown_name("group", group, groups, hint)
    recipes = {run.recipe for run in plan.runs}
    if analysis.recipe is not None and analysis.recipe not in recipes:
        raise unknown_name("recipe", analysis.recipe, recipes, hint)
    if analysis.x is not None:
        varied = {name for run in plan.runs for name, value in run.varied.items() if is_number(value)}
        if analysis.x not in (*get_args(Measured), *varied):
            raise unknown_name("x", analysis.x, (*get_args(Measured), *varied), hint)
        if plan.pictures == 0 and {analysis.x, *analysis.given} & {*get_args(Measured)}:
            raise TrainerError("pictures = 0 measures none: give pictures, how many to measure")
        return
    names = [recipes, {run.dataset for run in plan.runs}, groups]
    if not any({analysis.better, analysis.than} <= known for known in names):
        known = [name for several in names for name in several]
        missing = next((each for each in (analysis.better, analysis.than) if each not in known), None)
        if missing is not None:
            raise unknown_name("dataset, group or recipe", missing, known, hint)
        raise TrainerError(f"{analysis.better} and {analysis.than} are not both datasets, groups or recipes")


def is_number(value: Any) -> bool:
    """Tell whether a setting's value can be correlated with a score."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
