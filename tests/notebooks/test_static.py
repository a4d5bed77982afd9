"""The house rules for all notebooks, and for each rule a notebook that breaks it."""
import base64
import copy

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from ..nbstrict.store import normalise, write_if_changed
from ..places import NOTEBOOKS
from ..refresh import main, mark_slides
from .rules import MAX_FILE, MAX_PICTURE, problems

REFRESH = "python -m tests.refresh"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_house_rules(path):
    assert problems(path) == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_nothing_to_normalise(path):
    notebook = nbformat.read(path, as_version=4)
    again = normalise(copy.deepcopy(notebook), mark_slides)
    assert [cell.id for cell in notebook.cells] == [cell.id for cell in again.cells], REFRESH
    assert notebook == again, REFRESH


OPENING = """\
# 01 Example

Is this a question?

![two lines](../data/teasers/01_example.jpg)

**After this notebook you can**

- write a notebook.

**You need to know** Python.

**Time:** about 5 minutes to study; runs in about 2 seconds on two CPU cores.

[02 Other →](02_other.ipynb) · [glossary](GLOSSARY.md)"""
TRY = "**Try it.** Two lines.\n\n<details><summary>What happens</summary>\n\nNothing.\n\n</details>"
SEEN = "<details><summary>What to see</summary>\n\nA line.\n\n</details>"

ENDING = """\
## Key points

- One.

## Common misconceptions

- None.

## Questions

""" + "Why?\n\n<details><summary>Answer</summary>\n\nTherefore.\n\n</details>\n\n" * 3 + """\
## Read on

The paper, section 2.

[02 Other →](02_other.ipynb)"""


PICTURE = base64.b64encode(b"a figure").decode()


