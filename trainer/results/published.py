"""Scores that others have published, to stand beside ours: ``published.csv``."""

import csv
from dataclasses import dataclass
from pathlib import Path

NINE = ("esc50", "us8k", "spcv2", "vc1", "voxforge", "cremad", "gtzan", "nsynth", "surge")
"""The linear probes of M2D (Niizumi et al., 2023), whose average is published."""
MARK = "†"


@dataclass(frozen=True)
class PublishedScore:
    """One published score.

    Attributes:
        method: name of the encoder, as the authors have it.
        task: name of one of our tasks, or ``nine``: the average of `NINE`.
        protocol: ``linear`` or ``finetune``; theirs differ from ours in detail.
        metric: ``accuracy`` or ``mAP``.
        score: a number in [0, 1].
        source: the paper that describes the method.
    """

    method: str
    task: str
    protocol: str
    metric: str
    score: float
    source: str


def published_scores() -> tuple[PublishedScore, ...]:
    """Read the published scores that come with the package."""
    with Path(__file__).with_name("published.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return tuple(PublishedScore(**row | {"score": float(row["score"]) / 100}) for row in rows)  # type: ignore[arg-type]
