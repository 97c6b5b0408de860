import io
import json
import os
import subprocess
import sys

import pytest

from patterngen.common.console import run
from patterngen.common.tables import plain_console, print_table, stacked
from patterngen.terminal import (
    is_terminal,
    print_error,
    print_json,
    print_line,
    print_lines,
    print_notice,
    standard_streams,
)


def in_ascii(monkeypatch):
    """Have stdout and stderr know ASCII alone; return what tells what was written to one."""
    files = {name: io.TextIOWrapper(io.BytesIO(), "ascii", "strict") for name in ("stdout", "stderr")}
    for name, file in files.items():
        monkeypatch.setattr(sys, name, file)

    def written(name):
        files[name].flush()
        return files[name].buffer.getvalue().decode("ascii")

    return written


def test_names_are_no_lines_and_no_commands(capsys):
    for show in (print_line, print_notice):
        show("a\nb\x1b[31m\u202e\udce9")
        assert "".join(capsys.readouterr()) == r"a\nb\x1b[31m\u202e\udce9" + "\n"
    print_lines("a\nb\r")
    print_error("a\nb\r")
    assert capsys.readouterr() == ("a\nb\\r\n", "error: a\nb\\r\n")


def test_json_is_ascii_and_knows_no_nan(capsys):
    value = {"ü\udce9": [float("nan"), 0.5, (float("-inf"),)], "n": None, "b": True}
    print_json(value)
    text = capsys.readouterr().out
    assert text.isascii()
    assert json.loads(text) == {"ü\\udce9": [None, 0.5, [None]], "n": None, "b": True}


def test_cells_titles_and_captions_are_texts(capsys):
    from rich.table import Table

    hostile = "[/red][bold]x :smile: \x1b[31m\n\udce9"
    table = Table(title=hostile, caption=stacked([hostile, "second"]))
    table.add_column(hostile)
    table.add_row(hostile)
    print_table(table)
    out = capsys.readouterr().out
    assert out.count(r"[/red][bold]x :smile: \x1b[31m\n\udce9") == 4
    assert "\x1b" not in out


def test_a_bar_is_plain_text_too():
    from rich.progress import Progress, TextColumn

    console = plain_console(stderr=True)
    console.file = io.StringIO()
    with Progress(TextColumn("{task.description}", markup=False), console=console, auto_refresh=False) as bar:
        bar.add_task("[/red]:smile:")
    assert "[/red]:smile:" in console.file.getvalue()


def test_an_encoding_that_lacks_a_letter_gets_another(monkeypatch):
    written = in_ascii(monkeypatch)
    with standard_streams():
        print_line("32² · 1 … 2 × 3 ± é 雲 \udce9")
        print_notice("–")
        sys.stdout.write("somebody else's é\n")
    assert written("stdout") == "32^2 - 1 ... 2 x 3 +- \\xe9 \\u96f2 \\udce9\nsomebody else's \\xe9\n"
    assert written("stderr") == "-\n"
    assert sys.stdout.errors == "strict"  # as before


def test_streams_that_are_not_there_lead_nowhere(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    assert not is_terminal(sys.stderr)
    print_notice("nobody hears this")
    with standard_streams():
        assert sys.stdout.writable()
        assert sys.stderr.writable()
    assert sys.stdout is None


class Gone(io.StringIO):
    def write(self, text):
        raise BrokenPipeError


def test_a_notice_that_nobody_can_read_ends_nothing(monkeypatch):
    monkeypatch.setattr(sys, "stderr", Gone())
    print_notice("the reader has left")


def test_a_table_whose_reader_has_left_ends_the_program_as_any_output_does(monkeypatch):
    from rich.table import Table

    monkeypatch.setattr(sys, "stdout", Gone())
    with pytest.raises(BrokenPipeError):
        print_table(Table("column"))


def command(redirections, tail=""):
    """Run `patterngen --help` in a shell; return its exit code and what came on both streams."""
    shell = f'"$PYTHON" -m patterngen.cli --help {redirections}{tail}; echo code ${{PIPESTATUS[0]}} >&2'
    done = subprocess.run(
        ["bash", "-c", shell], capture_output=True, text=True, env={**os.environ, "PYTHON": sys.executable}
    )
    *said, code = done.stderr.splitlines()
    return int(code.removeprefix("code ")), "\n".join(said)


@pytest.mark.parametrize(
    ("redirections", "code", "said"),
    [
        (">&-", 0, ""),
        ("2>&- >&-", 0, ""),
        ("| :", 141, ""),
        (">/dev/full", 1, "error: No space left on device"),
    ],
)
def test_wherever_a_command_writes_there_is_no_traceback(redirections, code, said):
    assert command(redirections) == (code, said)


def test_help_in_ascii(monkeypatch, tmp_path):
    from patterngen.cli import COMMANDS

    written = in_ascii(monkeypatch)

    (tmp_path / "job.yaml").write_text('dir: "a\\e[31m\\n[/red]é"\n')
    for words in (["--help"], ["status", "--help"], ["status", "--help", "--config", f"{tmp_path}/job.yaml"]):
        assert run("patterngen", "Draws – things.", COMMANDS, words) == 0
    assert "status [-h] [DIR]" in written("stdout")
    assert "\x1b" not in written("stdout")
    assert r"a\x1b[31m\n[/red]\xe9" in written("stdout")
