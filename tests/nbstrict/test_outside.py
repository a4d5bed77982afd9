"""Another course can take this folder: it needs nothing of ours, and leaves nbval as it found it."""
import ast
import sys

import nbformat
import pytest

from .store import source_hash
from .trial import HERE, new_project, pytest_in, python_in, text, write

MAY_BE_IMPORTED = {"nbclient", "nbformat", "nbval", "numpy", "PIL", "pytest", "xdist",
                   *sys.stdlib_module_names}

# A run of pytest inside this process; afterwards, nbval must be its old self again.
LEFT_ALONE = """
import os, pytest
from nbval.kernel import RunningKernel
from nbval.plugin import IPyNbCell

def state():
    names = ("MPLBACKEND", "PYTHONHASHSEED", "IPYTHONDIR", "OMP_NUM_THREADS")
    return (IPyNbCell.sanitize, IPyNbCell.format_output_compare, RunningKernel.await_reply,
            [os.environ.get(name) for name in names])

before = state()
import tools.nbstrict.patches, tools.nbstrict.plugin, tools.nbstrict.strict
assert state() == before, "an import has changed nbval"
assert pytest.main(["notebooks"]) == 0, "the checks did not forgive rounding"
assert state() == before, "the checks have left something behind"
plain = ["--noconftest", "--nbval", "--nbval-current-env", "notebooks"]
assert pytest.main(plain) == 1, "rounding is still forgiven"
"""


@pytest.fixture
def project(tmp_path):
    """With one notebook, one of whose outputs is the same within rounding only."""
    pytest.importorskip("nbval")
    project = new_project(tmp_path)
    write(project / "notebooks" / "a.ipynb", [("a = 3.14", [], None), ("print(a)", [text("3.15")], None)])
    return project


@pytest.mark.parametrize("path", sorted(HERE.glob("*.py")), ids=lambda path: path.name)
def test_no_file_reaches_out_of_the_folder(path):
    for statement in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(statement, ast.ImportFrom):
            assert statement.level == 1 or (statement.level == 0
                                            and statement.module.partition(".")[0] in MAY_BE_IMPORTED)
        if isinstance(statement, ast.Import):
            assert {name.name.partition(".")[0] for name in statement.names} <= MAY_BE_IMPORTED


@pytest.mark.slow
def test_one_line_is_enough_for_pytest(project):
    (project / "checks").mkdir()
    (project / "checks" / "conftest.py").touch()        # one that is not for the notebooks
    (project / "checks" / "test_one.py").write_text("def test_one():\n    pass\n", "utf-8")
    run = pytest_in(project, "checks", "notebooks")
    assert run.returncode == 0 and "3 passed" in run.stdout, run.stdout + run.stderr
    assert "equal only within rounding (plain nbval would fail): notebooks/a.ipynb::Cell 1" in run.stdout


@pytest.mark.slow
def test_one_option_is_enough_too(project):
    (project / "conftest.py").unlink()
    run = python_in(project, "-m", "pytest", "-p", "tools.nbstrict.plugin", "notebooks")
    assert run.returncode == 0 and "2 passed" in run.stdout, run.stdout + run.stderr


@pytest.mark.slow
def test_the_refresh_runs_there(project):
    path = project / "notebooks" / "a.ipynb"
    refresh = "-m", "tools.nbstrict", "notebooks/a.ipynb"
    assert python_in(project, *refresh).stdout.startswith("changed")
    stored = nbformat.read(path, as_version=4)
    assert stored.cells[1].outputs[0].text == "3.14\n"      # there was no hash that said what was run before
    assert stored.metadata.course.source_hash == source_hash(stored)
    assert python_in(project, *refresh).stdout.startswith("same")
    tidied = python_in(project, *refresh, "--tidy")
    assert tidied.stdout.startswith("same") and tidied.returncode == 0, tidied.stderr
    assert pytest_in(project, "notebooks").returncode == 0


@pytest.mark.slow
def test_nbval_is_left_as_it_was(project):
    run = python_in(project, "-c", LEFT_ALONE, IPYTHONDIR=str(project))
    assert run.returncode == 0, run.stdout + run.stderr
