"""Student copies: nothing of a solution is left in them, and they run where they were put.

That the notebooks' code runs from top to bottom is proven by nbval, that each solution is right by
test_exercises.py. A student copy has the same code cells, so only what a copy could break is tested here: its
text, its files, its relative paths.
"""
import filecmp
import os
import re
import shutil

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from stylelib.cli import main
from stylelib.teach.course import new_folder
from stylelib.teach.folds import FOLD, title_of
from stylelib.teach.handouts import KEPT, student_copy, without_solutions, write_handouts

from ..notebooks.rules import HAPPENS, SEEN, problems
from ..notebooks.test_exercises import exercises_of
from ..places import NOTEBOOKS, ROOT, TRANSLATED, notebooks_in

VARIANTS = ["outputs", "no_outputs"]


@pytest.fixture(scope="module")
def handouts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("handouts")
    assert write_handouts(folder / "outputs") == len(NOTEBOOKS)
    assert main(["handout", str(folder / "no_outputs"), "--no-outputs"]) == 0
    return folder


def read(path):
    return nbformat.read(path, as_version=4)


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


# Lines of a solution that stand in its notebook for another reason
COINCIDENCES = ("total = sum(loss(image).values())",)


def long_lines(source):
    """Lines that nobody writes twice by chance."""
    return [line.strip() for line in source.splitlines() if len(line.strip()) >= 30]


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_solution_is_left_and_all_code_is(path, variant, handouts):
    original, copy = read(path), read(handouts / variant / "notebooks" / path.name)
    nbformat.validate(copy)
    assert [cell.source for cell in code(copy)] == [
        cell.source for cell in code(original) if "solution" not in cell.metadata.get("tags", [])]
    text = "\n".join(cell.source for cell in copy.cells)
    for exercise in exercises_of(original):
        left = [line for line in long_lines(exercise.solution) if line in text and line not in COINCIDENCES]
        assert set(left) <= set(long_lines(exercise.stub)), exercise.name
    before = "\n".join(cell.source for cell in original.cells)
    kept = [fold[0] for fold in FOLD.finditer(before) if title_of(fold).startswith(KEPT)]
    assert [fold[0] for fold in FOLD.finditer(text)] == kept


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_outputs_are_there_or_not(path, handouts):
    full = code(read(handouts / "outputs" / "notebooks" / path.name))
    assert [cell.outputs for cell in full] == [
        cell.outputs for cell in code(read(path)) if "solution" not in cell.metadata.get("tags", [])]
    bare = code(read(handouts / "no_outputs" / "notebooks" / path.name))
    assert not any(cell.outputs or cell.execution_count for cell in bare)


@pytest.mark.parametrize("variant", VARIANTS)
def test_everything_that_a_copy_needs_lies_beside_it(variant, handouts):
    folder = handouts / variant
    for picture in (ROOT / "data").glob("*/*.jpg"):
        assert filecmp.cmp(picture, folder / picture.relative_to(ROOT), shallow=False)
    for path in NOTEBOOKS:
        copy = read(folder / "notebooks" / path.name)
        for place in re.findall(r"\.\./data/[\w./]+", "\n".join(cell.source for cell in copy.cells)):
            assert (folder / "notebooks" / place).exists(), f"{path.name}: {place}"
        found = problems(folder / "notebooks" / path.name)
        assert [problem for problem in found if "there is no" in problem or "no link" in problem] == []
    assert (folder / "LICENSE-TEXT").exists() and (folder / "data" / "SOURCES.md").exists()
    # the guide and the formula sheet hold answers
    assert {path.name for path in (folder / "notebooks").glob("*.md")} == {"GLOSSARY.md", "GLOSSARY.zh.md"}


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_copy_runs_where_it_was_put(variant, handouts):
    """A notebook up to its first pictures, in a kernel that starts in the copy's own folder."""
    folder = handouts / variant / "notebooks"
    copy = read(folder / "04_style_transfer.ipynb")
    copy.cells = code(copy)[:3]
    assert "load_image(" in copy.cells[2].source, "the third code cell should load a picture from ../data"
    NotebookClient(copy, timeout=120, kernel_name="python3",
                   resources={"metadata": {"path": str(folder)}}).execute()
    assert copy.cells[2].outputs


