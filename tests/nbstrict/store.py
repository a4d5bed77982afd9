"""How a notebook is stored: only what a reader needs, and nothing that changes from run to run."""
import hashlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import nbformat
from nbformat import NotebookNode

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
KEPT = ("tags", "slideshow")            # of a cell's metadata
SHOWN = ("alt", "width")                # of a picture: words for those who cannot see it, and how large it is
HASH = "course"                         # where in a notebook's metadata the hash of its code stands

# What else a course writes into the cells' metadata. It changes the notebook that it is given.
Mark = Callable[[NotebookNode], object]


def source_hash(notebook: NotebookNode) -> str:
    """Changes with any code cell, and with their order: outputs belong to the code with this hash."""
    return _sha(*(cell.source for cell in notebook.cells if cell.cell_type == "code"))


def stored_hash(notebook: NotebookNode) -> str | None:
    """The hash of the code that the stored outputs were made with; None if it was never stored."""
    return notebook.metadata.get(HASH, {}).get("source_hash")


def normalise(notebook: NotebookNode, mark: Mark | None = None,
              made_with: str | None = None) -> NotebookNode:
    """Reduce a notebook to what is stored. Doing it twice is the same as doing it once.

    Args:
        notebook: is changed in place.
        mark: what else the course writes; of a cell's metadata only KEPT stays.
        made_with: the hash of the code that the outputs were made with; None: the code as it is now.

    Returns:
        The same notebook.
    """
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    notebook.metadata = nbformat.from_dict({
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
        HASH: {"source_hash": made_with or source_hash(notebook)},
    })
    if mark:
        mark(notebook)
    _name_cells(notebook)
    for cell in notebook.cells:
        kept = {key: cell.metadata[key] for key in KEPT if cell.metadata.get(key)}
        cell.metadata = nbformat.from_dict(kept)
        for output in cell.get("outputs", []):
            _reduce(output)
    return notebook


def write_if_changed(notebook: NotebookNode, path: Path) -> bool:
    """Returns whether the file had to change."""
    text = nbformat.writes(notebook, version=nbformat.NO_CONVERT).rstrip("\n") + "\n"
    if path.exists() and path.read_text("utf-8") == text:
        return False
    path.write_text(text, "utf-8", newline="\n")
    return True


def _name_cells(notebook):
    """Ids made of the content: one changes with its own cell only, not when another cell is inserted."""
    seen = Counter()
    for cell in notebook.cells:
        name = _sha(cell.cell_type, cell.source)
        seen[name] += 1
        cell.id = name if seen[name] == 1 else f"{name}-{seen[name]}"


def _reduce(output):
    output.get("data", {}).pop(WIDGET_VIEW, None)       # a random number that points to a dead kernel
    if "metadata" in output:
        output.metadata = nbformat.from_dict(_descriptions(output.metadata))


def _descriptions(metadata):
    """What stays of an output's metadata: for each picture its SHOWN."""
    kept = {kind: {key: about[key] for key in SHOWN if key in about}
            for kind, about in metadata.items() if isinstance(about, dict)}
    return {kind: about for kind, about in kept.items() if about}


def _sha(*texts):
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:12]
