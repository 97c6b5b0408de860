"""Parts of a study's report that tell of its runs: recipes, losses, datasets, and what it took."""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import fmean

from trainer.study import figures
from trainer.study.measures import measured_file
from trainer.study.pages import Block, Figure, Grid, Heading, Items, Paragraph
from trainer.study.plan import Plan
from trainer.study.report_scores import MEASURES
from trainer.study.table import DONE, Row, read_curves
from trainer.study.wording import hours_text

LOSS_SETTINGS = (
    *("patch_size", "image_size", "channels", "norm_pix", "keep_mean", "norm_pix_eps", "target", "contrast"),
    *("data", "draw", "keep", "tv_min", "tv_max"),
)
"""Settings that change what is predicted, and with it the unit of the loss."""


def caveat_of_losses(rows: Sequence[Row]) -> str:
    """Say which losses of a study's runs may be compared."""
    varied = {name for row in rows for name in row.settings if name in LOSS_SETTINGS}
    if len({row.dataset for row in rows if not row.is_baseline}) > 1:
        varied.add("dataset")
    if not varied:
        harder = any("mask_ratio" in row.settings for row in rows)
        more = " More hidden patches are harder to predict." if harder else ""
        return f"All runs predict the same thing, so their losses may be compared.{more}"
    return (
        f"Losses of runs that differ in {' or '.join(sorted(varied))} cannot be compared: they predict "
        "different things. A share of the loss of predicting the mean is no verdict either; a score on a "
        "task says more."
    )


def over_recipes(rows: Sequence[Row], folder: Path) -> list[Block]:
    """Lay out scores and losses over what recipes vary."""
    ours = [row for row in rows if not row.is_baseline]
    if len({row.recipe for row in ours}) < 2:
        return []
    several = len({row.dataset for row in ours}) > 1
    axes = list(dict.fromkeys(name for row in ours for name in row.settings))
    plain = not several and all([*row.settings] == axes for row in ours) and len(axes) > 1

    def place(row: Row) -> tuple[str, str]:
        if plain:
            first, *others = (str(row.settings[name]) for name in axes)
            return first, "\n".join(others)
        return row.dataset, row.recipe.replace(",", "\n")

    titles = (axes[0], ", ".join(axes[1:])) if plain else ("dataset", "recipe")
    blocks: list[Block] = [Heading("Recipes")]
    protocol = next((row.protocol for row in ours if row.state == DONE and row.task), "")
    scored = [row for row in ours if row.protocol == protocol and row.state == DONE and row.task]
    parts: tuple[tuple[str, str, Sequence[Row], Callable[[Row], float], bool], ...] = (
        ("score", f"score, %, {protocol}, mean over tasks and seeds", scored, lambda r: 100 * r.score, False),
        ("loss", "loss, as a share of predicting the mean", ours, lambda r: r.share_of_mean, True),
    )
    for name, title, of, value, low_is_good in parts:
        found: dict[tuple[str, str], list[float]] = {}
        for row in of:
            if not math.isnan(value(row)):
                found.setdefault(place(row), []).append(value(row))
        if found:
            means = {key: fmean(values) for key, values in found.items()}
            figures.heat_map(folder / f"{name}.png", means, titles=(*titles, title), low_is_good=low_is_good)
            blocks.append(Figure(f"{folder.name}/{name}.png", f"{title[0].upper()}{title[1:]}."))
    blocks.append(Paragraph(caveat_of_losses(rows) + best_by_validation(rows)))
    return blocks


def best_by_validation(rows: Sequence[Row]) -> str:
    """Say which recipe the validation clips choose, and what the test clips say of it."""
    scored = [row for row in rows if not row.is_baseline and not math.isnan(row.valid_score)]
    protocol = next((row.protocol for row in scored), "")
    own = [row for row in scored if row.protocol == protocol]
    recipes = {row.recipe for row in own}
    datasets = {frozenset(row.dataset for row in own if row.recipe == recipe) for recipe in recipes}
    if len(recipes) < 2 or len(datasets) > 1:  # means over other datasets do not compare
        return ""
    means = {
        recipe: [
            fmean(getattr(row, name) for row in own if row.recipe == recipe)
            for name in ("valid_score", "score")
        ]
        for recipe in recipes
    }
    best = max(sorted(means), key=lambda recipe: means[recipe][0])
    valid, test = means[best]
    return (
        f" Best on validation clips ({protocol}): {best}, at {100 * valid:.1f} %; test clips: "
        f"{100 * test:.1f} %."
    )


