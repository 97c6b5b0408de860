"""The report of a study, in Markdown and HTML: every number in it is read from the study's table."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from patterngen.storage.files import write_atomic
from trainer.study.analyses import Finding, findings
from trainer.study.begun import Begun
from trainer.study.halving import NOT_CHOSEN
from trainer.study.pages import Block, Grid, Heading, Items, Paragraph, html_page, markdown_page
from trainer.study.plan import Plan
from trainer.study.report_runs import (
    caveat_of_losses,
    costs,
    dataset_tables,
    halving_table,
    learning_curves,
    over_recipes,
)
from trainer.study.report_scores import against_measures, layer_by_layer, score_tables
from trainer.study.table import DONE, Row, read_table
from trainer.study.wording import estimate_text, number_text, p_text

REPORT = "report"
"""The folder of a report's pictures."""
_LISTED = 40
"""Missing cells that are named."""


def write_report(plan: Plan, out: Path, begun: Begun) -> None:
    """Write ``report.md``, ``report.html`` and their pictures, of what the table holds now."""
    rows, folder = read_table(out), out / REPORT
    folder.mkdir(exist_ok=True)
    blocks = [
        *_opening(plan, rows, begun),
        *_caveats(plan, rows),
        *_answers(plan, rows, begun),
        *score_tables(rows),
        *against_measures(rows, folder),
        *layer_by_layer(rows, folder),
        *over_recipes(rows, folder),
        *halving_table(plan, rows),
        *learning_curves(out, folder),
        *dataset_tables(plan, rows, out),
        *costs(rows),
    ]
    write_atomic(out / "report.md", markdown_page(plan.title, blocks).encode())
    write_atomic(out / "report.html", html_page(plan.title, blocks, out).encode())


def _opening(plan: Plan, rows: Sequence[Row], begun: Begun) -> list[Block]:
    runs = {row.run for row in rows if not row.is_baseline}
    done = {row.run for row in rows if not row.is_baseline and row.state == DONE}
    blocks: list[Block] = [Paragraph(plan.question)] if plan.question else []
    datasets, recipes, seeds = (len({run[place] for run in runs}) for place in range(3))
    blocks.append(
        Paragraph(
            f"Begun {begun.when}. Datasets: {datasets}; recipes: {recipes}; seeds of pre-training: {seeds}; "
            f"runs: {len(runs)}, of which {len(done)} are done; tasks: {', '.join(plan.tasks) or 'none'}."
        )
    )
    if plan.published:
        blocks += [
            Paragraph("What others have published, marked †:"),
            Items([f"† {x}" for x in plan.published]),
        ]
    if chosen := sum(row.state == NOT_CHOSEN for row in rows):
        blocks.append(Paragraph(f"{chosen} cells were not made: the halving did not choose their datasets."))
    missing = [row for row in rows if row.state not in (DONE, NOT_CHOSEN)]
    if missing:
        blocks += [
            Heading("Missing"),
            Paragraph(
                f"{len(missing)} of {len(rows)} cells are missing; all that follows is of the others alone."
            ),
            Items([_cell(row) for row in missing[:_LISTED]]),
        ]
        if len(missing) > _LISTED:
            blocks.append(Paragraph(f"… and {len(missing) - _LISTED} more; table.csv names them."))
    return blocks


def _cell(row: Row) -> str:
    where = f", {row.task}, {row.protocol}" if row.task else ""
    return f"{row.dataset}, {row.recipe}, seed {row.seed}{where}: {row.state}"


def _caveats(plan: Plan, rows: Sequence[Row]) -> list[Block]:
    ours = [row for row in rows if not row.is_baseline]
    scored = [row for row in ours if row.state == DONE and row.task]
    seeds = {row.seed for row in ours}
    lines = []
    if scored:
        digests: dict[str, set[str]] = {}
        for row in scored:
            digests.setdefault(row.protocol, set()).add(row.protocol_sha256[:8])
        named = "; ".join(f"{name} ({', '.join(sorted(found))})" for name, found in digests.items())
        lines.append(f"Protocols, each with the digest of its frozen settings: {named}.")
        if several := [name for name, found in digests.items() if len(found) > 1]:
            lines.append(f"Of {', '.join(several)} there are several digests: those scores do not compare.")
        if parts := sorted({row.task for row in scored if row.folds < row.of_folds}):
            lines.append(f"Not of all folds: {', '.join(parts)}.")
    budgets = Counter(row.images for row in ours if row.images)
    if len(budgets) > 1:
        lines.append(
            f"Budgets are unequal: from {min(budgets)} to {max(budgets)} pictures seen in a pre-training."
        )
    elif budgets:
        lines.append(
            f"Every pre-training saw {next(iter(budgets))} pictures; a longer one may say otherwise."
        )
    if len(seeds) == 1:
        lines.append(
            f"One seed of pre-training ({next(iter(seeds))}): its luck is in every score and in no interval."
        )
    else:
        lines.append(f"{len(seeds)} seeds of pre-training; what they disagree on is called so below.")
    lines.append(
        "Intervals of scores are over groups of test clips; those of correlations over datasets (or pairs), "
        "as if these were drawn at random from all that there might be. Both are of 95 %."
    )
    if plan.pictures and ours:
        counts = {row.pictures for row in ours if row.pictures}
        lines.append(
            f"Measures are means over the first {', '.join(map(str, sorted(counts))) or 'no'} pictures of a "
            "dataset, as the encoder is given them: cropped to its input, decoded if they were stored."
        )
    lines.append(caveat_of_losses(rows))
    return [Heading("What to keep in mind"), Items(lines)]


def _answers(plan: Plan, rows: Sequence[Row], begun: Begun) -> list[Block]:
    added = begun.added.get("analyses", ())
    found = findings(rows, plan.analyses, added)
    before, after = ([each for each in found if each.added is late] for late in (False, True))
    blocks: list[Block] = [Heading("Planned analyses")]
    if not before:
        blocks.append(Paragraph("None was planned: all that follows is description, and proves nothing."))
    else:
        blocks.append(
            Paragraph(
                f"{len(before)} comparisons were planned before the runs; their p-values (of permutations) "
                f"are corrected for {len(before)} by Holm."
            )
        )
        blocks.append(_answer_table(before))
    blocks.append(Heading("Added after the study began"))
    if after:
        blocks.append(
            Paragraph(
                f"{len(after)} comparisons were added after; their p-values are corrected for all "
                f"{len(found)}, and still they were chosen by someone who may have seen scores."
            )
        )
        blocks.append(_answer_table(after))
    others = {part: names for part, names in begun.added.items() if part != "analyses"}
    if others:
        blocks.append(Items([f"{part}: {', '.join(names)}" for part, names in others.items()]))
    if not begun.added:
        blocks.append(Paragraph("Nothing."))
    return blocks


def _answer_table(found: Sequence[Finding]) -> Grid:
    rows = []
    for each in found:
        percent = each.method == "difference"
        seeds = ", ".join(f"{seed}: {number_text(v, percent=percent)}" for seed, v in each.by_seed.items())
        rows.append(
            [
                each.name,
                each.question,
                f"{each.task}, {each.method}",
                each.verdict,
                estimate_text(each.estimate, percent=percent),
                f"{each.estimate.n} of {each.units}",
                p_text(each.estimate.p),
                p_text(each.corrected),
                seeds,
            ]
        )
    columns = ["analysis", "of", "on", "verdict", "value [95 %]", "units", "p", "p, Holm", "by seed"]
    return Grid(columns, rows, names=4)
