"""The quiet refresh: notebooks are run again, and a file changes only where something else came out."""
import argparse
import copy
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbformat.reader import NotJSONError

from .compare import TOLERANCE, picture_difference, same_text
from .kernels import kernel_environment
from .store import Mark, normalise, stored_hash, write_if_changed

# What is wrong with the notebook, and not with this program
WRONG = (CellExecutionError, CellTimeoutError, DeadKernelError, NotJSONError)
DESCRIPTION = "Run notebooks again and store their outputs. A notebook that fails is left as it was."


def refresh(path: Path, timeout: int = 600, mark: Mark | None = None) -> bool:
    """Run one notebook in place.

    If no code cell was edited, outputs that are the same within the tolerance of the checks keep their stored
    bytes, so that git sees a change only where there is one.

    Args:
        path: of the notebook.
        timeout: seconds for one cell.
        mark: what else to write into the metadata (store.py).

    Returns:
        Whether the file changed.

    Raises:
        WRONG: one of these, if a cell fails; the file is left as it was.
    """
    stored = nbformat.read(path, as_version=4)
    notebook = copy.deepcopy(stored)
    _run(notebook, path.resolve().parent, timeout)
    normalise(notebook, mark)
    # After an edit, a picture that looks the same may have a caption that is out of date
    if stored_hash(stored) == stored_hash(notebook):
        keep_equal_outputs(normalise(stored), notebook)
    return write_if_changed(notebook, path)


def tidy(path: Path, mark: Mark | None = None) -> bool:
    """Bring a notebook's metadata into order without running it. Returns whether its file changed."""
    notebook = nbformat.read(path, as_version=4)
    # The outputs still belong to the code that they were made with
    return write_if_changed(normalise(notebook, mark, made_with=stored_hash(notebook)), path)


def keep_equal_outputs(stored: NotebookNode, notebook: NotebookNode) -> None:
    """Where a cell's outputs are equivalent to the stored ones, put those back."""
    known = {cell.id: cell.outputs for cell in stored.cells if cell.cell_type == "code"}
    for cell in notebook.cells:
        if cell.cell_type == "code" and _equivalent(known.get(cell.id, []), cell.outputs):
            cell.outputs = known[cell.id]


def main(arguments: Sequence[str] | None = None, *, command: str | None = None, mark: Mark | None = None,
         notebooks: Sequence[Path] = ()) -> int:
    """The command line.

    Args:
        arguments: None: those of this process.
        command: how it was called, for the help text.
        mark: what else to write into the metadata (store.py).
        notebooks: those to take if none is named; if there are none here, one must be named.

    Returns:
        The exit status: 0, also if files changed; 1 if a notebook failed. Wrong usage exits with 2.
    """
    parser = argparse.ArgumentParser(prog=command, description=DESCRIPTION)
    parser.add_argument("notebooks", nargs="*" if notebooks else "+", type=Path, metavar="NOTEBOOK")
    parser.add_argument("--timeout", type=int, default=600, help="seconds for one cell (%(default)s)")
    parser.add_argument("--tidy", action="store_true", help="run nothing, bring only the metadata into order")
    options = parser.parse_args(arguments)
    for path in options.notebooks:
        if not path.is_file():
            parser.error(f"no such notebook: {path}")
    with kernel_environment():
        done = [_report(path, options, mark) for path in options.notebooks or notebooks]
    return 0 if all(done) else 1


def _report(path, options, mark):
    """Refresh or tidy one notebook, and print a line about it. Returns whether it went well."""
    started = time.monotonic()
    try:
        changed = tidy(path, mark) if options.tidy else refresh(path, options.timeout, mark)
        state = "changed" if changed else "same"
    except WRONG as error:
        state = "FAILED"
        print(error)
    seconds, size = time.monotonic() - started, path.stat().st_size / 1000
    print(f"{state:8}{seconds:6.0f} s {size:7.0f} kB  {path}", flush=True)
    return state != "FAILED"


def _run(notebook, folder, timeout):
    client = NotebookClient(notebook, timeout=timeout, kernel_name="python3", record_timing=False,
                            coalesce_streams=True, resources={"metadata": {"path": str(folder)}})
    client.execute(stderr=subprocess.DEVNULL)


def _equivalent(stored, new):
    return len(stored) == len(new) and all(map(_same_output, stored, new))


def _same_output(stored, new):
    return (stored.output_type == new.output_type and stored.get("name") == new.get("name")
            and set(stored.get("data", {})) == set(new.get("data", {}))
            and all(same_text(a, b) for a, b in zip(_texts(stored), _texts(new), strict=True))
            # A third of the tolerance: stored pictures must not creep to its edge, refresh by refresh
            and not picture_difference([stored], [new], TOLERANCE / 3))


def _texts(output):
    return [output.get("text", "")] + [str(value) for kind, value in sorted(output.get("data", {}).items())
                                       if not kind.startswith("image/")]
