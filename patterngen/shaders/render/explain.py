"""From the driver's words back to the text that the user wrote."""

import re
from collections.abc import Iterator

from patterngen.shaders.language.program import Program
from patterngen.shaders.language.translate import Fragment

_PLACE = re.compile(r"\b0[:(](\d+)(?:\((\d+)\)|\))?")
"""Line and column in the messages of Mesa, `0:12(5): error`, and of NVIDIA, `0(12) : error`."""

_HOST_NAME = re.compile(r"\bhost_(coordinate|color|data|program|dFdy)\b")
_USER_NAMES = {
    "coordinate": "gl_FragCoord",
    "color": "gl_FragColor",
    "data": "gl_FragData",
    "program": "main",
    "dFdy": "dFdy",
}

_ENTRIES = {
    "pattern": "defines no `vec3 pattern(vec2 p, float t, vec4 r)`; add that function",
    "mainImage": "defines no `void mainImage(out vec4 colour, in vec2 place)`; add that function",
}


def explain(message: str, program: Program, fragment: Fragment) -> str:
    """Say the driver's first complaint in terms of the user's own file and line."""
    last, beyond = program.source.count("\n") + 1 if program.origins else 0, ""
    message = _HOST_NAME.sub(lambda name: _USER_NAMES[name[1]], message)
    for line in _complaints(message):
        place = _PLACE.search(line)
        if place is None:
            continue
        number = int(place[1]) - fragment.first + 1
        words = line[place.end() :].strip(" :")
        if 1 <= number <= last:
            file, row = program.origin(number)
            column = f":{place[2]}" if place[2] and number not in fragment.edited else ""
            return f"{file}:{row}{column}: {words}"
        if number > last > 0 and "syntax" in words:  # a bracket, say, that is never closed
            file, row = program.origin(last)
            beyond = beyond or f"{file}:{row}: at the end of the program: {words}"
    if beyond:
        return beyond
    for entry, lack in _ENTRIES.items():
        if entry in message:
            return f"{program.file}: {lack}"
    words = " ".join(_complaints(message)) or message.strip()
    return f"{program.file}: the driver refuses the program: {words}"


def _complaints(message: str) -> Iterator[str]:
    """Yield the driver's own lines: moderngl puts a title and a rule above them."""
    for line in message.splitlines():
        if "error" in line.lower():
            yield line
