"""The YAML file of a study, read into a plan."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, TypeVar

from patterngen import PatternGenError
from patterngen.common.config import MAX_BYTES, Dataclass, fit_values, required_fields
from patterngen.common.yaml_text import parse_yaml
from patterngen.errors import unknown_name
from patterngen.storage.texts import read_text
from trainer.errors import TrainerError
from trainer.pretraining.config import PretrainConfig
from trainer.study.grid import combinations, name_of
from trainer.study.plan import (
    Analysis,
    Halving,
    Plan,
    StudyDataset,
    StudyRun,
    StudyTask,
    encoder_name,
    folder_of,
)
from trainer.transfer.finetune import FinetuneConfig
from trainer.transfer.probe_config import ProbeConfig

_KEYS = {
    "question": str,
    "published": list,
    "datasets": dict,
    "pretrain": dict,
    "recipes": dict,
    "seeds": list,
    "tasks": dict,
    "probe": dict,
    "finetune": dict,
    "analyses": dict,
    "halving": dict,
    "pictures": int,
}
"""Keys of the file, and the types of their values."""
_OF_DATASETS = tuple(each.name for each in fields(StudyDataset) if each.name != "group")
_NOT_OF_RECIPES = {
    **dict.fromkeys(_OF_DATASETS, "say it of a dataset"),
    **dict.fromkeys(("out", "resume", "stop_at"), "the study sees to it"),
    "seed": "give seeds: [0, 1, …]",
}
_NOT_OF_TASKS = {
    **dict.fromkeys(("task", "root"), "say it of a task"),
    **dict.fromkeys(("out", "run", "json", "device"), "the study sees to it"),
}
_DIAL = re.compile(r"\{(\w+)\}")
D = TypeVar("D", bound=Dataclass)


@dataclass(frozen=True)
class _Recipe:
    """One recipe: its settings, and those of them that vary."""

    settings: Mapping[str, Any]
    varied: Mapping[str, Any]


def read_study(
    path: str | Path, out: str | Path, *, roots: Mapping[str, str] | None = None, device: str = "auto"
) -> Plan:
    """Read a study.

    Args:
        path: its file, or URL.
        out: folder of the study, below which its runs lie.
        roots: folders of the tasks' clips, by the tasks' names; they win over the file's.
        device: to compute on.

    Raises:
        PatternGenError: no such file, no YAML, an unknown key, a value that cannot be, a grid of nothing, or
            two cells of one name. The message names the file and the place in it.
    """
    values = _values(path)
    where = str(path)
    datasets = _datasets(values["datasets"], where)
    recipes = _recipes(values["recipes"] or {"plain": {}}, values["pretrain"], where)
    seeds = values["seeds"] or [0]
    if not all(type(seed) is int for seed in seeds) or len({*seeds}) < len(seeds):
        raise TrainerError(f"{where}: seeds must be whole numbers, each once, got {seeds}")
    runs = [
        _run(name, data, recipe, settings, seed, out=Path(out), device=device, where=where)
        for seed in seeds  # a study that is stopped has one seed of everything first
        for recipe, settings in recipes.items()
        for name, data in datasets.items()
    ]
    tasks = _tasks(values["tasks"], roots or {}, where)
    _check_settings(values["probe"], ProbeConfig, "probe", where)
    if values["finetune"] is not None:
        _check_settings(values["finetune"], FinetuneConfig, "finetune", where)
    analyses = {
        name: _made(Analysis, given, f"{where}: analyses.{name}")
        for name, given in values["analyses"].items()
    }
    halving = values["halving"]
    definition = {name: value for name, value in values.items() if name not in ("question", "published")}
    definition["tasks"] = {name: {"task": task.task} for name, task in tasks.items()}
    try:
        plan = Plan(
            title=Path(path).stem,
            definition=definition,
            runs=runs,
            tasks=tasks,
            probe=values["probe"],
            finetune=values["finetune"],
            analyses=analyses,
            pictures=values["pictures"],
            halving=_made(Halving, halving, f"{where}: halving") if halving is not None else None,
            question=values["question"],
            published=tuple(map(str, values["published"])),
        )
    except TrainerError as error:
        raise TrainerError(f"{where}: {error}") from None
    _check_halving(plan, recipes, where)
    return plan


def _values(path: str | Path) -> dict[str, Any]:
    """Read the file's values, each of its type, and what is not there as nothing."""
    try:
        text = read_text(str(path), MAX_BYTES)
    except OSError as error:
        raise TrainerError(f"{path}: {error.strerror}; give the YAML file of a study") from None
    except ValueError as error:
        raise TrainerError(f"{path}: is not the YAML file of a study: {error}") from None
    found = parse_yaml(text, str(path))
    if not isinstance(found, Mapping):
        raise TrainerError(f"{path}: expected `datasets:` and other keys of a study")
    for key, value in found.items():
        if key not in _KEYS:
            raise TrainerError(f"{path}: {unknown_name('key', str(key), _KEYS, 'trainer study --help')}")
        if value is not None and (not isinstance(value, _KEYS[key]) or isinstance(value, bool)):
            raise TrainerError(f"{path}: {key} must be a {_KEYS[key].__name__}, got {str(value)[:60]!r}")
    empty = {"question": "", "finetune": None, "halving": None, "pictures": 256}
    values = {
        key: empty.get(key, kind()) if found.get(key) is None else found[key] for key, kind in _KEYS.items()
    }
    if "finetune" in found and found["finetune"] is None:  # `finetune:` alone asks for it as it is
        values["finetune"] = {}
    if values["pictures"] < 0:
        raise TrainerError(f"{path}: pictures = {values['pictures']} must be at least 0")
    return values


