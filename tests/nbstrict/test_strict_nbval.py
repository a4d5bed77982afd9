"""The strict checks of notebook_strict.py can fail: one tiny notebook with a cell for each way to be wrong."""
import base64
import io
import os
import re
import shutil
import subprocess
import sys

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from PIL import Image

from .notebook_compare import picture_difference, same_text
from .notebook_format import ROOT


def text(printed):
    return new_output("stream", name="stdout", text=printed + "\n")


def picture(color, size=(60, 40), kind="JPEG"):
    """A bright sky over ground of a colour, as a cell stores it."""
    image = Image.new("RGB", size, "white")
    image.paste(color, (0, size[1] // 2, *size))
    file = io.BytesIO()
    image.save(file, kind)
    return new_output("display_data", data={f"image/{kind.lower()}": base64.b64encode(file.getvalue()).decode(),
                                            "text/plain": "<picture>"})


SHOW = """\
import io
from IPython.display import display
from PIL import Image
def show(color, size=(60, 40)):
    image, file = Image.new("RGB", size, "white"), io.BytesIO()
    image.paste(color, (0, size[1] // 2, *size))
    image.save(file, "JPEG")
    display({"image/jpeg": file.getvalue(), "text/plain": "<picture>"}, raw=True)"""

# What a cell prints now, what is stored, and what is wrong (None: nothing). run: was it run before it was stored?
CELLS = {
    "prelude": (SHOW, [], None),
    "right": ("print(True, 3)", [text("True 3")], None),
    "rounding": ("print(f'{0.1 + 0.0051:.2f}')", [text("0.10")], None),
    "twice as much": ("print(0.2)", [text("0.1")], "--- stored\n+++ printed now\n@@ -1 +1 @@\n-0.1\n+0.2"),
    "other value": ("print(3.5)", [text("3.1")], "Cell outputs differ"),
    "other count": ("print(4)", [text("3")], "Cell outputs differ"),
    "claim": ("print('it fell:', False)", [text("it fell: True")], "Cell outputs differ"),
    "right picture": ("show('navy')", [picture("navy")], None),
    "other picture": ("show('red')", [picture("navy")], "picture 1 differs"),
    "other size": ("show('navy', (60, 60))", [picture("navy")], "stored as 60x40"),
    "tolerant": ("show((0, 0, 200))", [picture("navy")], None, ["image-tol=0.08"]),
    "intolerant": ("show((0, 0, 200))", [picture("navy")], "picture 1 differs"),
    "ignored": ("show('red')", [picture("navy")], None, ["nbval-ignore-output"]),
    "picture gone": ("pass", [picture("navy")], "Missing output"),
    "stripped text": ("print(1)", [], "Unexpected output"),
    "stripped picture": ("show('navy')", [], "Unexpected output"),
    "never run": ("print(1)", None, "without being run"),
    "raises": ("1 / 0", [], "caused an exception"),
    "figures arrive": ("import os; print(os.environ.get('MPLBACKEND'), os.environ['PYTHONHASHSEED'])",
                       [text("module://matplotlib_inline.backend_inline 0")], None),
    "no profile": ("print('ipython-' in os.environ['IPYTHONDIR'])", [text("True")], None),
    "killed": ("os._exit(1)", [], "kernel died"),
    "after death": ("print(1)", [text("1")], "dead"),
}


def write(path, cells):
    notebook = new_notebook()
    for count, (source, outputs, _, *tags) in enumerate(cells, 1):
        ran = outputs is not None
        notebook.cells.append(new_code_cell(source, outputs=outputs or [], execution_count=count if ran else None,
                                            metadata={"tags": tags[0]} if tags else {}))
    nbformat.write(notebook, path)


def pytest_in(folder, *arguments, **environment):
    # a pytest inside a worker of pytest-xdist would take itself for a worker, too
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_") and name != "FORCE_COLOR"}
    environment = {**inherited, "MPLBACKEND": "Agg", "NO_COLOR": "1", **environment}
    return subprocess.run([sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments], cwd=folder, env=environment,
                          capture_output=True, text=True, timeout=600)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A folder with our checks and no notebooks yet."""
    pytest.importorskip("nbval")
    folder = tmp_path_factory.mktemp("project")
    (folder / "notebooks").mkdir()
    (folder / "tests" / "nbstrict").mkdir(parents=True)
    for name in ("conftest.py", "pyproject.toml", "tests/__init__.py", "tests/nbstrict/__init__.py",
                 "tests/nbstrict/notebook_compare.py", "tests/nbstrict/notebook_format.py",
                 "tests/nbstrict/notebook_strict.py"):
        shutil.copy(ROOT / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def verdicts(project):
    """{name of a cell in CELLS: what pytest said about it, None if nothing}, and the whole report."""
    write(project / "notebooks" / "cells.ipynb", CELLS.values())
    # waiting for the dead kernel would end the test
    run = pytest_in(project, "notebooks/cells.ipynb", NOTEBOOK_SECONDS="3600")
    parts = re.split(r"_{3,} notebooks/cells.ipynb::Cell (\d+) _{3,}", run.stdout.replace("\\", "/"))
    failures = dict(zip(map(int, parts[1::2]), parts[2::2], strict=True))
    return {name: failures.get(number) for number, name in enumerate(CELLS)}, run.stdout


@pytest.mark.slow
@pytest.mark.parametrize("name", CELLS)
def test_each_cell_gets_its_verdict(name, verdicts):
    said, wrong = verdicts[0][name], CELLS[name][2]
    assert (said is None) == (wrong is None), said
    assert wrong is None or wrong in said


@pytest.mark.slow
def test_summary(verdicts):
    assert "seconds per notebook" in verdicts[1]
    assert re.search(r"\d+\.\d +together", verdicts[1])
    assert re.findall("equal only within rounding .*Cell (.*)", verdicts[1]) == [str(list(CELLS).index("rounding"))]


@pytest.mark.slow
@pytest.mark.parametrize("slow", ["time.sleep(3600)",
                                  "try:\n    time.sleep(3600)\nexcept KeyboardInterrupt:\n    pass"])
def test_budget(slow, project):
    """The cell never ends by itself, and the others have 10 seconds: no machine is too slow for that."""
    write(project / "notebooks" / "slow.ipynb",
          [(source, [], None) for source in ("import time", slow, "pass")])
    run = pytest_in(project, "notebooks/slow.ipynb", NOTEBOOK_SECONDS="10")
    assert run.returncode == 1
    assert re.findall("_ notebooks.slow.ipynb::Cell (.) _", run.stdout) == ["1"]
    assert re.search("more than 10 seconds|Timeout of 10 seconds", run.stdout)


@pytest.mark.slow
def test_the_budget_is_for_the_whole_notebook(project):
    """No cell alone takes 2 seconds.

    The first that begins within them and ends after them is the one that fails.
    """
    write(project / "notebooks" / "sum.ipynb", [("import time; time.sleep(1.5)", [], None)] * 4)
    run = pytest_in(project, "notebooks/sum.ipynb", NOTEBOOK_SECONDS="2")
    assert run.returncode == 1 and len(re.findall("notebooks.sum.ipynb::Cell . _",
                                                  run.stdout)) == 1, run.stdout


@pytest.fixture
def row(project):
    """A notebook whose cells need each other."""
    counting = [("a += 1; print(a)", [text(str(i))], None) for i in range(2, 7)]
    write(project / "notebooks" / "row.ipynb", [("a = 1", [], None), *counting])
    return "notebooks/row.ipynb"


@pytest.mark.slow
@pytest.mark.parametrize("dist", ["load", "loadgroup", "worksteal"])
def test_xdist_keeps_a_notebook_together(dist, row, project):
    run = pytest_in(project, "-n", "2", "--dist", dist, row)
    assert run.returncode == 0, run.stdout
    assert "together" in run.stdout


@pytest.mark.slow
def test_last_failed_runs_the_cells_above_too(project):
    cells = [("a = 1", [], None), ("a += 1", [], None), ("print(a)", [text("3")], None),
             ("print(4)", [text("4")], None)]
    write(project / "notebooks" / "last.ipynb", cells)
    for arguments in ([], ["--lf"]):            # the second time, Cell 2 must know what a is
        run = pytest_in(project, "-p", "cacheprovider", "notebooks/last.ipynb", *arguments)
        assert "-3\n+2" in run.stdout and "NameError" not in run.stdout, run.stdout
    assert "2 passed" in run.stdout.replace(" deselected", "")


@pytest.mark.slow
def test_without_nbval_the_other_tests_run(project):
    """The options of nbval stood in addopts, and pytest stopped at them."""
    (project / "tests" / "test_sum.py").write_text("def test_sum():\n    assert 1 + 1 == 2\n", "utf-8")
    run = pytest_in(project, "-p", "no:nbval")
    assert run.returncode == 0 and "1 passed" in run.stdout, run.stdout + run.stderr
    assert "nbval is not installed" in run.stdout


@pytest.mark.parametrize("stored, new", [
    ("loss 3.14 and 1.2e+04", "loss 3.15 and 1.3e+04"),
    ("   9.99 x\n-------\n", "  10.00 x\n--------\n"),
    ("ratio 3.2x", "ratio 3.3x"),
    ("0.09", "0.1"), ("1.0", "1.1"), ("9e-05", "1e-04"), ("-1.4", "-1.3"), ("-0.00", "0.00"),
])
def test_rounding_is_forgiven(stored, new):
    assert same_text(stored, new)


@pytest.mark.parametrize("stored, new", [
    ("loss 3.14", "loss 3.16"), ("n = 3", "n = 4"), ("n = -3", "n = 3"), ("x -1.5", "x 1.5"), ("True", "False"),
    ("1.2e+04", "1.2e+05"), ("0.1", "0.2"), ("1e+05", "2e+05"), ("-0.7", "-0.8"), ("0.00", "0.01"),
    ("12", "13"), ("1000", "1001"),
    ("torch 2.4.6", "torch 2.5.6"), ("a 1.0 b", "a 1.0 c"), ("nan 1.0", "inf 1.0"), ("1.0", "1.0 2.0"), ("a", "a\nb"),
])
def test_other_differences_are_not(stored, new):
    assert not same_text(stored, new)


def test_pictures():
    assert picture_difference([picture("navy")], [picture("navy", kind="PNG")], 0.03) is None
    assert "1 pictures are stored, 2" in picture_difference([picture("navy")], [picture("navy")] * 2, 0.03)
    assert "differs" in picture_difference([picture("white")], [picture("navy")], 0.9)
    assert picture_difference([text("a")], [text("b")], 0.03) is None
