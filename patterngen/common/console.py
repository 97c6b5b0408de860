"""Commands from functions: each is a function of one dataclass, whose fields are its flags.

How to write a command, here and in ``trainer``:

- The dataclass is frozen and ``kw_only``. Each field has a type, perhaps a default, and **a string below it**
  (an attribute docstring), which becomes the flag's help. Required fields have no default.
- ``tuple[str, ...]`` makes a flag that may be given again, in place of its default; ``bool = False`` makes a
  switch; ``float | None`` may be left out. ``tyro.conf.Positional[str]`` takes a word without a flag;
  ``tyro.conf.Suppress[str]`` is a setting of files alone.
- The function's docstring is the command's help; its first line is what ``program --help`` lists.
- Annotate lazily where a dataclass lives in a slow module: with ``from __future__ import annotations``, only
  the command that runs has its annotation evaluated.
"""

import difflib
import io
import os
import sys
import textwrap
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr, suppress
from dataclasses import MISSING, fields
from inspect import getdoc, signature
from typing import Any, TypeVar, get_type_hints

from patterngen._version import __version__
from patterngen.common.command_table import Command, summary
from patterngen.common.config import Dataclass, load_values, required_fields
from patterngen.common.field_help import help_registry
from patterngen.errors import PatternGenError, RunFailedError, unknown_name
from patterngen.escape import visible
from patterngen.signals import Terminated, interrupts_survive, sigterm_raises
from patterngen.terminal import print_error, print_line, print_lines, standard_streams

C = TypeVar("C", bound=Dataclass)