def _datasets(given: Mapping[str, Any], where: str) -> dict[str, StudyDataset]:
    found: dict[str, StudyDataset] = {}
    for name, settings in given.items():
        place = f"{where}: datasets.{name}"
        plain, over = _without_over(settings, place)
        for values in combinations(over, place):
            full = f"{name},{name_of(values)}" if values else str(name)
            found[full] = _made(StudyDataset, _turned(plain, values, place), place)
    return found


def _turned(settings: Mapping[str, Any], dials: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Put the values of dials where ``{dial}`` stands in the texts of a dataset."""
    used: set[str] = set()

    def put(value: Any) -> Any:
        if isinstance(value, list):
            return [put(item) for item in value]
        if not isinstance(value, str):
            return value
        used.update(name for name in _DIAL.findall(value) if name in dials)
        return _DIAL.sub(lambda mark: str(dials.get(mark[1], mark[0])), value)

    turned = {name: put(value) for name, value in settings.items()}
    if unused := [name for name in dials if name not in used]:
        raise TrainerError(f"{where}: over: {unused[0]} turns nothing; write {{{unused[0]}}} where it stands")
    return turned


def _recipes(given: Mapping[str, Any], common: Mapping[str, Any], where: str) -> dict[str, _Recipe]:
    found: dict[str, _Recipe] = {}
    for name, settings in given.items():
        place = f"{where}: recipes.{name}"
        plain, over = _without_over(settings, place)
        for settings_, of in ((common, f"{where}: pretrain"), (plain, place), (over, f"{place}.over")):
            _refuse(settings_, _NOT_OF_RECIPES, of)
        for values in combinations(over, place):
            full = f"{name},{name_of(values)}" if values else str(name)
            settings_ = fit_values({**common, **plain, **values}, PretrainConfig, place)
            if full in found:
                raise TrainerError(f"{where}: two recipes are named {full!r}: rename one")
            found[full] = _Recipe(settings_, {key: settings_[key] for key in (*plain, *values)})
    return found


def _run(
    name: str,
    data: StudyDataset,
    recipe: str,
    settings: _Recipe,
    seed: int,
    *,
    out: Path,
    device: str,
    where: str,
) -> StudyRun:
    folder = folder_of(name, recipe, seed)
    own = {each: getattr(data, each) for each in _OF_DATASETS}
    try:
        config = PretrainConfig(
            **own
            | {"show_every": 0, "device": device}
            | dict(settings.settings)
            | {"out": str(out / "runs" / folder), "seed": seed}
        )
    except PatternGenError as error:
        raise TrainerError(f"{where}: {name}, {recipe}: {error}") from None
    return StudyRun(
        dataset=name,
        group=data.group,
        recipe=recipe,
        varied=settings.varied,
        config=config,
        name=encoder_name(folder),
    )


def _tasks(given: Mapping[str, Any], roots: Mapping[str, str], where: str) -> dict[str, StudyTask]:
    for name in roots:
        if name not in given:
            raise unknown_name("task of this study", name, given, where)
    found = {}
    for name, settings in given.items():
        task = _made(StudyTask, settings, f"{where}: tasks.{name}")
        found[str(name)] = task = replace(task, root=roots.get(name, task.root))
        if name == "average":
            raise TrainerError(f"{where}: tasks.average: is the name of the mean over tasks; rename it")
        if not task.root:
            raise TrainerError(
                f"{where}: tasks.{name}: give the folder of its clips, --root {name}=FOLDER or root: here"
            )
    return found


def _check_settings(settings: Mapping[str, Any], cls: type[Dataclass], key: str, where: str) -> None:
    """Refuse settings of probes or fine-tunings that cannot work, before anything is computed."""
    _refuse(settings, _NOT_OF_TASKS, f"{where}: {key}")
    _made(cls, {**settings, "task": "tones", "root": "."}, f"{where}: {key}")


def _check_halving(plan: Plan, recipes: Mapping[str, Any], where: str) -> None:
    if plan.halving is None:
        return
    for name in plan.halving.recipes:
        if name not in recipes:
            raise TrainerError(f"{where}: halving: {unknown_name('recipe', name, recipes, where)}")
    if plan.halving.task not in plan.tasks:
        raise TrainerError(f"{where}: halving: {unknown_name('task', plan.halving.task, plan.tasks, where)}")


def _without_over(settings: Any, where: str) -> tuple[dict[str, Any], dict[str, Sequence[Any]]]:
    """Divide what ``over`` varies from the other settings of a dataset or recipe."""
    if settings is None:
        settings = {}
    if not isinstance(settings, Mapping):
        raise TrainerError(f"{where}: expected `setting: value` lines, got {str(settings)[:60]!r}")
    over = settings.get("over") or {}
    if not isinstance(over, Mapping) or not all(isinstance(values, list) for values in over.values()):
        raise TrainerError(f"{where}: over must name settings, each with a list of values")
    return {name: value for name, value in settings.items() if name != "over"}, dict(over)


def _refuse(settings: Mapping[str, Any], refused: Mapping[str, str], where: str) -> None:
    for name in settings:
        if name in refused:
            raise TrainerError(f"{where}: {name} has no place here: {refused[name]}")


def _made(cls: type[D], settings: Any, where: str) -> D:
    """Make a dataclass of the settings, or say where they do not fit."""
    fitted = fit_values(settings if settings is not None else {}, cls, where)
    if missing := [name for name in required_fields(cls) if name not in fitted]:
        raise TrainerError(f"{where}: {', '.join(missing)} must be given")
    try:
        return cls(**fitted)
    except PatternGenError as error:
        raise TrainerError(f"{where}: {error}") from None