def good_notebook():
    cells = [new_markdown_cell(OPENING),
             new_code_cell("import math", execution_count=1),
             new_code_cell("SIZE = 128     # pixels", execution_count=2, metadata={"tags": ["parameters"]}),
             new_markdown_cell("## A section\n\n![a line](line.png) and `[code](nowhere)`\n\n"
                               "```python\n# no heading\n```"),
             new_code_cell("print(SIZE)", execution_count=3,
                           outputs=[new_output("stream", name="stdout", text="128\n")]),
             new_markdown_cell("More of it.\n\n**Predict.** What will be seen?"),
             new_code_cell("draw()", execution_count=4, metadata={"tags": ["teaser"]},
                           outputs=[new_output("display_data", data={"image/jpeg": PICTURE})]),
             new_markdown_cell(SEEN),
             new_markdown_cell(TRY),
             new_markdown_cell(ENDING)]
    return normalise(new_notebook(cells=cells))


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A folder for one notebook, with what it links to."""
    folder = tmp_path / "notebooks"
    folder.mkdir()
    monkeypatch.setattr("tests.teasers.FOLDER", tmp_path / "data" / "teasers")
    (tmp_path / "data" / "teasers").mkdir(parents=True)
    (tmp_path / "data" / "teasers" / "01_example.jpg").write_bytes(b"a figure")
    for name in ("02_other.ipynb", "line.png", "GLOSSARY.md"):
        (folder / name).touch()
    return folder


def problems_of(notebook, folder):
    path = folder / "01_example.ipynb"
    write_if_changed(notebook, path)
    return problems(path)


def test_a_good_notebook_has_no_problems(course):
    assert problems_of(good_notebook(), course) == []


def replaced(i, old, new):
    """A fault: `old` in the source of cell i becomes `new`."""
    def change(notebook):
        assert old in notebook.cells[i].source
        notebook.cells[i].source = notebook.cells[i].source.replace(old, new)
    return change


def with_output(**output):
    def change(notebook):
        notebook.cells[4].outputs = [new_output(**output)]
    return change


def with_tag(tag, i=4):
    def change(notebook):
        notebook.cells[i].metadata = nbformat.from_dict({"tags": [tag]})
    return change


def with_count(count):
    def change(notebook):
        notebook.cells[4].execution_count = count
    return change


def with_other_figure(notebook):
    notebook.cells[6].outputs[0].data["image/jpeg"] = base64.b64encode(b"another").decode()


def with_metadata(notebook):
    notebook.metadata.widgets = {}


def with_cell_metadata(notebook):
    notebook.cells[1].metadata = nbformat.from_dict({"collapsed": True})


def with_slide_type(notebook):
    notebook.cells[3].metadata = nbformat.from_dict({"slideshow": {"slide_type": "page"}})


@pytest.mark.parametrize("change, words", [
    (replaced(0, "**After this notebook you can**", "You can"), "**After this notebook you can**"),
    (replaced(0, "**You need to know**", "Know"), "**You need to know**"),
    (replaced(0, "about 5 minutes", "long"), "**Time:**"),
    (replaced(0, "runs in about 2 seconds", "runs"), "**Time:**"),
    (replaced(0, "02_other.ipynb", "https://example.org"), "the first cell has no link to 02_other.ipynb"),
    (replaced(-1, "02_other.ipynb", "03_none.ipynb"), "the last cell has no link to 02_other.ipynb"),
    (replaced(-1, "02_other.ipynb", "03_none.ipynb"), "cell 9: there is no 03_none.ipynb"),
    (replaced(3, "line.png", "../curve.png"), "there is no ../curve.png"),
    (replaced(3, "a line", ""), "no alternative text"),
    (replaced(3, "![a line](line.png)", '<img src="line.png">'), "no alternative text"),
    (replaced(3, "## A", "# A"), "one # heading"),
    (replaced(0, "# 01", "## 01"), "one # heading"),
    (replaced(3, "## A", "### A"), "skips a level"),
    (replaced(3, "and", "word " * 150), "words (limit 150)"),
    (replaced(-1, "</details>", ""), "needs a <summary> and its end"),
    (replaced(3, "and", "(3, H*W) and"), "the star in H*W"),
    (replaced(-1, "## Key points", "## Points"), "the last sections must be"),
    (replaced(-1, "## Read on", "## Later"), "the last sections must be"),
    (replaced(-1, "<details><summary>Answer</summary>\n\nTherefore.\n\n</details>", "Therefore."),
     "three answers"),
    (replaced(0, "teasers/01", "teasers/02"), "show ../data/teasers/01_example.jpg"),
    (replaced(0, "GLOSSARY.md", "02_other.ipynb"), "link GLOSSARY.md"),
    (with_tag("solution", 6), "the tag 'teaser'"),
    (with_other_figure, "01_example.jpg be its figure"),
    (replaced(7, "<details><summary>What to see</summary>", "**What to see.**"),
     "cell 7: the answer to the prediction in cell 5"),
    (replaced(7, "<details>", "Now:\n\n<details>"), "cell 7: the answer to the prediction in cell 5"),
    (replaced(3, "![a line]", "**What to see.** ![a line]"), "cell 3: fold"),
    (replaced(5, "seen?", "seen?\n\n## Next"), "cell 5: nothing may follow"),
    (replaced(8, "**Try it.**", "**Predict.**"), "cell 8: the code that answers"),
    (replaced(8, "What happens", "Hint"), "cell 8: below what to try"),
    (replaced(2, "SIZE", "A = 1  # no\nB = 2  # no\nC = 3  # no\nD = 4  # no\nE = 5  # no\nSIZE"),
     "6 knobs (limit 5)"),
    (with_output(output_type="stream", name="stdout", text="further away: True\n"),
     "a verdict teaches nothing"),
    (replaced(1, "import math", "import math\nx = 1"), "imports only"),
    (replaced(2, "SIZE", "size"), "CAPITALS"),
    (replaced(2, "# pixels", ""), "the knob SIZE needs a comment"),
    (replaced(4, "print(SIZE)", "print(SIZE)\n" * 21), "21 lines"),
    (replaced(4, "print(SIZE)", ""), "cell 4: empty"),
    (replaced(4, "print(SIZE)", "open('/home/me/a.jpg')"), "one machine only"),
    (replaced(4, "print(SIZE)", "# NBVAL_SKIP\nprint()"), "use a tag"),
    (replaced(4, "print(SIZE)", "print(SIZE);"), "';'"),
    (replaced(4, "print(SIZE)", "interact(print)"), "Output widgets"),
    (replaced(4, "SIZE", "SIZE + 0"), "code has changed"),
    (with_count(None), "execution count None"),
    (with_count(7), "execution count 7"),
    (with_tag("nbval_ignore_output"), "unknown tag"),
    (with_tag("nbval-ignore-output"), "only 1 of 4 code cells"),
    (with_tag("exercise", 2), "must have the tag 'parameters'"),
    (with_tag("parameters"), "cells [2, 4] have it"),
    (with_slide_type, "unknown slide type 'page'"),
    (with_metadata, "metadata ['widgets']"),
    (with_cell_metadata, "metadata ['collapsed']"),
    (with_output(output_type="stream", name="stderr", text="Warning"), "stderr 'Warning'"),
    (with_output(output_type="error", ename="ValueError", evalue="", traceback=[]),
     "stopped with ValueError"),
    (with_output(output_type="stream", name="stdout", text="<thing at 0x7f00aa11bb22>"),
     "one machine only"),
    (with_output(output_type="stream", name="stdout", text=r"C:\Users\me"), "one machine only"),
    (with_output(output_type="display_data", data={"image/svg+xml": "<svg/>"}),
     "image/svg+xml is not compared"),
    (with_output(output_type="display_data", data={"image/png": "A" * (MAX_PICTURE * 4 // 3 + 8)}),
     "a picture of"),
    (with_output(output_type="stream", name="stdout", text="a" * MAX_FILE), "the file has"),
])
def test_each_rule_can_fail(change, words, course):
    notebook = good_notebook()
    change(notebook)
    found = problems_of(notebook, course)
    assert any(words in problem for problem in found), found


def test_the_courses_refresh_marks_slides_and_is_quiet_else(tmp_path, capsys):
    path = tmp_path / NOTEBOOKS[0].name
    notebook = nbformat.read(NOTEBOOKS[0], as_version=4)
    assert notebook.cells[0].metadata.pop("slideshow")
    write_if_changed(notebook, path)
    assert main([str(path), "--tidy"]) == 0
    assert path.read_bytes() == NOTEBOOKS[0].read_bytes()
    assert main([str(path), "--tidy"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["changed", "same"]


def test_messages_name_the_courses_refresh(request):
    """The plugin would name its own, which knows nothing of slides."""
    assert request.config.getini("nbstrict_refresh") == REFRESH
