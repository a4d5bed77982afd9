"""Run notebooks again and store their outputs: python -m tests.refresh [NOTEBOOK...] [--tidy]

Without names, all of them. nbstrict does the work; the course adds what each cell opens as a slide, and the
pictures of first screens (teasers.py). With --tidy nothing is run: only metadata, slide types among them, are
brought into order. A hook of pre-commit does that with the notebooks of a commit.
"""
import sys
from collections.abc import Sequence
from pathlib import Path

from nbformat import NotebookNode

from stylelib.teach.pages import slide_type

from .nbstrict import refresh as quiet
from .places import NOTEBOOKS, TRANSLATED
from .teasers import write_teaser


def mark_slides(notebook: NotebookNode) -> None:
    """Store what each cell opens when the notebook is shown as slides.

    A type that is stored already stays. "-", which opens nothing, is not stored.
    """
    kinds = [slide_type(cell, before) for before, cell in zip([None, *notebook.cells], notebook.cells)]
    for cell, kind in zip(notebook.cells, kinds):
        cell.metadata["slideshow"] = {"slide_type": kind} if kind != "-" else {}


def tidy(path: Path) -> bool:
    """Bring a notebook's metadata into order without running it. Returns whether its file changed."""
    return quiet.tidy(path, mark_slides)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit status."""
    status = quiet.main(arguments, command="python -m tests.refresh", mark=mark_slides, notebooks=NOTEBOOKS)
    for path in (*NOTEBOOKS, *TRANSLATED):
        write_teaser(path)
    return status


if __name__ == "__main__":
    sys.exit(main())
