"""How a notebook is stored: only what a reader needs, and nothing that changes from run to run."""
import hashlib
import os
import tempfile
from collections import Counter
from pathlib import Path

import nbformat

from stylelib.teach.pages import slide_type

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def set_kernel_environment():
    """Shut out whatever in this environment would change a kernel's outputs; return the folder made for it.

    Kernels inherit the environment, so this must happen before the first one starts.
    """
    os.environ.pop("MPLBACKEND", None)              # CI often sets Agg, and then no figure reaches the notebook
    os.environ["PYTHONHASHSEED"] = "0"              # sets print in one order
    folder = tempfile.TemporaryDirectory(prefix="ipython-", ignore_cleanup_errors=True)
    os.environ["IPYTHONDIR"] = folder.name          # no start-up files, no shared history
    return folder


def source_hash(notebook):
    """Changes with any code cell, and with their order: outputs belong to the code with this hash."""
    return _sha(*(cell.source for cell in notebook.cells if cell.cell_type == "code"))


def _descriptions(metadata):
    """What stays of an output's metadata: for each kind of picture the words for those who cannot see it."""
    return {kind: {"alt": about["alt"]}
            for kind, about in metadata.items() if isinstance(about, dict) and "alt" in about}


def normalise(notebook):
    """Reduce a notebook that has just been run to what is stored. Changes it in place; twice is the same as once."""
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    notebook.metadata = nbformat.from_dict({
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
        "course": {"source_hash": source_hash(notebook)},
    })
    mark_slides(notebook, marked=any(cell.metadata.get("slideshow") for cell in notebook.cells))
    seen = Counter()
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict({key: cell.metadata[key] for key in ("tags", "slideshow") if cell.metadata.get(key)})
        # A name made of the content: it changes with its own cell only, not when another one is inserted
        name = _sha(cell.cell_type, cell.source)
        seen[name] += 1
        cell.id = name if seen[name] == 1 else f"{name}-{seen[name]}"
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(WIDGET_VIEW, None)       # a random number that points to a dead kernel
            if "metadata" in output:
                output.metadata = nbformat.from_dict(_descriptions(output.metadata))
    return notebook


def mark_slides(notebook, marked=True):
    """Store what each cell opens when the notebook is shown as slides; a type that is stored already stays. "-" is not stored."""
    kinds = [slide_type(cell, before) for before, cell in zip([None, *notebook.cells], notebook.cells)]
    for cell, kind in zip(notebook.cells, kinds):
        cell.metadata["slideshow"] = {"slide_type": kind} if marked and kind != "-" else {}
    return notebook


def write_if_changed(notebook, path):
    """Returns whether the file had to change."""
    text = nbformat.writes(notebook, version=nbformat.NO_CONVERT).rstrip("\n") + "\n"
    if path.exists() and path.read_text("utf-8") == text:
        return False
    path.write_text(text, "utf-8", newline="\n")
    return True


def _sha(*texts):
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:12]
