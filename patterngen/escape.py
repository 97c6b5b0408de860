"""Text from outside, fit to be read: what a terminal or a reader's eye would act on is written as its code.

Paths, labels, columns of a manifest, words of a driver: whoever named them may have put a line break, a
colour, or a mark that turns the line around into them.
"""


def visible(text: str) -> str:
    """Return a text as one line, what cannot be seen in it written as Python writes it in a string.

    That is control characters, line breaks among them, marks that turn text around or join it, blanks other
    than a space, and bytes of a file's name that are not UTF-8. Applied twice, it changes nothing more.
    """
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else repr(character)[1:-1] for character in text)


def visible_lines(text: str) -> str:
    """Return a text whose line breaks are meant, each line as `visible` writes it."""
    return "\n".join(map(visible, text.split("\n")))


def as_text(name: str) -> str:
    r"""Return a file's name as text that can be written anywhere: bytes that are not UTF-8 as ``\udce9``.

    `visible` writes them so, too. What a file or a table is to be found by again keeps its other characters.
    """
    return name.encode("utf-8", "backslashreplace").decode("utf-8")
