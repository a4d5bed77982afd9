"""Rows of the table of answers, checkers/: test_checkers.py gives each answer to its checker."""
from collections.abc import Callable
from typing import Any, NamedTuple


class Row(NamedTuple):
    checker: Callable
    name: str               # of the answer, in a few words
    answer: Any
    status: str             # what the verdict must be: "correct", "wrong" or "not attempted"
    hint: str = ""          # what the message must contain


def table(checker, right, wrong):
    """All rows of one checker.

    Args:
        right: {name: answer}.
        wrong: [(answer, hint)], or [(name, answer, hint)] where the hint alone does not say what is wrong.
    """
    wrong = [row if len(row) == 3 else (row[1][:40], *row) for row in wrong]
    return [
        *(Row(checker, name, answer, "correct") for name, answer in right.items()),
        *(Row(checker, name, answer, "wrong", hint) for name, answer, hint in wrong),
        Row(checker, "the notebook's stub", unsolved, "not attempted"),
        Row(checker, "stops with an error", broken, "wrong", "ZeroDivisionError"),
        Row(checker, "another number of arguments", lambda *, _: None, "wrong", "TypeError"),
        Row(checker, "an error of PyTorch's own", unfinished, "wrong", "NotImplementedError: no kernel"),
        Row(checker, "no function", 3.0, "wrong", f"check.{checker.__name__}({checker.__name__})"),
    ]


def unsolved(*_):
    """The stub, as in the notebook."""
    raise NotImplementedError


def broken(*_):
    """An answer that fails."""
    return 1 / 0


def unfinished(*_):
    """An attempt that PyTorch stops with an error of the stub's type."""
    raise NotImplementedError("no kernel")
