"""For all of pytest: notebooks are run, and strictly (tests/nbstrict), wherever nbval is installed."""
import pytest

from tests.nbstrict.kernels import share_cores

pytest_plugins = ["tests.nbstrict.plugin"]

share_cores()           # now: tests/conftest.py imports torch, which reads it


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With pytest-xdist, the longest of the tests go first; the plugin puts the notebooks before them."""
    if config.getoption("numprocesses", None) or hasattr(config, "workerinput"):
        items.sort(key=lambda item: item.path.name != "test_browser.py")
