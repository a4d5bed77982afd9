"""check.report() counts what was checked in this kernel."""
import json

import pytest

import stylelib
from stylelib.learn.check import progress, report


@pytest.fixture(autouse=True)
def nothing_yet(monkeypatch):
    monkeypatch.setattr(progress, "GIVEN", [])
    monkeypatch.setattr("stylelib.learn.check.verdict.GIVEN", progress.GIVEN)


def test_tries_are_counted_up_to_the_first_right_answer(capsys, tmp_path):
    for answer in (_stub, lambda f: f, stylelib.gram_matrix, lambda f: f):
        stylelib.check.gram_matrix(answer)
    stylelib.check.style_divisor(lambda n, m: 3)
    capsys.readouterr()
    found = report(tmp_path / "me.json")
    said = capsys.readouterr().out
    assert said == ("Solved 1 of 2 checked here: gram_matrix (2 tries). "
                    "Not yet: style_divisor (1 try).\n")
    assert [(one.exercise, one.solved, one.tries) for one in found] == [
        ("gram_matrix", True, 2), ("style_divisor", False, 1)]
    assert json.loads((tmp_path / "me.json").read_text("utf-8")) == json.loads(found.json())


def test_nothing_was_tried(capsys):
    assert len(report()) == 0 and "Nothing tried yet" in capsys.readouterr().out


def _stub(*_):
    raise NotImplementedError
