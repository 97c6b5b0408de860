"""Everything that a page asks for, found in its text and run in its order at toy size."""

import difflib

import pytest

import patterngen.cli
import trainer.cli
from tests.command_lines import understood
from tests.end_to_end.pages.reading import steps_of, toy, toy_code
from tests.test_documents import DOCUMENTS, blocks
from trainer import tasks

MAIN = {"patterngen": patterngen.cli.main, "trainer": trainer.cli.main}
PAGES = [page for page in DOCUMENTS if page != "CONTRIBUTING.md" and steps_of(page)]
"""All but the one whose program tests/test_documents.py runs, and whose commands are those of `make`."""


def test_no_page_mistypes_a_program():
    lines = [line for page in DOCUMENTS for block in blocks(page) for line in block.splitlines()]
    words = {line.split()[0] for line in lines if line.strip()}
    assert {one for name in MAIN for one in difflib.get_close_matches(name, words, 9, 0.75)} == MAIN.keys()


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_and_programs_of_a_page_run_in_their_order(page, desk, capsys, monkeypatch):
    monkeypatch.setattr(tasks._registry, "_classes", dict(tasks.layouts()))  # a page adds its own
    steps, names = steps_of(page), {}
    home = desk(steps)
    for step in steps:
        if step.code:
            code = compile(toy_code(step.code), page, "exec")
            if not step.is_elsewhere:
                exec(code, names)
        elif step.is_elsewhere:
            understood(step.words)
        else:
            program, *arguments = toy(step.words, str(home))
            assert MAIN[program](arguments) == 0, f"{step.shown}\n{capsys.readouterr().err}"
