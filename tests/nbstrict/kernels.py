"""The environment that kernels inherit: nothing in it may change what a notebook prints."""
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

CHANGED = ("MPLBACKEND", "PYTHONHASHSEED", "IPYTHONDIR", "OMP_NUM_THREADS")


@contextmanager
def kernel_environment() -> Iterator[None]:
    """Kernels that are started inside print the same for everybody.

    At the end the environment is put back.
    """
    before = {name: os.environ.get(name) for name in CHANGED}
    with tempfile.TemporaryDirectory(prefix="ipython-", ignore_cleanup_errors=True) as folder:
        # CI often sets Agg, and then no figure reaches the notebook
        os.environ.pop("MPLBACKEND", None)
        os.environ["PYTHONHASHSEED"] = "0"          # sets print in one order
        os.environ["IPYTHONDIR"] = folder           # no start-up files, no shared history
        share_cores()
        try:
            yield
        finally:
            _restore(before)


def share_cores() -> None:
    """Give each worker of pytest-xdist, with the kernels that it starts, its share of the cores.

    NumPy and PyTorch read OMP_NUM_THREADS when they are imported. If a conftest.py imports one of them, call
    this above that import; otherwise the plugin is early enough.
    """
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", 0))
    if workers:
        os.environ.setdefault("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 1) // workers)))


def _restore(values):
    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
