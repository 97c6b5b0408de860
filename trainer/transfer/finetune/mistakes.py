"""The page of mistakes: clips that were called something else, to look at and to play.

One HTML file with everything in it. It loads nothing and runs nothing: its Content-Security-Policy allows
its own style, pictures and sounds that lie in it, and no script. Labels and file names are shown as text,
whatever they hold.
"""

import base64
import hashlib
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from pathlib import Path

import matplotlib as mpl
import numpy as np
import soundfile
from torch import Tensor

from patterngen.encode import Encoding, encode
from patterngen.escape import as_text
from trainer.sound.audio import read_clip
from trainer.transfer.evaluation import name_in

_SECONDS = 10.0
_RATE = 16_000
_WIDEST = 1024
"""Bounds of what is put into the page for a clip: seconds and hertz of sound, columns of its spectrogram."""


@dataclass(frozen=True)
class Mistake:
    """A clip that was called something else.

    Attributes:
        clip: index of the clip in the task.
        path: the audio file.
        part: the fold or split it was tested in.
        labels: labels of the clip, with the probabilities given to them.
        called: the class it was taken for, and its probability.
        likeliest: the classes found likeliest, with their probabilities.
    """

    clip: int
    path: Path
    part: str
    labels: tuple[tuple[str, float], ...]
    called: tuple[str, float]
    likeliest: tuple[tuple[str, float], ...]


def mistakes_page(
    mistakes: Sequence[Mistake],
    spectrograms: Sequence[Tensor],
    *,
    title: str,
    root: str,
    clip_seconds: float,
    tested: int,
) -> str:
    """Return the page; equal mistakes give equal text.

    Args:
        mistakes: in the order in which they are shown.
        spectrograms: the log-mel [M, F] of each.
        title: says of what.
        root: the folder of the clips; their files are named as they lie in it.
        clip_seconds: how much of a clip is evaluated; the page plays that, or ten seconds.
        tested: how many clips were tested.

    Raises:
        TrainerError: a clip can no longer be read.
    """
    seconds = min(clip_seconds, _SECONDS)
    items = [
        _item(number, mistake, spectrogram, root, seconds)
        for number, (mistake, spectrogram) in enumerate(zip(mistakes, spectrograms, strict=True), start=1)
    ]
    summary = (
        f"The {len(mistakes)} surest mistakes among {tested} tested clips, surest first. In a spectrogram "
        "low frequencies are at the bottom."
        if mistakes
        else f"No mistake among {tested} tested clips."
    )
    style = _read("mistakes.css")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    parts = {
        "policy": f"default-src 'none'; img-src data:; media-src data:; style-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'",
        "style": style,
        "title": text(title),
        "summary": text(summary),
        "mistakes": "\n".join(items),
    }
    # In one pass, so that nothing in the contents is taken for a mark.
    return re.sub(r"\{\{(\w+)\}\}", lambda mark: parts[mark[1]], _read("mistakes.html"))


def _item(number: int, mistake: Mistake, spectrogram: Tensor, root: str, seconds: float) -> str:
    is_, called = (
        " + ".join(f"{text(name)}" for name, _ in labels) for labels in (mistake.labels, [mistake.called])
    )
    sure, file = f"{100 * mistake.called[1]:.0f} %", text(as_text(name_in(root, mistake.path)))
    rows = "".join(
        f'<dt><bdi>{text(name)}</bdi></dt><dd><meter value="{chance:.4f}" aria-hidden="true"></meter></dd>'
        f'<dd class="number">{100 * chance:.0f} %</dd>'
        for name, chance in dict((*mistake.likeliest, *mistake.labels)).items()
    )
    return (
        f'<li><h2>Called <bdi class="called">{called}</bdi> <span class="number">({sure})</span>, is '
        f'<bdi class="is">{is_}</bdi></h2>\n'
        f'<img src="{picture(spectrogram)}" alt="Log-mel spectrogram of mistake {number}">\n'
        f'<audio controls preload="none" aria-label="Mistake {number}: {file}" '
        f'src="{sound(mistake.path, seconds)}"></audio>\n'
        f"<dl>{rows}</dl>\n"
        f'<div class="file"><bdi>{file}</bdi> · {text(mistake.part)}</div></li>'
    )


def text(value: str) -> str:
    """Write anything as text of an HTML file: marks escaped, and control characters by their codes."""
    plain = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in value)
    return escape(plain, quote=True)


def picture(spectrogram: Tensor) -> str:
    """Return a log-mel [M, F] as a PNG, low frequencies at the bottom, in a data URI."""
    values = spectrogram[:, :_WIDEST].flip(0).numpy().astype(np.float64)
    low, high = values.min(), values.max()
    colours = mpl.colormaps["magma"]((values - low) / max(high - low, 1e-6), bytes=True)[..., :3]
    return _data_uri("image/png", encode(np.ascontiguousarray(colours), Encoding(format="png")))


def sound(path: Path, seconds: float) -> str:
    """Return the beginning of a clip as a 16-bit FLAC file, as loud as it can be, in a data URI."""
    waveform = read_clip(path, _RATE, seconds)[: round(seconds * _RATE)]
    loudest = float(np.abs(waveform).max())
    buffer = io.BytesIO()
    soundfile.write(
        buffer, waveform * (0.9 / loudest if loudest else 1.0), _RATE, format="FLAC", subtype="PCM_16"
    )
    return _data_uri("audio/flac", buffer.getvalue())


def _data_uri(kind: str, data: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode('ascii')}"


def _read(name: str) -> str:
    return (files(__package__) / name).read_text("utf-8")
