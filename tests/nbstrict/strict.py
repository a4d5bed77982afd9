"""The checks that are added to nbval's own, cell by cell, and what the summary says about them."""
import time
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from nbval.plugin import IPyNbCell

from .compare import picture_difference, picture_tolerance
from .patches import ROUNDED

OUTPUT_SECONDS = 30             # for the last output of a cell: nbval's 5 are too few on a busy machine


@dataclass(eq=False)            # pytest puts plugins into sets
class Strict:
    """A pytest plugin: one of its hooks around each cell, the others at the end.

    Attributes:
        budget: seconds for one notebook.
        tolerance: of pictures whose cells have no tag.
        refresh: the command that runs notebooks again and stores their outputs, for messages.
        seconds: what each notebook has taken so far.
    """

    budget: float
    tolerance: float
    refresh: str
    seconds: dict[Path, float] = field(default_factory=dict)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        if not isinstance(item, IPyNbCell):
            return (yield)
        item.output_timeout = OUTPUT_SECONDS
        started = time.monotonic()
        result = yield
        problem = self._problem(item, time.monotonic() - started)
        if problem:
            item.raise_cell_error(problem)
        return result

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        reports = [report for reports in terminalreporter.stats.values() for report in reports
                   if isinstance(report, pytest.TestReport) and ".ipynb::" in report.nodeid]
        seconds: dict[str, float] = {}
        for report in reports:
            notebook = report.nodeid.partition("::")[0]
            seconds[notebook] = seconds.get(notebook, 0.0) + report.duration
        if seconds:
            terminalreporter.section("seconds per notebook")
            for notebook, total in sorted(seconds.items()):
                terminalreporter.line(f"{total:7.1f}  {notebook}")
            terminalreporter.line(f"{sum(seconds.values()):7.1f}  together")
        for cell in sorted(report.nodeid for report in reports
                           if report.when == "call" and ROUNDED in report.user_properties):
            terminalreporter.line(f"equal only within rounding (plain nbval would fail): {cell}")

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """After pytest wrote down what failed: the cells above one that did have to run again, too."""
        cache = getattr(session.config, "cache", None)
        if not cache or hasattr(session.config, "workerinput"):
            return
        failed = cache.get("cache/lastfailed", {})
        above: dict[str, bool] = {}
        for name in failed:
            notebook, mark, number = name.partition(".ipynb::Cell ")
            above.update((f"{notebook}{mark}{i}", True) for i in range(int(number or 0)))
        if above:
            cache.set("cache/lastfailed", failed | above)

    def _problem(self, item, seconds):
        """What is wrong with a cell that nbval accepts, in words; None if nothing is."""
        before = self.seconds.get(item.path, 0.0)
        self.seconds[item.path] = before + seconds
        if item.cell.execution_count is None and item.cell.source.strip():
            return f"this cell was committed without being run, so nothing is compared: {self.refresh}"
        difference = self._picture_difference(item) if item.options["check"] else None
        if difference:
            return difference
        if before <= self.budget < self.seconds[item.path]:
            return f"up to this cell the notebook has taken more than {self.budget:g} seconds"
        return None

    def _picture_difference(self, item):
        try:
            tolerance = picture_tolerance(item.cell, self.tolerance)
        except ValueError as error:
            return str(error)
        return picture_difference(item.cell.outputs, item.test_outputs, tolerance)
