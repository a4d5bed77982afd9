"""Run notebooks again and store their outputs: python -m tests.refresh [NOTEBOOK...]

Without names, all of them. If no code cell was edited, outputs that are the same within the tolerance of the checks keep their
stored bytes, so that git sees a change only where there is one. A notebook that fails is left as it was. With --tidy nothing
is run: only metadata, slide types among them, are brought into order.
"""
import argparse
import copy
import subprocess
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from .nbstrict.notebook_compare import TOLERANCE, picture_difference, same_text
from .nbstrict.notebook_format import NOTEBOOKS, mark_slides, normalise, set_kernel_environment, write_if_changed


def refresh(path, timeout=600):
    """Run one notebook in place. Returns whether its file changed."""
    stored = nbformat.read(path, as_version=4)
    notebook = copy.deepcopy(stored)
    NotebookClient(notebook, timeout=timeout, kernel_name="python3", record_timing=False, coalesce_streams=True,
                   resources={"metadata": {"path": str(path.parent)}}).execute(stderr=subprocess.DEVNULL)
    normalise(mark_slides(notebook))
    if stored.metadata.get("course") == notebook.metadata.course:      # after an edit, a picture's caption may be out of date
        keep_equal_outputs(normalise(stored), notebook)
    return write_if_changed(notebook, path)


def tidy(path):
    """Bring a notebook's metadata into order without running it. Returns whether its file changed."""
    notebook = nbformat.read(path, as_version=4)
    course = notebook.metadata.get("course")
    normalise(mark_slides(notebook))
    if course:                      # the outputs still belong to the code that they were made with
        notebook.metadata.course = course
    return write_if_changed(notebook, path)


def keep_equal_outputs(stored, notebook):
    """Where a cell's outputs are equivalent to the stored ones, put those back."""
    known = {cell.id: cell.outputs for cell in stored.cells if cell.cell_type == "code"}
    for cell in notebook.cells:
        if cell.cell_type == "code" and _equivalent(known.get(cell.id, []), cell.outputs):
            cell.outputs = known[cell.id]


def _equivalent(stored, new):
    # A third of the tolerance: stored pictures must not creep to its edge, refresh by refresh
    return len(stored) == len(new) and all(
        old.output_type == fresh.output_type and old.get("name") == fresh.get("name")
        and set(old.get("data", {})) == set(fresh.get("data", {}))
        and all(same_text(a, b) for a, b in zip(_texts(old), _texts(fresh), strict=True))
        and not picture_difference([old], [fresh], TOLERANCE / 3)
        for old, fresh in zip(stored, new, strict=True))


def _texts(output):
    return [output.get("text", "")] + [str(value) for kind, value in sorted(output.get("data", {}).items())
                                       if not kind.startswith("image/")]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("notebooks", nargs="*", type=Path)
    parser.add_argument("--timeout", type=int, default=600, help="seconds for one cell (%(default)s)")
    parser.add_argument("--tidy", action="store_true", help="run nothing, bring only the metadata into order")
    arguments = parser.parse_args()
    for path in arguments.notebooks:
        if not path.is_file():
            parser.error(f"no such notebook: {path}")
    folder = set_kernel_environment()
    failed = False
    for path in arguments.notebooks or NOTEBOOKS:
        started = time.monotonic()
        try:
            changed = tidy(path) if arguments.tidy else refresh(path.resolve(), arguments.timeout)
            state = "changed" if changed else "same"
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            state, failed = "FAILED", True
            print(error)
        print(f"{state:8}{time.monotonic() - started:6.0f} s {path.stat().st_size / 1000:7.0f} kB  {path}", flush=True)
    folder.cleanup()
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
