"""Strict nbval as a plugin of pytest: its options, and its checks wherever nbval is installed.

It is loaded by one line in the conftest.py at the top of a project (README.md). Without nbval the other tests
run as ever, and the header says that no notebook is run.
"""
import os
from contextlib import ExitStack
from importlib.metadata import version

import pytest

from .kernels import kernel_environment

UNDO = pytest.StashKey[ExitStack]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini("nbstrict_seconds", "for one notebook; NOTEBOOK_SECONDS in the environment goes first",
                  default="600")
    parser.addini("nbstrict_image_tolerance", "of pictures, from 0 to 1; a tag image-tol=0.08 goes first",
                  default="0.03")
    parser.addini("nbstrict_refresh", "the command that messages name for running notebooks again",
                  default=f"python -m {__package__} NOTEBOOK")


def pytest_configure(config: pytest.Config) -> None:
    if not config.pluginmanager.hasplugin("nbval"):
        return
    from .patches import patched_nbval  # not above: without nbval, these two cannot be imported
    from .strict import Strict
    budget, tolerance = _budget(config), _number(config, "nbstrict_image_tolerance")
    _turn_nbval_on(config.option, budget)
    undo = config.stash[UNDO] = ExitStack()
    undo.enter_context(kernel_environment())
    undo.enter_context(patched_nbval())
    config.pluginmanager.register(Strict(budget, tolerance, config.getini("nbstrict_refresh")), "nbstrict")


def pytest_unconfigure(config: pytest.Config) -> None:
    if UNDO in config.stash:
        config.stash[UNDO].close()


def pytest_report_header(config: pytest.Config) -> str | None:
    if not config.pluginmanager.hasplugin("nbval"):
        return "notebooks: not run, because nbval is not installed (pip install nbval==0.11.0)"
    from .patches import FITS
    found = version("nbval")
    if not found.startswith(FITS):
        return f"notebooks: nbstrict is made for nbval {FITS}, and may not fit nbval {found}"
    return None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With pytest-xdist, notebooks go first: no worker shall be left alone with one at the end."""
    if config.getoption("numprocesses", None) or hasattr(config, "workerinput"):
        items.sort(key=lambda item: item.path.suffix != ".ipynb")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """With pytest-xdist, `-n 2` alone would spread the cells of one notebook over two kernels."""
    if config.getoption("dist") not in ("load", "loadgroup", "worksteal"):
        return None
    from xdist.scheduler import LoadFileScheduling
    config.option.loadscopereorder = False      # it would begin with the files of most tests, not the longest
    return LoadFileScheduling(config, log)


def _turn_nbval_on(option, budget):
    """Not by addopts in the settings: without nbval, pytest would stop at an unknown option."""
    option.nbval = True
    option.nbval_current_env = option.nbval_kernel_name is None
    option.nbval_cell_timeout = min(option.nbval_cell_timeout, budget)


def _budget(config):
    seconds = os.environ.get("NOTEBOOK_SECONDS")
    return _as_number("NOTEBOOK_SECONDS", seconds) if seconds else _number(config, "nbstrict_seconds")


def _number(config, name):
    return _as_number(name, config.getini(name))


def _as_number(name, text):
    try:
        return float(text)
    except ValueError:
        raise pytest.UsageError(f"{name} must be a number, got {text!r}") from None