def halving_table(plan: Plan, rows: Sequence[Row]) -> list[Block]:
    """Say which datasets went on from each recipe of a halving."""
    if plan.halving is None:
        return []
    lines = []
    for recipe in plan.halving.recipes:
        own = [
            row
            for row in rows
            if row.recipe == recipe
            and row.task == plan.halving.task
            and row.protocol == plan.halving.protocol
            and not math.isnan(row.valid_score)
            and not row.is_baseline
        ]
        for name in dict.fromkeys(row.dataset for row in own):
            valid, test = (
                fmean(getattr(row, column) for row in own if row.dataset == name)
                for column in ("valid_score", "score")
            )
            lines.append([recipe, name, f"{100 * valid:.1f}", f"{100 * test:.1f}"])
    said = "Datasets that each recipe was tried on; validation clips choose who goes on, test clips do not."
    table = Grid(["recipe", "dataset", "valid", "test"], lines, names=2)
    return [Heading("Successive halving"), Paragraph(said), table]


def learning_curves(out: Path, folder: Path) -> list[Block]:
    """Show the losses of all runs."""
    curves = read_curves(out)
    if not curves:
        return []
    figures.learning_curves(folder / "curves.png", curves)
    said = "Loss of every pre-training over its steps."
    return [Heading("Learning curves"), Figure(f"{folder.name}/curves.png", said)]


def dataset_tables(plan: Plan, rows: Sequence[Row], out: Path) -> list[Block]:
    """Tell what was measured of each dataset, how alike those of a group are, and show pictures."""
    seen: dict[str, Row] = {}
    for row in rows:
        if not row.is_baseline and not math.isnan(row.tv):
            seen.setdefault(row.dataset, row)
    if not seen:
        return []
    names = (*MEASURES, "brightness", "contrast")
    lines = [
        [row.dataset, row.group, *(f"{getattr(row, name):.3f}" for name in names), str(row.classes)]
        for row in seen.values()
    ]
    blocks: list[Block] = [
        Heading("Datasets"),
        Grid(["dataset", "group", *names, "classes"], lines, names=2),
    ]
    groups = Counter(row.group for row in seen.values() if row.group)
    matched = []
    for group in (name for name, count in groups.items() if count > 1):
        own = [row for row in seen.values() if row.group == group]
        spans = [
            f"{name} {min(getattr(r, name) for r in own):.3g} … {max(getattr(r, name) for r in own):.3g}"
            for name in ("tv", "zlib_bpp", "slope", "brightness", "contrast", "classes")
        ]
        matched.append(f"{group}: {', '.join(spans)}")
    if matched:
        blocks += [Paragraph("How far datasets of one group are alike:"), Items(matched)]
    shown = set()
    for run in plan.runs:
        sheet = measured_file(out, run.dataset, run.config).with_suffix(".png")
        if sheet.exists() and sheet not in shown:
            shown.add(sheet)
            blocks.append(Figure(sheet.relative_to(out).as_posix(), f"{run.dataset}: its first pictures."))
    return blocks


def costs(rows: Sequence[Row]) -> list[Block]:
    """Tell what the study took."""
    ours = [row for row in rows if not row.is_baseline]
    train = {row.run: row.train_seconds for row in ours if not math.isnan(row.train_seconds)}
    test = sum(row.test_seconds for row in rows if not math.isnan(row.test_seconds))
    lines = []
    for recipe in dict.fromkeys(row.recipe for row in ours):
        own = [seconds for run, seconds in train.items() if run[1] == recipe]
        tests = [r.test_seconds for r in rows if r.recipe == recipe and not math.isnan(r.test_seconds)]
        if own:
            lines.append(
                [
                    recipe,
                    str(len(own)),
                    f"{fmean(own) / 60:.1f}",
                    hours_text(sum(own)),
                    hours_text(sum(tests)),
                ]
            )
    lines.append(["all", str(len(train)), "", hours_text(sum(train.values())), hours_text(test)])
    columns = ["recipe", "runs", "minutes a run", "hours of pre-training", "hours of tests"]
    return [Heading("Costs"), Paragraph("By the clock of the machines that did it:"), Grid(columns, lines)]
