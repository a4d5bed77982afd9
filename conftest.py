"""For all of pytest: notebooks are run, and strictly (tests/nbstrict), wherever nbval is installed."""
from pathlib import Path

import pytest

from tests.nbstrict.kernels import share_cores
from tests.places import NOTEBOOKS, TRANSLATED

pytest_plugins = ["tests.nbstrict.plugin"]

share_cores()           # now: tests/conftest.py imports torch, which reads it


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """A learner's own Untitled.ipynb in the course's folder is no test, unless it is named.

    Nor are translated notebooks, but for the first one: they run the same code once more.
    """
    if collection_path.suffix != ".ipynb":
        return None
    named = {Path(argument).resolve() for argument in config.args}
    if collection_path in TRANSLATED[1:]:
        return None if named & {collection_path, collection_path.parent} else True
    ours = collection_path.parent == NOTEBOOKS[0].parent
    return True if ours and collection_path not in NOTEBOOKS else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With pytest-xdist, the longest of the tests go first; the plugin puts the notebooks before them."""
    if config.getoption("numprocesses", None) or hasattr(config, "workerinput"):
        items.sort(key=lambda item: item.path.name != "test_browser.py")
