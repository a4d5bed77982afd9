"""What the quiet refresh stores, when a file changes, and what the command says."""
import copy

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from .compare import same_text
from .refresh import keep_equal_outputs, main, tidy
from .store import normalise, write_if_changed
from .trial import text


def a_notebook(printed="128"):
    cells = [new_markdown_cell("# Title"),
             new_code_cell("SIZE = 128", execution_count=1, metadata={"tags": ["parameters"]}),
             new_code_cell("print(SIZE)", execution_count=2, outputs=[text(printed)])]
    return normalise(new_notebook(cells=cells))


def the_code(source):
    return normalise(new_notebook(cells=[new_code_cell(source)]))


def test_normalise_keeps_only_what_is_needed():
    notebook = a_notebook()
    once = copy.deepcopy(notebook)
    notebook.metadata.widgets = {}
    notebook.metadata.language_info.version = "3.99"
    notebook.cells[2].metadata = nbformat.from_dict({"tags": ["exercise"], "collapsed": True})
    notebook.cells[2].outputs[0].text = "64\n"
    notebook.cells[1].id = "changed"
    normalise(notebook)
    assert notebook.metadata == once.metadata
    assert notebook.cells[2].metadata == {"tags": ["exercise"]}
    assert notebook.cells[2].outputs[0].text == "64\n"
    assert notebook.cells[1].id == once.cells[1].id


def test_of_an_output_only_description_and_width_stay():
    notebook = a_notebook()
    data = {"image/png": "AAAA", "application/vnd.jupyter.widget-view+json": {"model_id": "random"}}
    about = {"image/png": {"alt": "a cat", "width": 3, "unconfined": True}, "needs_background": "light",
             "image/jpeg": {"unconfined": True}}
    notebook.cells[2].outputs = [new_output("display_data", data, metadata=about)]
    output = normalise(notebook).cells[2].outputs[0]
    assert output.data == {"image/png": "AAAA"}
    assert output.metadata == {"image/png": {"alt": "a cat", "width": 3}}


def test_cells_with_the_same_text_have_different_ids():
    notebook = normalise(new_notebook(cells=[new_code_cell("a"), new_code_cell("a"), new_markdown_cell("a")]))
    assert len({cell.id for cell in notebook.cells}) == 3
    nbformat.validate(notebook)


def test_a_course_can_mark_cells():
    def mark(notebook):
        notebook.cells[0].metadata = nbformat.from_dict({"slideshow": {"slide_type": "slide"}, "other": 1})
    notebook = normalise(a_notebook(), mark)
    assert notebook.cells[0].metadata == {"slideshow": {"slide_type": "slide"}}
    assert normalise(copy.deepcopy(notebook)) == notebook       # what is stored stays


def test_refresh_is_quiet_about_rounding_only():
    stored, rounded, other = a_notebook("3.14"), a_notebook("3.15"), a_notebook("3.24")
    assert same_text("3.14\n", "3.15\n")
    keep_equal_outputs(stored, rounded)
    keep_equal_outputs(stored, other)
    assert rounded == stored
    assert other.cells[2].outputs[0].text == "3.24\n"


def test_writing_twice_changes_once(tmp_path):
    assert write_if_changed(a_notebook(), tmp_path / "a.ipynb")
    assert not write_if_changed(a_notebook(), tmp_path / "a.ipynb")


def test_tidy_does_not_claim_that_outputs_belong_to_edited_code(tmp_path):
    notebook, path = a_notebook(), tmp_path / "a.ipynb"
    before = notebook.metadata.course.source_hash
    notebook.cells[2].source = "print(SIZE + 1)"
    notebook.metadata.widgets = {}
    nbformat.write(notebook, path)
    assert tidy(path)
    again = nbformat.read(path, as_version=4)
    assert "widgets" not in again.metadata and again.metadata.course.source_hash == before
    assert not tidy(path)


@pytest.mark.slow
@pytest.mark.parametrize("source, words", [
    ("1 / 0", "ZeroDivisionError"), ("import os; os._exit(1)", "Kernel died"),
    ("import time; time.sleep(60)", "timed out"),
])
def test_a_notebook_that_fails_stays_as_it_was(source, words, tmp_path, capsys):
    pytest.importorskip("ipykernel")
    good, bad = tmp_path / "good.ipynb", tmp_path / "bad.ipynb"
    write_if_changed(the_code("print(1)"), good)
    write_if_changed(the_code(source), bad)
    before = bad.read_bytes()
    assert main([str(bad), str(good), "--timeout", "5"]) == 1
    printed = capsys.readouterr().out
    assert words in printed and "\nFAILED " in printed and "\nchanged " in printed, printed
    assert bad.read_bytes() == before


def test_what_is_no_notebook_fails(tmp_path, capsys):
    path = tmp_path / "a.ipynb"
    path.write_text("<<<<<<< HEAD\n", "utf-8")
    assert main([str(path), "--tidy"]) == 1
    assert "FAILED " in capsys.readouterr().out
    assert path.read_text("utf-8") == "<<<<<<< HEAD\n"


@pytest.mark.parametrize("arguments, words", [(["none.ipynb"], "no such notebook: none.ipynb"),
                                              ([], "arguments are required: NOTEBOOK")])
def test_usage(arguments, words, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(arguments, command="python -m tools.nbstrict")
    assert stopped.value.code == 2
    error = capsys.readouterr().err
    assert words in error and "usage: python -m tools.nbstrict" in error


def test_a_course_can_have_notebooks_of_its_own(tmp_path, capsys):
    path = tmp_path / "a.ipynb"
    write_if_changed(a_notebook(), path)
    assert main(["--tidy"], notebooks=[path]) == 0
    assert capsys.readouterr().out.startswith("same ")
