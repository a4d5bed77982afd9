"""One table for all checkers: each wrong answer gets its own fitting hint, each right one is accepted."""
import importlib
import itertools
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
from stylelib.learn.check import verdict
from stylelib.learn.check.content import AIMS, LAYERS
from stylelib.learn.check.verdict import CORRECT, NOT_ATTEMPTED, equal

from . import checkers

MODULES = [importlib.import_module(f"{checkers.__name__}.{found.name}")
           for found in pkgutil.iter_modules(checkers.__path__)]
ROWS = [row for module in MODULES for row in module.ROWS]
NAMES = [f"{row.checker.__name__}: {i} {row.name}" for i, row in enumerate(ROWS)]
RIGHT = {row.checker: row.answer for row in ROWS if row.status == "correct"}
# these measure what an answer does, instead of looking for known wrong results
RECOGNISE_NOTHING = ("choose_layer", "diagnose", "own_distance", "poster", "training_bug", "transfer")


@pytest.mark.parametrize("row", ROWS, ids=NAMES)
def test_the_verdict_and_its_hint_fit_the_answer(row, capsys):
    given = row.checker(row.answer)
    assert capsys.readouterr().out == f"{given.message}\n"
    assert given.status == row.status and row.hint in given.message, given.message
    assert given.exercise == row.checker.__name__ and bool(given) == (row.status == "correct")
    if row.status == "wrong":
        assert given.message.startswith("Not yet: ") and len(given.message) > len("Not yet: ")
    else:
        assert given.message.startswith({"correct": CORRECT, "not attempted": NOT_ATTEMPTED}[row.status])
    assert json.loads(json.dumps(given._asdict()))["status"] == row.status


def test_a_module_that_lacks_its_forward_was_attempted():
    class Unfinished(torch.nn.Module):
        pass

    assert stylelib.check.gram_matrix(Unfinished()).status == "wrong"


def test_a_right_answer_is_right_where_gradients_are_switched_off():
    with torch.no_grad():
        assert stylelib.check.style_loss(stylelib.style_loss)


def test_every_checker_has_right_and_wrong_rows():
    found = Counter((row.checker.__name__, row.status) for row in ROWS)
    for name in set(stylelib.check.__all__) - {"claim", "exhibition", "report"}:
        assert all(found[name, status] for status in ("correct", "wrong", "not attempted")), name


@pytest.mark.parametrize("checker", RIGHT, ids=lambda checker: checker.__name__)
def test_no_two_mistakes_with_different_hints_look_the_same(checker, monkeypatch):
    """Nor does one look like the right answer: the checkers' numbers are such that no hint hides another."""
    looked_for = []

    def spy(got, mistakes, same=equal):
        looked_for.append((got, list(mistakes), same))

    for module in (verdict, sys.modules[checker.__module__]):
        monkeypatch.setattr(module, "recognise", spy, raising=False)
    assert checker(RIGHT[checker])
    for right, mistakes, same in looked_for:
        assert not [hint for wrong, hint in mistakes if same(right, wrong)]
        assert not [(one, other) for (a, one), (b, other) in itertools.combinations(mistakes, 2)
                    if one != other and (same(a, b) or same(b, a))]
    assert looked_for or checker.__name__ in RECOGNISE_NOTHING


@pytest.mark.parametrize("aim", AIMS)
def test_each_wrong_layer_has_a_reason_that_does_not_give_the_answer_away(aim):
    right, reasons = AIMS[aim]
    assert {right, *reasons} == set(LAYERS)
    assert not any(right in reason for reason in reasons.values())


def test_pictures_of_the_colour_exercise_are_pictures():
    seen = []
    stylelib.check.match_colors(lambda image, reference: seen.extend([image, reference]))
    assert len(seen) == 2 and all(picture.min() >= 0 and picture.max() <= 1 for picture in seen)


def test_a_result_is_not_shown_a_second_time_by_ipython():
    """IPython asks for a representation only if _ipython_display_ does not exist."""
    assert DisplayFormatter().format(stylelib.check.deprocess(3)) == ({}, {})


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
