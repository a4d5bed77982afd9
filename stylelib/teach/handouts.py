"""What learners get: the course without solutions, made from the one that has them."""
import contextlib
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from .course import Folder, copy_data, copy_package, find_course, find_notebooks, new_folder
from .folds import FOLD, title_of

KEPT = ("Hint", "What to see", "What happens")      # folds that give no solution away
# The head of each glossary's copy. The formula sheet that follows the terms shows solved exercises
GLOSSARIES = {"GLOSSARY.md": "# Glossary\n\n中文：[GLOSSARY.zh.md](GLOSSARY.zh.md)\n\n",
              "GLOSSARY.zh.md": "# 术语表\n\nEnglish: [GLOSSARY.md](GLOSSARY.md)\n\n"}
README = """\
# Neural style transfer: a course in notebooks

Exercises with hints, without solutions. Begin with
[{first}](notebooks/{first}).
"""
INSTALL = """
## Install

With Python 3.10 to 3.14, in this folder (Linux, macOS):

```console
$ python3 -m venv .venv
$ .venv/bin/pip install .
$ .venv/bin/stylelib doctor
$ .venv/bin/jupyter lab notebooks/{first}
```

On Windows, in PowerShell:

```console
> py -m venv .venv
> .venv\\Scripts\\pip install .
> .venv\\Scripts\\stylelib doctor
> .venv\\Scripts\\jupyter lab notebooks\\{first}
```

Installing needs a network once, for PyTorch and the weights of the networks. The doctor says what is missing,
if anything, and how to get it.
"""
NOT_HERE = """
The package `stylelib` must be installed. Then type, in this folder:

```console
$ jupyter lab notebooks/{first}
```
"""
RIGHTS = """
Text and figures: CC BY 4.0 (LICENSE-TEXT). Code: MIT (LICENSE). Photos and paintings:
[data/SOURCES.md](data/SOURCES.md).
"""


def write_handouts(folder: Folder, outputs: bool = True, course: Folder | None = None) -> int:
    """Write a project that learners can install, without solutions.

    Args:
        folder: a new or empty folder. It gets what `write_student_course` writes, a README, and the package,
            if it lies beside the notebooks.
        outputs: False also removes what the cells have printed and drawn.
        course: the folder with the original; None finds it.

    Returns:
        Number of notebooks written.

    Raises:
        KitError: no course was found, or `folder` is not empty.
    """
    course = find_course(course)
    with new_folder(folder) as draft:
        count = write_student_course(course, draft, outputs)
        whole = (course / "pyproject.toml").is_file()
        if whole:
            copy_package(course, draft)
            if (course / "environment.yml").exists():       # so that Binder can start it
                shutil.copy(course / "environment.yml", draft)
        readme = README + (INSTALL if whole else NOT_HERE) + RIGHTS
        (draft / "README.md").write_text(readme.format(first=find_notebooks(course)[0].name), "utf-8")
    return count


@contextlib.contextmanager
def student_project(course: Folder | None = None) -> Iterator[Path]:
    """A folder with what learners get, for a while.

    Args:
        course: the folder with the original; None finds it.

    Yields:
        Path of a folder that can stand for the course's own.
    """
    with tempfile.TemporaryDirectory(prefix="student-") as place:
        write_handouts(Path(place) / "course", course=course)
        yield Path(place) / "course"


def write_student_course(course: Path, folder: Path, outputs: bool = True) -> int:
    """Write the notebooks without solutions, the pictures that they need, and the glossary's terms.

    The pages for teachers are not among them, nor is the formula sheet, which shows solved exercises.

    Args:
        course: the course's folder.
        folder: where to. It gets `notebooks/`, `data/` and the licences.
        outputs: False also removes what the cells have printed and drawn.

    Returns:
        Number of notebooks written.
    """
    originals, notebooks = find_notebooks(course), folder / "notebooks"
    copy_data(course, folder)
    notebooks.mkdir()
    for path in originals:
        notebook = student_copy(nbformat.read(path, as_version=4), outputs)
        nbformat.write(notebook, notebooks / path.name)
    for name, head in GLOSSARIES.items():
        if (course / "notebooks" / name).exists():
            sections = re.split(r"(?m)^(?=## )", (course / "notebooks" / name).read_text("utf-8"))
            (notebooks / name).write_text(head + "".join(sections[1:2]), "utf-8")
    return len(originals)


def student_copy(notebook: NotebookNode, outputs: bool = True) -> NotebookNode:
    """The notebook without solutions: neither folded ones, nor cells tagged "solution"; hints stay.

    What a cell that answers a prediction printed and drew is collapsed: JupyterLab shows it when the cell is
    run, or clicked. Changes the notebook in place.

    Args:
        notebook: a notebook of the course.
        outputs: False also removes what the cells have printed and drawn.
    """
    asked = False
    notebook.cells = [cell for cell in notebook.cells if "solution" not in cell.metadata.get("tags", [])]
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = without_solutions(cell.source)
            asked = "**Predict" in cell.source
        elif not outputs:
            cell.outputs, cell.execution_count = [], None
        elif asked:
            cell.metadata["jupyter"] = {"outputs_hidden": True}
            asked = False
    notebook.cells = [cell for cell in notebook.cells if cell.source.strip()]
    return notebook


def without_solutions(text: str) -> str:
    """Markdown without what is folded away as a solution; hints, and what to see, stay.

    A solution goes; an answer or a diagnosis leaves a place to write.
    """
    return re.sub(r"\n{3,}", "\n\n", FOLD.sub(_replacement, text)).strip()


def _replacement(fold):
    title = title_of(fold)
    if title.startswith(KEPT):
        return fold[0]
    return "" if title.startswith("Solution") else "*Your answer:*"
