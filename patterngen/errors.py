"""What went wrong, in one line that a user can act on."""

from collections.abc import Iterable
from difflib import get_close_matches

from patterngen.escape import visible


class _LinesError(Exception):
    """An error whose arguments are its lines, in which whatever was named is visible."""

    def __str__(self) -> str:
        return "\n".join(visible(str(line)) for line in self.args)


class PatternGenError(_LinesError):
    """A mistake of the user's or of the input: shown as one line, exit code 2.

    The message names the thing, its value, and what to do next.

    Examples:
        >>> from patterngen import PatternGenError, family
        >>> try:
        ...     family("perlim")
        ... except PatternGenError as error:
        ...     print(error)
        unknown family 'perlim': did you mean perlin?
    """


class MissingDependencyError(PatternGenError):
    """Something that has to be installed first; the message says how.

    Examples:
        >>> from patterngen import MissingDependencyError, PatternGenError
        >>> issubclass(MissingDependencyError, PatternGenError)
        True
    """


class RunFailedError(_LinesError):
    """A run that began and could not finish: exit code 1. The message says how to go on.

    Each further argument is one more line, for each thing that failed.

    Examples:
        >>> from patterngen import RunFailedError
        >>> print(RunFailedError("1 of 8 shards failed:", "  train-000003: no space"))
        1 of 8 shards failed:
          train-000003: no space
    """


class GaveUpError(OSError):
    """What was tried as often as is sensible, so that nobody above tries it again in this run."""


def first_line(error: BaseException) -> str:
    """Return the first line of what an error says, or its name if it says nothing."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def unknown_name(kind: str, name: str, known: Iterable[str], hint: str) -> PatternGenError:
    """Build the error for a name that does not exist, offering the closest ones.

    Args:
        kind: what was named, e.g. ``"family"``.
        name: what the user typed.
        known: the names that exist.
        hint: the command that lists them.
    """
    close = get_close_matches(name, list(known), n=3, cutoff=0.5)
    offer = f"did you mean {' or '.join(close)}?" if close else f"`{hint}` lists them."
    return PatternGenError(f"unknown {kind} {name!r}: {offer}")


def missing_package(error: ModuleNotFoundError, extra: str) -> MissingDependencyError:
    """Build the error for a package that an extra of patterngen would have brought."""
    return MissingDependencyError(
        f"the Python package {error.name!r} is missing: pip install 'patterngen[{extra}]'"
    )
