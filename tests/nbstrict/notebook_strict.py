"""Makes `pytest` run the notebooks, and be strict about them.

conftest.py brings it in where nbval is installed.

nbval runs each notebook in a kernel of its own and compares what the cells print with what is stored. It does
not notice everything. Added here, for nbval 0.11 (pinned in pyproject.toml):

- pictures are compared too, on a coarse grid (notebook_compare.py); a cell's tag image-tol=0.08 changes the
  tolerance;
- a cell that was committed without being run fails, and so does a notebook whose outputs were stripped;
- a kernel that dies fails at once instead of after the timeout;
- a notebook that takes longer than 600 seconds fails (NOTEBOOK_SECONDS in the environment changes this), even
  if it ignores the interrupt that nbval then sends;
- nothing in the environment (MPLBACKEND, IPython's start-up files, the hash seed) changes what the kernels
  print;
- a difference in text says which side is stored;
- `--lf` runs a notebook again from the top down to the cell that failed: alone it would know no names.

One thing is more lenient: a float may differ by one unit of its last printed digit, if that is at most a
tenth of the number. The summary says where it did.

Every notebook also passes without all this, as somebody else would run it:

    pytest --noconftest -o addopts= --nbval --nbval-current-env notebooks
"""
import difflib
import os
import time
from collections import Counter
from queue import Empty

import pytest
from nbval.kernel import RunningKernel
from nbval.plugin import IPyNbCell

from .notebook_compare import picture_difference, picture_tolerance, same_text
from .notebook_format import set_kernel_environment

BUDGET = float(os.environ.get("NOTEBOOK_SECONDS", 600))     # for one notebook; two cores need under 120


def pytest_configure(config):
    option = config.option
    # not in addopts: without nbval, pytest would stop at an unknown option
    option.nbval = True
    option.nbval_current_env = option.nbval_kernel_name is None
    option.nbval_cell_timeout = min(option.nbval_cell_timeout, BUDGET)
    folder = set_kernel_environment()
    config.add_cleanup(folder.cleanup)
    IPyNbCell.sanitize, IPyNbCell.format_output_compare = _tolerant, _format_difference
    RunningKernel.await_reply = _await_reply


class TolerantText(str):
    """Text that equals another in spite of a rounding difference. nbval compares outputs with `==`."""

    __hash__ = str.__hash__
    forgiven = 0        # comparisons so far that only the tolerance made equal

    def __eq__(self, other):
        if str.__eq__(self, other):
            return True
        forgive = isinstance(other, str) and same_text(self, other)
        TolerantText.forgiven += forgive
        return forgive

    def __ne__(self, other):
        return not self == other


_sanitize = IPyNbCell.sanitize


def _tolerant(cell, value):
    return TolerantText(_sanitize(cell, value)) if isinstance(value, str) else value


def _format_difference(cell, key, stored, new):
    """nbval's own shows the stored lines with a plus, the new ones with a minus, and does not say so."""
    lines = (str(side).splitlines() for side in (stored, new))
    cell.comparison_traceback += [f" mismatch '{key}'",
                                  *difflib.unified_diff(*lines, "stored", "printed now", n=1, lineterm="")]


def _await_reply(kernel, message, timeout=None):
    """nbval's own, but it looks once a second whether the kernel is still alive."""
    deadline = time.monotonic() + (timeout or float("inf"))
    while True:
        try:
            reply = kernel.get_message("shell", timeout=max(0.01, min(1.0, deadline - time.monotonic())))
        except Empty:
            if not kernel.is_alive():
                raise RuntimeError("the kernel died while it ran this cell (out of memory?)") from None
            if time.monotonic() >= deadline:
                raise
            continue
        if reply["parent_header"].get("msg_id") == message:
            if reply["content"]["status"] == "aborted":
                raise RuntimeError("the kernel refused to run this cell")
            return


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    if not isinstance(item, IPyNbCell):
        return (yield)
    item.output_timeout = 30                    # nbval's 5 seconds are too few on a busy machine
    started, forgiven = time.monotonic(), TolerantText.forgiven
    result = yield
    before = getattr(item.parent, "seconds", 0.0)
    item.parent.seconds = before + time.monotonic() - started
    if TolerantText.forgiven > forgiven:
        item.user_properties.append(("rounded", True))
    if item.cell.execution_count is None and item.cell.source.strip():
        item.raise_cell_error("this cell was committed without being run, so nothing is compared: python -m "
                              "tests.refresh")
    if item.options["check"]:
        difference = picture_difference(item.cell.outputs, item.test_outputs, picture_tolerance(item.cell))
        if difference:
            item.raise_cell_error(difference)
    if before <= BUDGET < item.parent.seconds:
        item.raise_cell_error(f"up to this cell the notebook has taken more than {BUDGET:g} seconds")
    return result


def pytest_terminal_summary(terminalreporter):
    seconds, rounded = Counter(), []
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport) and ".ipynb::" in report.nodeid:
                seconds[report.nodeid.partition("::")[0]] += report.duration
                if report.when == "call" and ("rounded", True) in report.user_properties:
                    rounded.append(report.nodeid)
    if seconds:
        terminalreporter.section("seconds per notebook")
        for notebook, total in sorted(seconds.items()):
            terminalreporter.line(f"{total:7.1f}  {notebook}")
        terminalreporter.line(f"{seconds.total():7.1f}  together")
    for cell in sorted(rounded):
        terminalreporter.line(f"equal only within rounding (plain nbval would fail): {cell}")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session):
    """After pytest wrote down what failed: the cells above one that did have to be run again, too."""
    cache = getattr(session.config, "cache", None)
    failed = cache.get("cache/lastfailed", {}) if cache and not hasattr(session.config, "workerinput") else {}
    above = {}
    for name in failed:
        notebook, mark, number = name.partition(".ipynb::Cell ")
        above.update((f"{notebook}{mark}{i}", True) for i in range(int(number or 0)))
    if above:
        cache.set("cache/lastfailed", failed | above)
