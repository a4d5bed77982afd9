"""The picture on a notebook's first screen: the figure of its cell tagged "teaser", as a file.

`python -m tests.refresh` writes it, so it is always what the notebook computed last.
"""
import base64
from pathlib import Path

import nbformat

from .places import ROOT

FOLDER = ROOT / "data" / "teasers"


def teaser(notebook: Path) -> bytes | None:
    """The JPEG of the first figure of the cell tagged "teaser"; None without such a figure."""
    for cell in nbformat.read(notebook, as_version=4).cells:
        if "teaser" in cell.metadata.get("tags", []):
            for output in cell.get("outputs", []):
                if "image/jpeg" in output.get("data", {}):
                    return base64.b64decode(output["data"]["image/jpeg"])
    return None


def teaser_file(notebook: Path) -> Path:
    """Where a notebook's first cell finds it."""
    folder = FOLDER if notebook.parent.name == "notebooks" else FOLDER / notebook.parent.name
    return folder / f"{notebook.stem}.jpg"


def write_teaser(notebook: Path) -> None:
    """Write the file anew, if the figure is another one."""
    picture, path = teaser(notebook), teaser_file(notebook)
    if picture and not (path.exists() and path.read_bytes() == picture):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(picture)