def run(
    program: str, description: str, commands: Mapping[str, Command], argv: Sequence[str] | None = None
) -> int:
    """Run the command that the arguments name and return the exit code.

    Args:
        program: the name the user typed, for help and messages.
        description: one sentence for ``program --help``.
        commands: functions of one dataclass by name; a name may have several words (``"transfer probe"``).
        argv: the arguments after the program's name; those of the process if None.

    Returns:
        0; 1 after `RunFailedError` or an error of the operating system; 2 after `PatternGenError` or wrong
        arguments; 130 after Ctrl-C; 143 after SIGTERM. A failure prints ``error: …`` to stderr: one line,
        or one for each thing that is wrong.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    with standard_streams():
        return _run(program, description, commands, arguments)


def _run(program: str, description: str, commands: Mapping[str, Command], arguments: list[str]) -> int:
    try:
        with sigterm_raises(), interrupts_survive():
            code = _dispatch(program, description, commands, arguments)
            sys.stdout.flush()  # here, where an error of it is answered
            return code
    except PatternGenError as error:
        return _fail(error, 2)
    except RunFailedError as error:
        return _fail(error, 1)
    except KeyboardInterrupt:
        return _fail("interrupted", 130)
    except Terminated:
        return _fail("terminated", 143)
    except BrokenPipeError:  # `patterngen list | head`: the reader has left, which is no failure to report
        with suppress(OSError):  # a caller's own stream, behind which there is no descriptor
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except OSError as error:
        named = f": {os.fsdecode(error.filename)}" if isinstance(error.filename, str | bytes) else ""
        remedy = "; set TMPDIR to a folder that can be written" if "temporary directory" in str(error) else ""
        return _fail(f"{error.strerror or error}{named}{remedy}", 1)


def parse(cls: type[C], program: str, description: str, arguments: Sequence[str]) -> C:
    """Make a dataclass from command-line arguments and, below them, a YAML file named by ``--config``.

    Raises:
        PatternGenError: an unknown flag (the closest is offered), a missing or unfit value, an unfit file.
        SystemExit: the help was asked for and printed.
    """
    import tyro  # not at the top: `program --help` does without

    arguments = list(arguments)
    values = _take_config(arguments, cls) | _take_refusals(arguments, cls)
    given = _given_fields(arguments, cls, program)
    helping = bool({"-h", "--help"} & set(arguments))
    if helping:
        values = {name: _visible(value) for name, value in values.items()}  # where help shows them
    else:
        _check_required(cls, program, given | values.keys())
    flags_win = {name: value for name, value in values.items() if name not in given}
    # A flag that may be given again would add to its field's default: what is typed stands instead of it.
    lists = (field.name for field in fields(cls) if isinstance(field.default, tuple) and field.default)
    flags_win |= dict.fromkeys(given.intersection(lists), ())
    about = (
        f"{description}\n--config FILE.yaml gives the same settings from a file; flags win.\n"
        "--no-FLAG turns off a switch that the file turns on."
    )
    complaint = io.StringIO()
    try:
        with redirect_stderr(complaint):
            return tyro.cli(
                cls,
                prog=program,
                description=about,
                args=arguments,
                default=_partial(cls, flags_win) if flags_win or helping else tyro.MISSING_NONPROP,
                registry=help_registry() if helping else None,
                config=(
                    tyro.conf.UseAppendAction,
                    tyro.conf.FlagCreatePairsOff,
                    tyro.conf.DisallowNone,
                    tyro.conf.PositionalMetavarFromFieldName,
                ),
            )
    except SystemExit as end:
        if end.code:
            raise PatternGenError(f"{_one_line(complaint.getvalue())} (see {program} --help)") from None
        raise


def _fail(message: object, code: int) -> int:
    print_error(message)
    return code


def _dispatch(program: str, description: str, commands: Mapping[str, Command], arguments: list[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help"):
        _print_commands(program, description, commands)
        return 0 if arguments else 2
    if arguments[0] == "--version":
        print_line(f"{program} {__version__}")
        return 0
    name, rest = _split_command(program, commands, arguments)
    if name not in commands:  # the beginning of several commands: `trainer transfer --help`
        _print_commands(program, description, commands, f"{name} ")
        return 0
    command = commands[name]
    parameter = next(iter(signature(command).parameters))
    cls = get_type_hints(command)[parameter]
    try:
        config = parse(cls, f"{program} {name}", getdoc(command) or "", rest)
    except SystemExit:
        return 0
    result = command(config)
    return result if type(result) is int else 0


def _split_command(
    program: str, commands: Mapping[str, Command], arguments: list[str]
) -> tuple[str, list[str]]:
    """Split the words that name a command from its arguments."""
    words = [len(name.split()) for name in commands]
    for n in range(max(words), 0, -1):
        name = " ".join(arguments[:n])
        if name in commands:
            return name, arguments[n:]
    first = arguments[0]
    below = [name for name in commands if name.startswith(f"{first} ")]
    if below and arguments[1:] in ([], ["-h"], ["--help"]):
        return first, []
    typed = " ".join(arguments[:2]) if below else first
    raise unknown_name("command", typed, below or list(commands), f"{program} --help")


def _print_commands(
    program: str, description: str, commands: Mapping[str, Command], beginning: str = ""
) -> None:
    names = [name for name in commands if name.startswith(beginning)]
    width = max(map(len, names))
    print_lines(f"usage: {program} COMMAND [OPTIONS]\n\n{textwrap.fill(description, 88)}\n\ncommands:")
    for name in names:
        print_line(f"  {name:<{width}}  {summary(commands, name)}")
    print_lines(f"\n{program} COMMAND --help shows a command's options; {program} --version the version.")


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")


def _is_positional(kind: Any) -> bool:
    import tyro

    return tyro.conf.Positional in getattr(kind, "__metadata__", ())


def _has_flag(kind: Any) -> bool:
    import tyro

    return not (_is_positional(kind) or tyro.conf.Suppress in getattr(kind, "__metadata__", ()))


def _take_config(arguments: list[str], cls: type[Dataclass]) -> dict[str, Any]:
    """Remove ``--config FILE`` from the arguments and return what the file says."""
    for i, argument in enumerate(arguments):
        if argument == "--":
            break
        flag, equals, path = argument.partition("=")
        if flag != "--config":
            continue
        if not equals:
            if i + 1 == len(arguments):
                raise PatternGenError("--config needs the path of a YAML file")
            path = arguments[i + 1]
        del arguments[i : i + (1 if equals else 2)]
        return load_values(path, cls)
    return {}


def _take_refusals(arguments: list[str], cls: type[Dataclass]) -> dict[str, Any]:
    """Remove ``--no-FLAG`` from the arguments and return the switches that it turns off."""
    kinds = get_type_hints(cls)
    refusals = {f"--no-{field.name.replace('_', '-')}": field.name for field in fields(cls)}
    words = arguments[: arguments.index("--")] if "--" in arguments else list(arguments)
    off = {word for word in words if kinds.get(refusals.get(word, "")) is bool}
    arguments[:] = [word for word in words if word not in off] + arguments[len(words) :]
    return {refusals[word]: False for word in off}


def _given_fields(arguments: list[str], cls: type[Dataclass], program: str) -> set[str]:
    """Return the fields whose flags were typed; a flag that belongs to no field is an error."""
    kinds = get_type_hints(cls, include_extras=True)
    names = [field.name for field in fields(cls) if field.init]
    flags = {_flag(name): name for name in names if _has_flag(kinds[name])}
    bare = {_flag(name): name.upper() for name in names if _is_positional(kinds[name])}
    given = set()
    for argument in arguments:
        if argument == "--":
            break
        flag = argument.partition("=")[0].replace("_", "-")
        if not flag.startswith("--") or flag == "--help":
            continue
        if flag in bare:
            raise PatternGenError(f"{flag}: it is given without a flag, as in `{program} {bare[flag]}`")
        if flag not in flags:
            close = difflib.get_close_matches(flag, [*flags, "--config"], n=2, cutoff=0.5)
            offer = f"did you mean {' or '.join(close)}?" if close else f"`{program} --help` lists them."
            raise PatternGenError(f"{program} has no flag {flag}: {offer}")
        given.add(flags[flag])
    return given


def _check_required(cls: type[Dataclass], program: str, have: set[str]) -> None:
    kinds = get_type_hints(cls, include_extras=True)
    missing = [name for name in required_fields(cls) if name not in have and _has_flag(kinds[name])]
    if missing:
        flags = " and ".join(_flag(name) for name in missing)
        raise PatternGenError(f"{program} needs {flags} (see {program} --help)")


def _visible(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(map(_visible, value))
    return visible(value) if isinstance(value, str) else value


def _partial(cls: type[C], values: Mapping[str, Any]) -> C:
    """Return an instance that holds some values and marks the others as missing.

    Made without `__init__`: its checks are for complete values, and the flags are still to come.
    """
    import tyro

    partial = object.__new__(cls)
    for field in fields(cls):
        default = field.default if field.default_factory is MISSING else field.default_factory()
        value = values.get(field.name, tyro.MISSING if default is MISSING else default)
        object.__setattr__(partial, field.name, value)
    return partial


def _one_line(box: str) -> str:
    """Squeeze a framed message into its first paragraph, as one line."""
    words: list[str] = []
    for line in box.splitlines():
        text = line.strip("╭╮╰╯│ ")
        if not line.startswith("│"):  # the frame, with a title
            continue
        if set(text) <= {"─"} and words:  # a rule: hints follow
            break
        words += text.split()
    return " ".join(words).replace(" .", ".").rstrip(".") or " ".join(box.split())
