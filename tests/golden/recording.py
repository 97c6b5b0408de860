"""What the two programs make, in digests and numbers, by commands and families alone, which outlive names.

``python -m tests.golden.recording`` writes it down anew, which only a change that is meant to draw or learn
otherwise may do. ``python -m tests.golden.recording rendered`` adds what another renderer makes, on a machine
that has it, of the families whose pictures depend on one; nothing that was written down changes.
"""

import contextlib
import hashlib
import json
import platform
import sys
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile

from patterngen import Family, PatternGenError, cli, family, known_families

RECORDED = Path(__file__).with_name("recorded.json")
SIZES = {"everywhere": (32, 61, 128), "per renderer": (16, 32, 64)}
"""Height and width of the pictures in pixels; networks draw powers of two alone."""
CHEAP = {"feature-vis-random": "feature-vis-random?steps=1&model=resnet18"}
SEEDS = range(8)
FORMATS = (1, 2)
ENCODINGS = ("jpg", "png", "webp")


def digest(*contents: bytes) -> str:
    """SHA-256 of contents one after the other."""
    return hashlib.sha256(b"".join(contents)).hexdigest()


def drawer(name: str) -> Family:
    """Return a family, with fewer steps where its defaults take minutes."""
    return family(CHEAP.get(name, name))


def pictures(name: str) -> dict[str, str]:
    """Draw eight pictures of a family in each size: a digest of pixels, parameters and classes, by size."""
    draws, found = drawer(name), {}
    for size in SIZES[draws.repeats]:
        drawn = draws.draw(SEEDS, size)
        facts = json.dumps([drawn.params, drawn.class_id.tolist()])
        found[str(size)] = digest(drawn.pixels.tobytes(), facts.encode())
    return found


def names(repeats: str) -> list[str]:
    """Return the families whose equal seeds give equal pictures everywhere, or per renderer.

    Those are left out that need a file of the user's, or what is not installed.
    """
    found = []
    for name, cls in known_families().items():
        with contextlib.suppress(PatternGenError):
            if cls.repeats == repeats and family(name).renderer:
                found.append(name)
    return found


def shards(folder: Path, version: int, encoding: str) -> dict[str, str]:
    """Render two shards: a digest of their members but for pictures, whose bytes are those of a library."""
    render(
        folder, ["perlin", "dead-leaves-mixed=2"], count=12, size=24, seed=5, samples_per_shard=7,
        encode_format=encoding, format_version=version,
    )  # fmt: skip
    told = {}
    for path in sorted(folder.glob("*.tar")):
        with tarfile.open(path) as tar:
            texts = [
                member.name.encode() + tar.extractfile(member).read()
                for member in tar
                if not member.name.endswith(ENCODINGS)
            ]
        told[path.name] = digest(*texts)
    return told


def machine() -> str:
    """Return what decides the last bits of what torch computes here."""
    import torch

    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    parts = (platform.machine(), model, torch.backends.cpu.get_cpu_capability(), f"torch {torch.__version__}")
    return ", ".join(parts)


def learning(place: Path) -> dict[str, list[float]]:
    """Pre-train for 50 steps and probe the encoder on four kinds of tone: every loss, every fold's score."""
    import pyarrow.parquet as pq

    from trainer import cli as trainer

    patterns, run_folder, sounds = place / "set", place / "run", place / "sounds"
    render(patterns, ["perlin"], count=96, size=32, samples_per_shard=48)
    words = ["pretrain", "--data", patterns, "--out", run_folder, "--steps", 50, "--batch-size", 8]
    words += ["--image-size", 32, "--patch-size", 8, "--decoder-dim", 32, "--decoder-depth", 1]
    words += ["--mirror", "--log-every", 1, "--warmup", 0.1, "--precision", "float32"]
    words += ["--device", "cpu", "--workers", 0]
    run(trainer.main, words)
    losses = [json.loads(line)["loss"] for line in (run_folder / "metrics.jsonl").read_text().splitlines()]
    tones(sounds)
    words = ["transfer", "probe", "--task", "csv", "--root", sounds, "--run", run_folder]
    words += ["--positions", "interpolate", "--seeds", 2, "--precision", "float32", "--device", "cpu"]
    run(trainer.main, [*words, "--out", place / "probe"])
    rows = pq.read_table(place / "probe" / "results.parquet").to_pylist()
    rows.sort(key=lambda row: (row["encoder"], row["seed"], row["fold"]))
    return {"losses": losses, "scores": [row["score"] for row in rows]}


def tones(folder: Path) -> None:
    """Write 96 clips of a second: tones of four pitches in noise, in two folds."""
    rng, rate, lines = np.random.default_rng(7), 8000, ["file_name,label,fold"]
    folder.mkdir()
    for i in range(96):
        pitch = 300 * 1.6 ** (i % 4) * rng.uniform(0.85, 1.15)
        wave = 0.1 * np.sin(2 * np.pi * pitch * np.arange(rate) / rate) + 0.1 * rng.standard_normal(rate)
        soundfile.write(folder / f"{i}.wav", wave.astype(np.float32), rate)
        lines.append(f"{i}.wav,{'abcd'[i % 4]},{1 + i // 48}")
    (folder / "metadata.csv").write_text("\n".join(lines) + "\n")


def render(folder: Path, families: list[str], **settings: object) -> None:
    """Render a dataset by a job file, which is read for ever."""
    job = folder.with_suffix(".yaml")
    job.write_text(json.dumps({"family": families, "out": str(folder), **settings}))
    run(cli.main, ["render", "--config", job])


def run(main: Callable[[list[str]], int], words: list[object]) -> None:
    """Run a command that must succeed."""
    code = main([str(word) for word in words])
    assert code == 0, words


def record() -> None:
    """Write down what is made today."""
    import torch

    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        told = {
            "pictures": {name: pictures(name) for name in names("everywhere")},
            "rendered": rendered(),
            "shards": {
                f"{version} {encoding}": shards(place / f"{version}{encoding}", version, encoding)
                for version in FORMATS
                for encoding in ENCODINGS
            },
            "learning": {"machine": machine(), **learning(place)},
        }
    RECORDED.write_text(json.dumps(told, indent=1) + "\n")


def rendered() -> dict[str, dict[str, dict[str, str]]]:
    """Draw what depends on its renderer: digests by family and renderer."""
    return {name: {drawer(name).renderer: pictures(name)} for name in names("per renderer")}


def add_rendered() -> None:
    """Write down what this machine's renderers make, beside what others made."""
    import torch

    torch.set_num_threads(1)
    told = json.loads(RECORDED.read_text())
    for name, drawn in rendered().items():
        told["rendered"][name] = drawn | told["rendered"][name]
    RECORDED.write_text(json.dumps(told, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(add_rendered() if sys.argv[1:] == ["rendered"] else record())
