"""A task as a private benchmark of yavih: a folder that names every clip, its class and its split.

The layout is yavih 1.0.0's, schema 2: ``benchmark.yaml``, ``manifest.csv.gz``, ``classes.csv``. Labels are
numbers of ``classes.csv``, and clips are links under numbers of their own, because yavih allows few
characters in names.
"""

import csv
import gzip
import hashlib
import io
import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from patterngen.common.progress import Progress
from patterngen.storage.files import write_atomic
from trainer.errors import TrainerError
from trainer.tasks.contract import Task
from trainer.tasks.evaluators.excerpt import excerpt

ENDINGS = frozenset({".aif", ".aiff", ".flac", ".mp3", ".ogg", ".wav"})
_INFO = ["duration_s", "sample_rate", "n_samples", "channels", "container", "bytes"]


def write_bench(task: Task, folder: Path) -> int:
    """Write a task as a benchmark that yavih takes by its path.

    Args:
        task: the clips; those of several labels need fixed splits.
        folder: new; its name is the benchmark's.

    Returns:
        How many clips are not links to the files but pieces of them, in WAV.

    Raises:
        TrainerError: a name that yavih does not allow, or folds of clips with several labels, for which it
            has no score.
        ClipError: a clip that cannot be read.
    """
    name = folder.name
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise TrainerError(f"--out {folder}: yavih takes names of a-z, 0-9 and _ alone; rename the folder")
    if task.multi_label and task.has_folds:
        raise TrainerError(f"{task.name}: yavih scores no folds of clips with several labels; give it splits")
    clips = folder / "clips"
    clips.mkdir(parents=True, exist_ok=True)
    rows, pieces = [], 0
    with Progress(len(task.clips), unit="clips", label="clips") as progress:
        for i, clip in enumerate(task.clips):
            piece = excerpt(clip.path, task.clip_seconds, ENDINGS)
            file = clips / f"{i:06}{clip.path.suffix.lower() if piece is None else '.wav'}"
            if piece is None:
                file.symlink_to(clip.path.resolve())
            else:
                pieces += 1
                write_atomic(file, piece)
            labels = ";".join(str(task.classes.index(label)) for label in clip.labels)
            part = str(clip.split) if clip.fold is None else str(clip.fold)
            rows.append((f"c{i:06}", labels, part, file.name, clip.path.name, clip.group or ""))
            progress.advance()
    manifest = _csv(("clip_id", "labels", "split", "file", "name", "group"), rows)
    classes = _csv(("index", "name"), enumerate(task.classes))
    write_atomic(folder / "manifest.csv.gz", gzip.compress(manifest, mtime=0))
    write_atomic(folder / "classes.csv", classes)
    sums = [hashlib.sha256(data).hexdigest() for data in (manifest, classes)]
    described = _described(task, name, clips.resolve(), sums, [row[2] for row in rows])
    # What is said last makes it a benchmark: one that was interrupted is none.
    text = json.dumps(described, ensure_ascii=False, indent=2)  # JSON is YAML, too
    write_atomic(folder / "benchmark.yaml", text.encode())
    return pieces


def _csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()


def _described(
    task: Task, name: str, clips: Path, sums: Sequence[str], parts: Sequence[str]
) -> dict[str, Any]:
    """Return the content of ``benchmark.yaml``."""
    counts = {part: parts.count(part) for part in dict.fromkeys(parts)}
    extra = {"type": "str", "role": "extra"}
    return {
        "schema_version": 2,
        "name": name,
        "aliases": [],
        "title": f"{task.name}, a private benchmark",
        "readout": "clf",
        "protocol_version": 1,
        "changelog": [{"version": 1, "date": "2026-01-01", "reason": "first", "invalidates": False}],
        "source": {"kind": "derived", "urls": [], "licence": "that of the clips"},
        "budget": {
            "clips": counts,
            "media_gb": 0.0,
            "extract_min_per_1k_clips_ref": 1.0,
            "probe_minutes_ref": {"clf": 1},
        },
        "manifest": {
            "file": "manifest.csv.gz",
            "sha256": sums[0],
            "classes": "classes.csv",
            "classes_sha256": sums[1],
            "key": "clip_id",
            "label": {
                "column": "labels",
                "kind": "multi" if task.multi_label else "single",
                "sep": ";",
                "class_key": "index",
            },
            "columns": {
                "file": {"type": "str", "role": "media", "stream": "audio"},
                "name": extra,
                "group": extra,
            },
        },
        "splits": {
            "train": [] if task.has_folds else ["train"],
            "eval": [] if task.has_folds else ["test"],
            "folds": [str(fold) for fold in task.fold_names] if task.has_folds else None,
            "unused": ["valid"] if "valid" in counts else [],
            "min_eval_coverage": 1.0,
        },
        "streams": {
            "audio": {"kind": "audio", "media_column": "file", "root": "media_root", "layout": "dir"}
        },
        "targets": None,
        "data": {"roots": {"media_root": {"default": str(clips), "description": "the clips by number"}}},
        "input_contract": {
            "handed_over": {"audio": "the file as stored"},
            "info": {"audio": _INFO},
            "facts": [],
            "materialize": None,
        },
        "output_contract": {
            "shape": "fixed",
            "coordinates": "media",
            "target_frame": None,
            "requires": {"pos": [], "streams": [], "grid": None, "t_bins": None},
        },
        "external": [],
        "protocol": {"clip_seconds": task.clip_seconds, "train_draw": None, "views": "none"},
        "metrics": _metrics(task),
        "readout_params": {},
    }


def _metrics(task: Task) -> dict[str, Any]:
    """Say what yavih reports: the mean over folds, or the score of the test split, each beside its floor."""
    if task.multi_label:
        headline, others, floor, interval = (
            "map",
            ["effective_pos_classes", "n_eval"],
            "map_floor",
            "bootstrap_clip",
        )
    elif task.has_folds:
        others = ["acc_pstd", "acc_per_fold", "n_folds", "n_eval"]
        headline, floor, interval = "acc_mean", "acc_floor", "pooled_binomial"
    else:
        headline, others, floor, interval = "acc", ["n_eval"], "acc_floor", "binomial"
    return {
        "headline": headline,
        "list": [headline, *others],
        "floors": [floor],
        "controls": [],
        "chance": {},
        "ci": {headline: interval},
        "bootstrap": {"samples": 2000, "seed": 0},
        "aggregation": {"over": "folds", "report": ["mean", "pstd", "per_fold"]} if task.has_folds else None,
    }
