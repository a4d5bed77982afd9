"""One table for all checkers: each wrong answer gets its own fitting hint, each right one is accepted."""
import importlib
import json
import pkgutil
import sys
from collections import Counter

import pytest
import torch
from IPython.core.formatters import DisplayFormatter
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

import stylelib
from stylelib.learn.check.verdict import CORRECT, NOT_ATTEMPTED, compare, equal

from . import checkers

MODULES = [importlib.import_module(f"{checkers.__name__}.{found.name}")
           for found in pkgutil.iter_modules(checkers.__path__)]
ROWS = [row for module in MODULES for row in module.ROWS]
NAMES = [f"{row.checker.__name__}: {i} {row.name}" for i, row in enumerate(ROWS)]
COMPARING = [checker for checker in dict.fromkeys(row.checker for row in ROWS)
             if "compare" in checker.__wrapped__.__code__.co_names]


@pytest.mark.parametrize("row", ROWS, ids=NAMES)
def test_the_verdict_and_its_hint_fit_the_answer(row, capsys):
    verdict = row.checker(row.answer)
    assert capsys.readouterr().out == f"{verdict.message}\n"
    assert verdict.status == row.status and row.hint in verdict.message, verdict.message
    assert verdict.exercise == row.checker.__name__ and bool(verdict) == (row.status == "correct")
    if row.status == "wrong":
        assert verdict.message.startswith("Not yet: ") and len(verdict.message) > len("Not yet: ")
    else:
        assert verdict.message.startswith({"correct": CORRECT, "not attempted": NOT_ATTEMPTED}[row.status])
    assert json.loads(json.dumps(verdict._asdict()))["status"] == row.status


def test_a_module_that_lacks_its_forward_was_attempted():
    class Unfinished(torch.nn.Module):
        pass

    assert stylelib.check.gram_matrix(Unfinished()).status == "wrong"


def test_a_right_answer_is_right_where_gradients_are_switched_off():
    with torch.no_grad():
        assert stylelib.check.style_loss(stylelib.style_loss)


def test_every_checker_has_right_and_wrong_rows():
    found = Counter((row.checker.__name__, row.status) for row in ROWS)
    for name in stylelib.check.__all__:
        assert all(found[name, status] for status in ("correct", "wrong", "not attempted")), name


@pytest.mark.parametrize("checker", COMPARING, ids=lambda checker: checker.__name__)
def test_no_two_mistakes_with_different_hints_look_the_same(checker, monkeypatch, capsys):
    """Nor does one look like the right answer: the checkers' numbers are such that no hint hides another."""
    compared = []

    def spy(got, expected, mistakes=(), rtol=1e-3):
        compared.append((expected, list(mistakes), rtol))
        compare(got, expected, rtol=rtol)

    monkeypatch.setattr(sys.modules[checker.__module__], "compare", spy)
    assert checker(next(row.answer for row in ROWS if row.checker is checker and row.status == "correct"))
    for expected, mistakes, rtol in compared:
        for wrong, hint in mistakes:
            assert not equal(wrong, expected, rtol), hint
            for other, other_hint in mistakes:
                assert hint == other_hint or not equal(other, wrong, rtol), (hint, other_hint)


def test_a_result_is_not_shown_a_second_time_by_ipython():
    """IPython asks for a representation only if _ipython_display_ does not exist."""
    verdict = stylelib.check.deprocess(3)
    assert DisplayFormatter().format(verdict) == ({}, {})


@pytest.mark.slow
def test_a_verdict_as_the_last_line_of_a_cell_is_silent():
    notebook = new_notebook(cells=[
        new_code_cell("from stylelib import check\ncheck.deprocess(3)"),
        new_code_cell("verdict = check.deprocess(3)\nverdict"),
        new_code_cell("verdict.status"),
    ])
    NotebookClient(notebook, timeout=300).execute()
    first, second, third = (cell.outputs for cell in notebook.cells)
    message = stylelib.check.deprocess(3).message
    for outputs in (first, second):
        assert [(output.output_type, output.text) for output in outputs] == [("stream", f"{message}\n")]
    assert third[0].data["text/plain"] == "'wrong'"
