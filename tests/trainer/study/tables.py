"""Tables of studies that were never made, whose truth is known."""

import numpy as np

from trainer.pretraining.config import PretrainConfig
from trainer.study.plan import Plan, StudyRun, StudyTask, encoder_name, folder_of
from trainer.study.table import Row

SETS = tuple(f"set{number:02d}" for number in range(17))


def scores_of(x, effect, noise, rng):
    """Scores that fall or rise with x, and a luck of their own."""
    x = np.asarray(x)
    return 0.5 + effect * (x - x.mean()) / x.std() + noise * rng.standard_normal(len(x))


def constructed(effects, *, seeds=(0,), noise=0.01, draw=0, recipes=("plain",), groups=("",), **changed):
    """A table of 17 datasets: on each task the score moves by that task's effect per deviation of TV.

    Effects may also be by seed: (0.05, −0.05).
    """
    rng = np.random.default_rng(draw)
    tv = rng.uniform(0.01, 0.3, len(SETS))
    others = {name: rng.uniform(0, 1, len(SETS)) for name in ("zlib_bpp", "slope", "brightness", "contrast")}
    rows = []
    for task, effect in effects.items():
        rows.append(
            Row(state="done", task=task, protocol="linear", encoder="random", score=0.4, recipe="plain")
        )
        for recipe in recipes:
            for place, seed in enumerate(seeds):
                own = effect[place] if isinstance(effect, tuple) else effect
                for number, score in enumerate(scores_of(tv, own, noise, rng)):
                    rows.append(
                        Row(
                            **{
                                "state": "done",
                                "dataset": SETS[number],
                                "group": groups[number % len(groups)],
                                "recipe": recipe,
                                "seed": seed,
                                "task": task,
                                "protocol": "linear",
                                "encoder": encoder_name(folder_of(SETS[number], recipe, seed)),
                                "score": float(score),
                                "low": float(score) - 0.02,
                                "high": float(score) + 0.02,
                                "valid_score": float(score),
                                "gain": float(score) - 0.4,
                                "folds": 5,
                                "of_folds": 5,
                                "clips": 100,
                                "tv": float(tv[number]),
                                "tv_iso": float(tv[number]) / 1.2,
                                "tv_rgb": float(tv[number]) * 1.1,
                                "classes": 1,
                                "pictures": 8,
                                "loss": 0.5,
                                "share_of_mean": 0.6,
                                "steps": 100,
                                "images": 400,
                                "train_seconds": 60.0,
                                "test_seconds": 6.0,
                                "protocol_sha256": "ab" * 32,
                            }
                            | {name: float(values[number]) for name, values in others.items()}
                            | changed
                        )
                    )
    return rows


def plan_of(rows, analyses, out, **more):
    """The plan that a constructed table would be of."""
    keys = dict.fromkeys((row.dataset, row.recipe, row.seed, row.group) for row in rows if row.dataset)
    runs = [
        StudyRun(
            dataset=dataset,
            group=group,
            recipe=recipe,
            varied={},
            config=PretrainConfig(draw=(dataset,), steps=1, seed=seed, out=str(out / folder)),
            name=encoder_name(folder),
        )
        for dataset, recipe, seed, group in keys
        for folder in [folder_of(dataset, recipe, seed)]
    ]
    tasks = {name: StudyTask(task="csv", root=".") for name in dict.fromkeys(r.task for r in rows)}
    return Plan(title="toy", definition={}, runs=runs, tasks=tasks, analyses=analyses, pictures=8, **more)
