"""Text from anywhere as Markdown that shows it as it stands."""

import re


def line(text: str) -> str:
    """Write a name as one line without marks of code."""
    return " ".join(text.replace("`", "'").split())


def fenced(text: str, language: str = "") -> str:
    """Put text into a fence that is longer than any in it."""
    longest = max(map(len, re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"
