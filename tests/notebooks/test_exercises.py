"""Every exercise of every notebook: its stub counts as not attempted, its folded solution as correct.

An exercise is a code cell tagged `exercise` (the stub), a code cell `check.name(name)`, and then markdown
cells, one with a folded hint and one with the folded solution, which replaces the whole stub. It needs only
the imports and the knobs.
"""
import re
from dataclasses import dataclass

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from stylelib.learn.check.verdict import CORRECT, NOT_ATTEMPTED
from stylelib.teach import editions
from stylelib.teach.folds import FOLD, title_of

from ..places import NOTEBOOKS

CHECKED = re.compile(r"\bcheck\.(?!(?:claim|exhibition|report)\b)\w+\(")       # these check no function
PYTHON = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@dataclass
class Exercise:
    name: str
    prelude: str        # the notebook's imports and knobs
    stub: str
    check: str
    solution: str


def exercises_of(notebook):
    """All exercises of a notebook; AssertionError where one lacks a part."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    prelude = "\n".join(cell.source for cell in code[:2])
    stubs = [cell for cell in code if "exercise" in cell.metadata.get("tags", [])]
    checks = [cell for cell in code if CHECKED.search(cell.source)]
    assert len(stubs) == len(checks), f"{len(stubs)} cells are tagged exercise, {len(checks)} cells check one"
    return [_exercise(notebook.cells, stub, prelude) for stub in stubs]


def _exercise(cells, stub, prelude):
    place = next(i for i, cell in enumerate(cells) if cell is stub)
    definition = re.search(r"^(?:def|class) (\w+)", stub.source, re.MULTILINE)
    assert definition, f"the stub defines nothing: {stub.source[:60]!r}"
    name = definition[1]
    assert "raise NotImplementedError" in stub.source, f"the stub of {name} must raise NotImplementedError"
    assert '"""' in stub.source, f"the stub of {name} needs a docstring"
    kinds = [cell.cell_type for cell in cells[place + 1:]] + ["code", "code"]
    check_place = place + 1 + kinds.index("code")
    check = cells[check_place].source if check_place < len(cells) else ""
    called = re.search(rf"^check\.\w+\({name}\)$", check, re.MULTILINE)
    assert called, f"the code cell after {name} must be check.{name}({name})"
    end = check_place + 1 + kinds[check_place - place:].index("code")
    below = "\n\n".join(cell.source for cell in cells[check_place + 1:end])
    folded = [(title_of(fold), fold["text"]) for fold in FOLD.finditer(below)]
    hints = [text for title, text in folded if title.startswith(editions.HINT)]
    assert hints, f"{name} has no <details><summary>Hint</summary>"
    solutions = [text for title, text in folded if title.startswith(editions.SOLUTION)]
    assert len(solutions) == 1, f"{name} has {len(solutions)} <details><summary>Solution</summary>"
    blocks = PYTHON.findall(solutions[0])
    assert len(blocks) == 1, f"the solution of {name} has {len(blocks)} ```python blocks"
    return Exercise(name, prelude, stub.source, check, blocks[0])


def verdict(exercise, answer, capsys):
    """What the check prints for an answer, which is a cell's source."""
    namespace = {"__name__": "__main__"}
    for source in (exercise.prelude, answer):
        exec(compile(source, exercise.name, "exec"), namespace)
    capsys.readouterr()
    exec(compile(exercise.check, exercise.name, "exec"), namespace)
    return capsys.readouterr().out.strip()


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_stubs_and_solutions(path, capsys, monkeypatch):
    monkeypatch.chdir(path.parent)
    for exercise in exercises_of(nbformat.read(path, as_version=4)):
        assert verdict(exercise, exercise.stub, capsys) == NOT_ATTEMPTED, exercise.name
        assert verdict(exercise, exercise.solution, capsys).startswith(CORRECT), exercise.name


STUB = 'def one():\n    """One."""\n    raise NotImplementedError'
HINT = "<details><summary>Hint</summary>\n\nCount.\n\n</details>"
SOLUTION = "<details><summary>Solution</summary>\n\n```python\ndef one():\n    return ONE\n```\n\n</details>"


def example(stub=STUB, check="check.one(one)", hint=HINT, solution=SOLUTION):
    return new_notebook(cells=[
        new_code_cell("import math"), new_code_cell("ONE = 1"),
        new_code_cell(stub, metadata={"tags": ["exercise"]}), new_code_cell(check),
        new_markdown_cell(hint), new_markdown_cell(solution), new_code_cell("print(1)"),
    ])


def test_an_exercise_is_found_and_solved(capsys):
    exercise, = exercises_of(example())
    exercise.check = "print(one())"
    assert exercise.name == "one"
    assert verdict(exercise, exercise.solution, capsys) == "1"
    with pytest.raises(NotImplementedError):
        verdict(exercise, exercise.stub, capsys)


@pytest.mark.parametrize("change, words", [
    ({"stub": "x = 1"}, "defines nothing"),
    ({"stub": STUB.replace("raise NotImplementedError", "return 2")}, "must raise NotImplementedError"),
    ({"stub": STUB.replace('"""One."""', "")}, "docstring"),
    ({"check": "one()"}, "1 cells are tagged exercise, 0 cells check one"),
    ({"check": "check.one(two)"}, r"must be check.one\(one\)"),
    ({"hint": "Count."}, "no <details><summary>Hint"),
    ({"solution": "return 1"}, "0 <details><summary>Solution"),
    ({"solution": SOLUTION.replace("```python", "```")}, "0 ```python blocks"),
])
def test_an_incomplete_exercise_is_noticed(change, words):
    with pytest.raises(AssertionError, match=words):
        exercises_of(example(**change))
