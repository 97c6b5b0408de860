"""Files of Shadertoy programs: parts beside one another, and what the site exports in JSON."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from patterngen.errors import PatternGenError
from patterngen.shaders.language.shadertoy_parts import (
    BUFFERS,
    OPTIONS,
    PARTS,
    PLANES,
    SOLIDS,
    Line,
    called,
    joined,
)
from patterngen.storage.texts import parse_json

ENDINGS = (".glsl", ".frag", ".fs")
"""Endings of files that hold the text of a program."""
EXPORT = ".json"
"""Ending of an exported file."""
MOST_EXPORTED = 1 << 26
"""Most bytes of an exported file, which may hold many programs."""

_BREAK = re.compile(r"\r\n|\n|\r")
_CHANNEL = re.compile(r'^\s*#\s*iChannel([0-3])\s+"([^"]*)"\s*$')
_OPTION = re.compile(r'^\s*#\s*iChannel([0-3])::(WrapMode|MagFilter)\s+"(\w+)"\s*$')
_SETTING = re.compile(r"^\s*#\s*iChannel[0-3]\s*(?:::|\")")
_PART_OF = re.compile(r"(.+)\.(common|buffer-?[a-d]|image|sound)", re.IGNORECASE)
_BUFFER_FILE = re.compile(r"\bbuffer[-_ ]?([a-d])\b", re.IGNORECASE)
_OUTPUT = re.compile(r"buffer0?([0-3])\.png")
_BLACK = ("keyboard", "music", "musicstream", "mic", "soundcloud")


def files_beside(path: Path) -> dict[str, Path]:
    """Return the files of a program's other parts, by name, beside that of its image.

    Raises:
        PatternGenError: it is itself another part, and there is no image beside it.
    """
    stem, part = _named(path)
    found = {name: file for name in PARTS[:-1] for file in _beside(path, stem, name)}
    if part in ("", "image"):
        return found
    if part == "sound":
        raise PatternGenError(f"{path}: sound is not drawn")
    images = (f"{stem}{middle}{ending}" for middle in ("", ".image") for ending in ENDINGS)
    if not any(path.with_name(image).is_file() for image in images):
        raise PatternGenError(
            f"{path}: it is incomplete: {called(part)} alone is no program; "
            f"put its image beside it, {stem}.glsl"
        )
    return {}


def _named(path: Path) -> tuple[str, str]:
    found = _PART_OF.fullmatch(path.stem)
    if found is None:
        return path.stem, ""
    part = found[2].lower()
    return found[1], part if "-" in part or not part.startswith("buffer") else f"buffer-{part[-1]}"


def _beside(path: Path, stem: str, name: str) -> Iterator[Path]:
    for spelled in dict.fromkeys((name, name.replace("-", ""))):
        for ending in ENDINGS:
            file = path.with_name(f"{stem}.{spelled}{ending}")
            if file != path and file.is_file():
                yield file
                return


def read_channels(
    lines: Iterable[Line], name: str, buffers: Sequence[str]
) -> tuple[list[Line], dict[int, str]]:
    """Take the lines that say what the channels of a part read out of its text, and what they say.

    They are of the form ``#iChannel0 "buffer-a"``; also ``"self"``, the name of a texture, or that of a file,
    of which it is told whether it is a buffer. Without any, channels read the buffers in turn. Those of which
    nothing is said read noise.

    Args:
        lines: of the part.
        name: of the part.
        buffers: those that the program has.
    """
    kept, reads, options, said = [], dict[int, str](), dict[int, str](), False
    for text, file, number in lines:
        if _SETTING.match(text):
            if found := _CHANNEL.match(text):
                reads[int(found[1])], said = _read(found[2], name), True
            elif found := _OPTION.match(text):
                options[int(found[1])] = f"{options.get(int(found[1]), '')},{found[3].lower()}"
            text = ""
        kept.append((text, file, number))
    if not said:
        reads = dict(enumerate(buffers))
    if reads:
        reads = dict.fromkeys(range(4), "noise") | reads
    known = {k: [word for word in options.get(k, "").split(",") if word in OPTIONS] for k in reads}
    return kept, {k: ",".join([read, *known[k]]) for k, read in reads.items()}


def _read(said: str, name: str) -> str:
    """Return what a channel reads of which a file says it in its own words."""
    if said == "self":
        return name
    if said in (*BUFFERS, *PLANES, *SOLIDS):
        return said
    if found := _BUFFER_FILE.search(Path(said).name):
        return f"buffer-{found[1].lower()}"
    return "black" if "keyboard" in said.lower() else "organic"


def is_export(path: Path) -> bool:
    """Whether a file in JSON may be what Shadertoy exports; one that cannot be read is none."""
    try:
        with path.open("rb") as file:
            return b'"renderpass"' in file.read(MOST_EXPORTED)
    except OSError:
        return False


def read_export(path: Path, text: str) -> Iterator[tuple[str, list[Line] | PatternGenError]]:
    """Yield each program of an exported file: its id, and its lines or what is wrong with it.

    Raises:
        PatternGenError: it is no JSON, or has no program.
    """
    try:
        said = parse_json(text, strict=False)
    except ValueError as error:
        raise PatternGenError(f"{path}: it is no JSON: {error}") from None
    if isinstance(said, dict):
        said = said.get("shaders", [said])
    shaders = [one.get("Shader", one) for one in said]
    if not shaders:
        raise PatternGenError(f"{path}: there is no program in it")
    for number, shader in enumerate(shaders):
        name = str((shader.get("info") or {}).get("id") or number)
        try:
            yield name, list(_export_lines(path if len(shaders) == 1 else path / name, shader))
        except PatternGenError as error:
            yield name, error
        except Exception as error:  # whatever it holds, it alone is lost
            yield name, PatternGenError(f"cannot be read: {type(error).__name__} {error}")


def _export_lines(file: Path, shader: Mapping[str, Any]) -> Iterator[Line]:
    passes = [(one, _part(one)) for one in shader["renderpass"]]
    parts = {
        name: [(line, file / called(name), k) for k, line in enumerate(_BREAK.split(one["code"]), 1)]
        for one, name in passes
        if name in PARTS
    }
    if "image" not in parts:
        raise PatternGenError("it is incomplete: it has no Image")
    made = {str(output["id"]): name for one, name in passes for output in one.get("outputs") or ()}
    channels = {
        name: {int(entry["channel"]): _source(entry, made) for entry in one.get("inputs") or ()}
        for one, name in passes
        if name in PARTS
    }
    yield from joined(parts, channels)


def _part(entry: Mapping[str, Any]) -> str:
    kind, name = str(entry.get("type")), str(entry.get("name") or "")
    if kind != "buffer":
        return kind
    found = re.search(r"([a-d])\s*$", name.lower().replace("buf ", "buffer "))
    if found is None:
        raise PatternGenError(f"its buffer {name!r} is none of A, B, C and D")
    return f"buffer-{found[1]}"


def _source(entry: Mapping[str, Any], made: Mapping[str, str]) -> str:
    """Return what a channel reads, by the entry that says so."""
    kind = str(entry.get("type") or entry.get("ctype"))
    file = str(entry.get("filepath") or entry.get("src") or "")
    if kind == "buffer":
        number = _OUTPUT.search(file)
        read = made.get(str(entry.get("id"))) or (BUFFERS[int(number[1])] if number else "buffer-a")
    elif kind == "cubemap" and "previz" in file:
        raise PatternGenError("it reads a Cube A, and passes of cube maps are not known here")
    elif kind in ("cubemap", "volume"):
        read = {"cubemap": "cube"}.get(kind, kind)
    elif kind in _BLACK:
        read = "black"
    else:  # the site's noises are PNG, its photographs and films are not
        read = "noise" if file.endswith(".png") and kind == "texture" else "organic"
    sampler = entry.get("sampler") or {}
    words = (str(sampler.get(key)) for key in ("filter", "wrap"))
    return ",".join([read, *(word for word in words if word in OPTIONS)])
