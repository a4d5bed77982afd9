"""(f) How long each notebook of the course runs, as on a machine that has never seen it."""
import subprocess
import time

import nbformat
from nbclient import NotebookClient

from ..nbstrict.kernels import kernel_environment
from ..places import NOTEBOOKS
from .report import Goal, Table

TITLE = "the notebooks of the course"
MINUTES = 10
LIMIT = 600     # s, for all of them


def measure(quick, folder):
    """{"quick": whether only the first was run, "seconds": {notebook: seconds}}."""
    paths = NOTEBOOKS[:1] if quick else NOTEBOOKS
    with kernel_environment():
        measured = {path.stem: _run(path) for path in paths}
    return {"quick": quick, "seconds": measured}


def _run(path):
    """One notebook from the start of its kernel to its last cell."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(notebook, timeout=600, kernel_name="python3",
                            resources={"metadata": {"path": str(path.parent)}})
    started = time.perf_counter()
    client.execute(stderr=subprocess.DEVNULL)
    return time.perf_counter() - started


def tables(result):
    rows = [[name, f"{value:.0f} s"] for name, value in result["seconds"].items()]
    rows.append(["together", f"{sum(result['seconds'].values()):.0f} s"])
    return {"times": Table("Wall time of each notebook", ["notebook", "time"], rows)}


def goals(result):
    if not result["quick"]:
        together = sum(result["seconds"].values())
        yield Goal("all notebooks together: under ten minutes", f"{together / 60:.1f} min", together < LIMIT)
