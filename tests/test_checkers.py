"""One table for all checkers: each wrong answer gets its own fitting hint, each right one is accepted."""
import importlib
import json
import pkgutil
import sys
from collections import Counter

import pytest

import stylelib.check
from stylelib.check.verdict import CORRECT, NOT_ATTEMPTED, compare, equal

from . import checkers

MODULES = [importlib.import_module(f"{checkers.__name__}.{found.name}") for found in pkgutil.iter_modules(checkers.__path__)]
ROWS = [row for module in MODULES for row in module.ROWS]


@pytest.mark.parametrize("row", [pytest.param(row, id=f"{row.checker.__name__}: {i} {row.name}") for i, row in enumerate(ROWS)])
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


def test_every_checker_has_right_and_wrong_rows():
    found = Counter((row.checker.__name__, row.status) for row in ROWS)
    for name in stylelib.check.__all__:
        assert all(found[name, status] for status in ("correct", "wrong", "not attempted")), name


@pytest.mark.parametrize("checker", dict.fromkeys(row.checker for row in ROWS), ids=lambda checker: checker.__name__)
def test_no_two_mistakes_with_different_hints_look_the_same(checker, monkeypatch, capsys):
    """Nor does one look like the right answer: the checkers' numbers must be chosen so that no hint hides another."""
    compared = []

    def spy(got, expected, mistakes=(), rtol=1e-3):
        compared.append((expected, list(mistakes), rtol))
        compare(got, expected, rtol=rtol)

    monkeypatch.setattr(sys.modules[checker.__module__], "compare", spy, raising=False)
    assert checker(next(row.answer for row in ROWS if row.checker is checker and row.status == "correct"))
    for expected, mistakes, rtol in compared:
        for wrong, hint in mistakes:
            assert not equal(wrong, expected, rtol), hint
            for other, other_hint in mistakes:
                assert hint == other_hint or not equal(other, wrong, rtol), (hint, other_hint)
