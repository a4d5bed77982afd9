"""For all of pytest: notebooks are run where nbval is installed, and pytest-xdist keeps each together.

How strictly notebooks are checked stands in tests/nbstrict/notebook_strict.py.
"""
import os

import pytest

# Under pytest-xdist each worker, with the kernels it starts, gets its share of the cores. torch reads this when it is imported
if "PYTEST_XDIST_WORKER_COUNT" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, os.cpu_count() // int(os.environ["PYTEST_XDIST_WORKER_COUNT"]))))


def pytest_configure(config):
    if config.pluginmanager.hasplugin("nbval"):
        from tests.nbstrict import notebook_strict  # not before: without nbval it cannot be imported
        config.pluginmanager.register(notebook_strict)


def pytest_report_header(config):
    if not config.pluginmanager.hasplugin("nbval"):
        return 'notebooks: not run, because nbval is not installed (pip install -e ".[test]" brings it)'


def pytest_collection_modifyitems(config, items):
    """With pytest-xdist, what takes longest goes first, so that no worker is left alone with it at the end."""
    if config.getoption("numprocesses", None) or hasattr(config, "workerinput"):
        items.sort(key=lambda item: 0 if item.path.suffix == ".ipynb" else 1 if item.path.name == "test_browser.py" else 2)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """With pytest-xdist, `-n 2` alone would spread the cells of one notebook over two kernels."""
    if config.getoption("dist") in ("load", "loadgroup", "worksteal"):
        from xdist.scheduler import LoadFileScheduling
        config.option.loadscopereorder = False      # it would begin with the files of most tests, not of the longest ones
        return LoadFileScheduling(config, log)
