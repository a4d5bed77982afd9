"""Student copies: the notebooks without solutions, made from the ones that have them."""
import re

import nbformat
from nbformat import NotebookNode

from .course import Folder, copy_data, find_course, find_notebooks, new_folder
from .folds import FOLD, title_of

README = """\
# Student copies

Exercises with hints, without solutions. The package `stylelib` must be installed. Then type, in this folder:

    jupyter lab notebooks/{first}

Text and figures: CC BY 4.0 (LICENSE-TEXT). Code: MIT (LICENSE). Photos and paintings: data/SOURCES.md.
"""


def write_handouts(folder: Folder, outputs: bool = True, course: Folder | None = None) -> int:
    """Write the notebooks without solutions, with the pictures that they need.

    The guide for teachers and the glossary, whose formula sheet shows solved exercises, are not among them.

    Args:
        folder: a new or empty folder. It gets `notebooks/`, `data/` and a README.
        outputs: False also removes what the cells have printed and drawn.
        course: the folder with the original; None finds it.

    Returns:
        Number of notebooks written.

    Raises:
        KitError: no course was found, or `folder` is not empty.
    """
    course = find_course(course)
    originals = find_notebooks(course)
    with new_folder(folder) as draft:
        copy_data(course, draft)
        (draft / "notebooks").mkdir()
        for path in originals:
            notebook = student_copy(nbformat.read(path, as_version=4), outputs)
            nbformat.write(notebook, draft / "notebooks" / path.name)
        (draft / "README.md").write_text(README.format(first=originals[0].name), "utf-8")
    return len(originals)


def student_copy(notebook: NotebookNode, outputs: bool = True) -> NotebookNode:
    """The notebook without solutions: neither folded ones, nor cells tagged "solution"; hints stay.

    Changes it in place.

    Args:
        notebook: a notebook of the course.
        outputs: False also removes what the cells have printed and drawn.
    """
    notebook.cells = [cell for cell in notebook.cells if "solution" not in cell.metadata.get("tags", [])]
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = without_solutions(cell.source)
        elif not outputs:
            cell.outputs, cell.execution_count = [], None
    notebook.cells = [cell for cell in notebook.cells if cell.source.strip()]
    return notebook


def without_solutions(text: str) -> str:
    """Markdown in which only hints are still folded.

    A solution goes; an answer or a diagnosis leaves a place to write.
    """
    return re.sub(r"\n{3,}", "\n\n", FOLD.sub(_replacement, text)).strip()


def _replacement(fold):
    if title_of(fold).startswith("Hint"):
        return fold[0]
    return "" if title_of(fold).startswith("Solution") else "*Your answer:*"
