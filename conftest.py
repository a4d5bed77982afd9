"""For all of pytest: notebooks are run, and strictly (tests/nbstrict), wherever nbval is installed."""
from pathlib import Path

import pytest

from tests.nbstrict.kernels import share_cores
from tests.places import NOTEBOOKS, TRANSLATED

pytest_plugins = ["tests.nbstrict.plugin"]

share_cores()           # now: tests/conftest.py imports torch, which reads it


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """A learner's own Untitled.ipynb in the course's folders is no test, unless it is named.

    Nor are translated notebooks, but for the first one, unless their folder is named: they run the same code
    once more.
    """
    folder, run = collection_path.parent, [*NOTEBOOKS, *TRANSLATED[:1]]
    if folder in {Path(argument).resolve() for argument in config.args}:
        run += TRANSLATED
    ours = folder in {path.parent for path in (*NOTEBOOKS, *TRANSLATED)}
    return True if ours and collection_path.suffix == ".ipynb" and collection_path not in run else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With pytest-xdist, the longest of the tests go first; the plugin puts the notebooks before them."""
    if config.getoption("numprocesses", None) or hasattr(config, "workerinput"):
        items.sort(key=lambda item: item.path.name != "test_browser.py")