@pytest.mark.parametrize("text, expected", [
    ("A\n\n<details><summary>Hint</summary>\n\nB\n\n</details>",
     "A\n\n<details><summary>Hint</summary>\n\nB\n\n</details>"),
    ("<details>\n<summary><b>Solution</b></summary>\n\n```python\n1\n```\n</details>", ""),
    ("1. Why?\n\n<details><summary>Answer</summary>\n\nSo.\n\n</details>\n\n2. How?",
     "1. Why?\n\n*Your answer:*\n\n2. How?"),
    ("<details><summary>Diagnosis</summary>It is X.</details>", "*Your answer:*"),
    ("<details><summary>What to see</summary>A moon.</details>",
     "<details><summary>What to see</summary>A moon.</details>"),
    ("**Try it.**\n\n<details><summary>What happens</summary>It melts.</details>",
     "**Try it.**\n\n<details><summary>What happens</summary>It melts.</details>"),
    ("no folds", "no folds"),
])
def test_what_is_folded(text, expected):
    assert without_solutions(text) == expected


def test_cells_left_empty_go():
    solution = "<details><summary>Solution</summary>\n\n2\n\n</details>"
    notebook = new_notebook(cells=[new_code_cell("1", execution_count=3), new_markdown_cell(solution)])
    copy = student_copy(notebook, outputs=False)
    assert [cell.source for cell in copy.cells] == ["1"] and copy.cells[0].execution_count is None


def test_what_answers_a_prediction_is_collapsed():
    """In JupyterLab: it shows the outputs again as soon as the cell is run, or clicked."""
    output = nbformat.v4.new_output("stream", text="It is blue.")
    cells = [new_markdown_cell("**Predict.** Which?"), new_code_cell("print(colour)", outputs=[output]),
             new_markdown_cell("And now:"), new_code_cell("print(colour)", outputs=[output])]
    answer, other = code(student_copy(new_notebook(cells=cells)))
    assert answer.metadata["jupyter"] == {"outputs_hidden": True} and answer.outputs
    assert "jupyter" not in other.metadata


def test_all_folds_of_the_course_are_understood():
    """A fold that the pattern missed would hand out its solution."""
    assert {SEEN, HAPPENS} < set(KEPT)
    for path in NOTEBOOKS:
        for cell in read(path).cells:
            if cell.cell_type == "markdown":
                assert "<details" not in FOLD.sub("", cell.source), f"{path.name}: {cell.source[:60]!r}"
                for fold in FOLD.finditer(cell.source):
                    assert title_of(fold).startswith((*KEPT, "Solution", "Answer", "Diagnosis")), fold[0]


