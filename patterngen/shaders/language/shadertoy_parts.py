"""Programs of Shadertoy in several parts: a common one, buffers A to D, and the image.

They come as the site exports them, in JSON, or as files beside one another. Either way they become one text,
with a line before each part that says what its channels read:

    #pragma pass buffer-a iChannel0=buffer-a,nearest iChannel1=noise

The common part is first, then come the buffers in the order in which they are drawn, and the image.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from patterngen.errors import PatternGenError
from patterngen.shaders.language.glsl import NOISE_SIZE, VOLUME_SIZE
from patterngen.shaders.language.inputs import Inputs
from patterngen.shaders.language.tokens import without_comments

BUFFERS = ("buffer-a", "buffer-b", "buffer-c", "buffer-d")
PARTS = ("common", *BUFFERS, "image")
"""The parts of a program, in the order of its text."""
_HEAD = re.compile(r"\bmainImage\s*\(\s*out\s+(?:\w+\s+)?vec4\s+\w+\s*,\s*(?:in\s+)?(?:\w+\s+)?vec2\s+(\w+)")

PLANES = ("noise", "organic", "black")
SOLIDS = {"cube": "samplerCube", "volume": "sampler3D"}
_SIZES = {
    "noise": f"vec3({NOISE_SIZE}, {NOISE_SIZE}, 1)",
    "volume": f"vec3({VOLUME_SIZE}, {VOLUME_SIZE}, {VOLUME_SIZE})",
    "black": "vec3(1.0)",
}
OPTIONS = ("nearest", "linear", "mipmap", "repeat", "clamp")
"""How a channel is read: between its pixels, and beyond its edge."""

Line = tuple[str, Path, int]
"""A line of a text, with the file that it comes from and its number there."""

_MARK = re.compile(r"^#pragma pass ([\w-]+)((?: iChannel[0-3]=[\w,-]+)*)$", re.MULTILINE)


@dataclass(frozen=True)
class Part:
    """What one pass of a program is drawn with.

    Attributes:
        name: one of `PARTS` but the common one.
        text: the whole text with blank lines for all parts but the common one and this, so that lines keep
            their numbers.
        channels: what iChannel0 to iChannel3 read, by their names: one of `BUFFERS`, a texture, and options
            behind commas.
    """

    name: str
    text: str
    channels: Mapping[str, str]

    @property
    def fills(self) -> str:
        """Texture that it draws, by its name for the renderer."""
        return fills(self.name)


def fills(name: str) -> str:
    """Return the renderer's name for what a buffer draws; any other texture has its own."""
    return f"pass{BUFFERS.index(name)}" if name in BUFFERS else name


def drawn_by(texture: str) -> str:
    """Return the buffer that draws a texture, by the renderer's name for it."""
    return BUFFERS[int(texture.removeprefix("pass"))]


def channel_inputs(part: Part) -> Inputs:
    """Return what a part is given as iChannel0 to iChannel3, black where it reads nothing, and the sizes.

    Raises:
        PatternGenError: it says to read what nobody knows.
    """
    found: dict[str, tuple[str, str]] = {}
    sizes = []
    for name in (f"iChannel{k}" for k in range(4)):
        read, *options = part.channels.get(name, "black").split(",")
        if read not in (*BUFFERS, *PLANES, *SOLIDS):
            raise PatternGenError(
                f"{called(part.name)}: {name} cannot read {read!r}; give one of "
                f"{', '.join((*BUFFERS, *PLANES, *SOLIDS))}, or self in a buffer"
            )
        found[name] = SOLIDS.get(read, "sampler2D"), ",".join([fills(read), *options])
        sizes.append("vec3(vec2(host_size), 1.0)" if read in BUFFERS else _SIZES.get(read, _SIZES["noise"]))
    found["iChannelResolution"] = "vec3[4]", f"vec3[4]({', '.join(sizes)})"
    return found


def parts_of(text: str) -> list[Part]:
    """Split the text of a program; nothing for one that has no marks."""
    marks = list(_MARK.finditer(text))
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    found = []
    for mark in marks:
        if mark[1] == "common":
            continue
        shown = []
        for other, end in zip(marks, ends, strict=True):
            lines = text[other.end() : end]
            shown.append(lines if other[1] in ("common", mark[1]) else "\n" * lines.count("\n"))
        channels = dict(word.split("=", 1) for word in mark[2].split())
        found.append(Part(mark[1], "\n" * text.count("\n", 0, marks[0].start()) + "".join(shown), channels))
    return found


def joined(parts: Mapping[str, Sequence[Line]], channels: Mapping[str, Mapping[int, str]]) -> Iterator[Line]:
    """Yield the lines of a program's one text: its parts by name, and what the channels of each read.

    Raises:
        PatternGenError: a channel reads a buffer that is not there.
    """
    for name in PARTS:
        if name not in parts:
            continue
        reads = channels.get(name, {})
        for read in reads.values():
            if (wanted := read.partition(",")[0]) in BUFFERS and wanted not in parts:
                raise PatternGenError(
                    f"it is incomplete: its {called(name)} reads {called(wanted)}, which is not there"
                )
        words = ("", *(f"iChannel{k}={reads[k]}" for k in sorted(reads)))
        file = parts[name][0][1] if parts[name] else Path(name)
        yield f"#pragma pass {name}{' '.join(words)}", file, 0
        yield from parts[name]


def called(name: str) -> str:
    """Return what Shadertoy calls a part: ``Buffer A``."""
    return name.replace("-", " ").title()


def read_in_place(text: str) -> tuple[str, bool]:
    """Name a channel that a program without parts reads where its own pixel is, as one reads a buffer.

    Of 605 public images, 11 fetched the very texel, 10 of them from a buffer. 70 read the place in the
    picture, 50 of them from a buffer; others put a photograph through a filter.

    Returns:
        Name of the channel, empty if there is none; and whether the very texel is fetched.
    """
    text = without_comments(text)
    head = _HEAD.search(text)
    if head is None:
        return "", False
    pixel = rf"(?:{re.escape(head[1])}|gl_FragCoord)\s*(?:\.\s*xy)?\s*"
    place = rf"{pixel}/\s*iResolution\s*(?:\.\s*xy)?\s*"
    named = re.findall(rf"\bvec2\s+(\w+)\s*=\s*{place}[,;]", text)
    places = "|".join([place, *(rf"{re.escape(name)}\s*" for name in named)])
    channel = r"\s*\(\s*(iChannel[0-3])\s*,\s*"
    if found := re.search(rf"\btexelFetch{channel}ivec2\s*\(\s*{pixel}\)\s*,", text):
        return found[1], True
    found = re.search(rf"\b(?:texture|textureLod){channel}(?:{places})[,)]", text)
    return (found[1] if found else ""), False
