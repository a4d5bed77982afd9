"""For the tests: a tiny project of another course that has taken this folder, and notebooks for it."""
import base64
import io
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook, new_output
from PIL import Image

HERE = Path(__file__).parent
LINE = 'pytest_plugins = ["tools.nbstrict.plugin"]\n'       # all that the course has to write
# The names of this course's packages: importing one of them fails there
STRANGERS = ("stylelib.py", "tests.py")


def text(printed: str) -> NotebookNode:
    return new_output("stream", name="stdout", text=printed + "\n")


def picture(color: str, size: tuple[int, int] = (60, 40), kind: str = "JPEG") -> NotebookNode:
    """A bright sky over ground of a colour, as a cell stores it."""
    return _stored([_landscape(color, size)], kind)


def film(*colors: str) -> NotebookNode:
    """An animated PNG of such pictures."""
    return _stored([_landscape(color, (60, 40)) for color in colors], "PNG")


def _landscape(color, size):
    image = Image.new("RGB", size, "white")
    image.paste(color, (0, size[1] // 2, *size))
    return image


def _stored(images, kind):
    file = io.BytesIO()
    more = {"save_all": True, "append_images": images[1:]} if len(images) > 1 else {}
    images[0].save(file, kind, **more)
    encoded = base64.b64encode(file.getvalue()).decode()
    return new_output("display_data", data={f"image/{kind.lower()}": encoded, "text/plain": "<picture>"})


def notebook_of(cells: Iterable[tuple]) -> NotebookNode:
    """A notebook of cells (source, outputs or None if it was never run, anything, tags or nothing)."""
    notebook = new_notebook()
    for count, (source, outputs, _, *tags) in enumerate(cells, 1):
        notebook.cells.append(new_code_cell(source, outputs=outputs or [],
                                            execution_count=None if outputs is None else count,
                                            metadata={"tags": tags[0]} if tags else {}))
    return notebook


def write(path: Path, cells: Iterable[tuple]) -> None:
    nbformat.write(notebook_of(cells), path)


def new_project(folder: Path) -> Path:
    """An empty project with a copy of this folder, one line of conftest.py, and no notebooks yet."""
    shutil.copytree(HERE, folder / "tools" / "nbstrict",
                    ignore=shutil.ignore_patterns("test_*", "__pycache__"))
    (folder / "conftest.py").write_text(LINE, "utf-8")
    for name in STRANGERS:
        (folder / name).write_text('raise ImportError("this course is not that one")\n', "utf-8")
    (folder / "notebooks").mkdir()
    return folder


def python_in(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python in a project, on its own: without the settings of the pytest that runs this test."""
    # A pytest inside a worker of pytest-xdist would take itself for a worker, too
    ours = ("PYTEST_", "NOTEBOOK_SECONDS", "FORCE_COLOR", "PYTHONPATH")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    environment = {**inherited, "MPLBACKEND": "Agg", "NO_COLOR": "1", **environment}
    return subprocess.run([sys.executable, *arguments], cwd=folder, env=environment, text=True,
                          capture_output=True, timeout=600)


def pytest_in(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run pytest in a project. The current folder isn't importable, as with the command `pytest`."""
    return python_in(folder, "-m", "pytest", "-p", "no:cacheprovider", *arguments, PYTHONSAFEPATH="1",
                     **environment)