@pytest.mark.parametrize("arguments, words", [
    ([], "DIR"),
    (["full"], "not empty"),
    (["full/file.txt"], "is a file"),
    (["full/file.txt/sub"], "cannot write"),
    (["new", "--course", "full"], "no course in"),
    (["new", "--outputs"], "--outputs"),
])
def test_bad_input_is_one_line_and_status_2(arguments, words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file.txt").write_text("mine")
    try:
        status = main(["handout", *arguments])
    except SystemExit as stop:
        status = stop.code
    captured = capsys.readouterr()
    assert status == 2 and captured.out == "" and words in captured.err and captured.err.count("\n") == 1
    assert [path.name for path in tmp_path.rglob("*")] == ["full", "file.txt"]


@pytest.fixture
def mixed(tmp_path):
    """A course of two notebooks, and what lies beside them in a folder that somebody has worked in."""
    folder = tmp_path / "course" / "notebooks"
    folder.mkdir(parents=True)
    (tmp_path / "course" / "data").mkdir()
    (tmp_path / "course" / "pyproject.toml").touch()
    (tmp_path / "course" / "stylelib").mkdir()
    shutil.copy(NOTEBOOKS[0], folder)
    nbformat.write(new_notebook(cells=[new_code_cell("print('no title')")]), folder / "08_plain.ipynb")
    shutil.copy(NOTEBOOKS[0], folder / f"{NOTEBOOKS[0].stem}-Copy1.ipynb")
    nbformat.write(new_notebook(cells=[new_markdown_cell("# Marks of my students")]),
                   folder / "private.ipynb")
    (folder / "Untitled.ipynb").write_text('{"cells": []}')
    (folder / "09_broken.ipynb").write_text("<<<<<<< HEAD")
    return tmp_path / "course"


@pytest.mark.parametrize("command, made", [("handout", "notebooks/*.ipynb"), ("slides", "[0-9]*.html"),
                                           ("site", "notebooks/*.html"),
                                           ("offline", "course/notebooks/*.ipynb")])
def test_only_the_courses_own_notebooks_are_handed_out(command, made, mixed, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("stylelib.teach.offline.get_wheels", lambda course, wheels, *_: wheels.mkdir())
    assert main([command, str(tmp_path / "new"), "--course", str(mixed)]) == 0
    assert sorted(path.stem for path in (tmp_path / "new").glob(made)) == [NOTEBOOKS[0].stem, "08_plain"]
    assert not [path for path in (tmp_path / "new").rglob("*")
                if "private" in path.name or "Untitled" in path.name]
    warnings = [line for line in capsys.readouterr().err.splitlines() if "left out" in line]
    assert len(warnings) == 1 and "09_broken.ipynb is no notebook that can be read" in warnings[0]


def test_a_notebook_without_a_title_is_called_like_its_file(mixed, tmp_path, capsys):
    assert main(["slides", str(tmp_path / "new"), "08", "--course", str(mixed)]) == 0
    assert ">08_plain</a>" in (tmp_path / "new" / "index.html").read_text("utf-8")
    assert capsys.readouterr().err == ""            # who asks for one notebook does not miss the others


@pytest.mark.parametrize("arguments", [["09"], []])
def test_a_broken_notebook_that_is_asked_for_is_named(arguments, mixed, tmp_path, capsys):
    if not arguments:                               # when none at all can be read
        for path in (mixed / "notebooks").glob("*"):
            path.write_text("")
    assert main(["slides", str(tmp_path / "new"), *arguments, "--course", str(mixed)]) == 2
    error = capsys.readouterr().err
    assert "09_broken.ipynb is no notebook" in error and error.count("\n") == 1
    assert not (tmp_path / "new").exists()


def test_a_learners_own_notebook_is_no_test(mixed, pytestconfig):
    """Nor does it become a neighbour of the course's notebooks."""
    assert [path.stem[:2] for path in notebooks_in(mixed / "notebooks")] == ["00", "08", "09"]
    ignored = pytestconfig.hook.pytest_ignore_collect
    for first in (NOTEBOOKS[0], TRANSLATED[0]):
        for name in ("Untitled.ipynb", f"{first.stem}-Copy1.ipynb"):
            assert ignored(collection_path=first.with_name(name), config=pytestconfig)
    assert not any(ignored(collection_path=path, config=pytestconfig) for path in (*NOTEBOOKS, TRANSLATED[0]))


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_a_new_folder_is_as_open_as_others(tmp_path):
    before = os.umask(0o027)
    try:
        with new_folder(tmp_path / "new") as draft:
            (draft / "file.txt").touch()
        (tmp_path / "other").mkdir()
    finally:
        os.umask(before)
    assert (tmp_path / "new").stat().st_mode == (tmp_path / "other").stat().st_mode
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new", "other"]


def test_an_empty_folder_is_filled(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["handout", ".", "--course", str(ROOT)]) == 0
    made = sorted(path.name for path in tmp_path.iterdir() if path.is_dir())
    assert made == ["data", "notebooks", "stylelib"]


def test_a_failure_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setattr("stylelib.teach.handouts.student_copy", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_handouts(tmp_path / "new")
    assert list(tmp_path.iterdir()) == []
