"""The strict checks can fail: one tiny notebook with a cell for each way to be wrong.

It stands in the project of another course, which has a copy of this folder (trial.py).
"""
import re

import pytest

from . import plugin
from .trial import new_project, picture, pytest_in, text, write

SHOW = """\
import io
from IPython.display import display
from PIL import Image
def show(color, size=(60, 40)):
    image, file = Image.new("RGB", size, "white"), io.BytesIO()
    image.paste(color, (0, size[1] // 2, *size))
    image.save(file, "JPEG")
    display({"image/jpeg": file.getvalue(), "text/plain": "<picture>"}, raw=True)"""

# What a cell prints now, what is stored (None: it was never run), what is wrong (None: nothing), and its tags
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
    "no number": ("show('red')", [picture("navy")], "'image-tol=much' has no number", ["image-tol=much"]),
    "intolerant": ("show((0, 0, 200))", [picture("navy")], "picture 1 differs"),
    "ignored": ("show('red')", [picture("navy")], None, ["nbval-ignore-output"]),
    "picture gone": ("pass", [picture("navy")], "Missing output"),
    "stripped text": ("print(1)", [], "Unexpected output"),
    "stripped picture": ("show('navy')", [], "Unexpected output"),
    "never run": ("print(1)", None, "is compared: python -m tools.nbstrict NOTEBOOK"),
    "raises": ("1 / 0", [], "caused an exception"),
    "figures arrive": ("import os; print(os.environ.get('MPLBACKEND'), os.environ['PYTHONHASHSEED'])",
                       [text("module://matplotlib_inline.backend_inline 0")], None),
    "no profile": ("print('ipython-' in os.environ['IPYTHONDIR'])", [text("True")], None),
    "killed": ("os._exit(1)", [], "kernel died"),
    "after death": ("print(1)", [text("1")], "dead"),
}


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    pytest.importorskip("nbval")
    return new_project(tmp_path_factory.mktemp("project"))


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
    rounded = str(list(CELLS).index("rounding"))
    assert re.findall("equal only within rounding .*Cell (.*)", verdicts[1]) == [rounded]


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
    run = pytest_in(project, "notebooks/sum.ipynb", "-o", "nbstrict_seconds=2")
    assert run.returncode == 1, run.stdout
    assert len(re.findall("notebooks.sum.ipynb::Cell . _", run.stdout)) == 1, run.stdout


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
    (project / "test_sum.py").write_text("def test_sum():\n    assert 1 + 1 == 2\n", "utf-8")
    run = pytest_in(project, "-p", "no:nbval")
    assert run.returncode == 0 and "1 passed" in run.stdout, run.stdout + run.stderr
    assert "nbval is not installed" in run.stdout


@pytest.mark.slow
def test_settings(project):
    cells = [(SHOW, [], None), CELLS["intolerant"], CELLS["never run"]]
    write(project / "notebooks" / "settings.ipynb", cells)
    run = pytest_in(project, "notebooks/settings.ipynb", "-o", "nbstrict_image_tolerance=0.08",
                    "-o", "nbstrict_refresh=make notebooks")
    assert "nothing is compared: make notebooks" in run.stdout, run.stdout
    assert "1 failed, 2 passed" in run.stdout


@pytest.mark.slow
@pytest.mark.parametrize("arguments, environment, words", [
    (["-o", "nbstrict_image_tolerance=much"], {}, "nbstrict_image_tolerance must be a number, got 'much'"),
    ([], {"NOTEBOOK_SECONDS": "long"}, "NOTEBOOK_SECONDS must be a number, got 'long'"),
])
def test_settings_must_be_numbers(arguments, environment, words, project):
    run = pytest_in(project, "notebooks", *arguments, **environment)
    assert run.returncode == 4 and words in run.stderr, run.stderr


def test_another_nbval_is_named(monkeypatch, request):
    pytest.importorskip("nbval")
    if not request.config.pluginmanager.hasplugin("nbval"):
        pytest.skip("nbval is turned off")
    assert plugin.pytest_report_header(request.config) is None
    monkeypatch.setattr(plugin, "version", lambda name: "0.12.0")
    assert "may not fit nbval 0.12.0" in plugin.pytest_report_header(request.config)
