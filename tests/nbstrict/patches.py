"""What is changed in nbval 0.11 itself while the checks are on; importing this changes nothing."""
import difflib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Empty

import pytest
from nbval.kernel import RunningKernel
from nbval.plugin import IPyNbCell

from .compare import same_text

FITS = "0.11"                           # the version of nbval whose inner workings these patches know
ROUNDED = ("rounded", True)             # a property of cells that only the tolerance made equal


@contextmanager
def patched_nbval() -> Iterator[None]:
    """Inside, nbval forgives rounding, says which side is stored, and notices a dead kernel at once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(IPyNbCell, "sanitize", _tolerant(IPyNbCell.sanitize))
        patch.setattr(IPyNbCell, "format_output_compare", _format_difference)
        patch.setattr(RunningKernel, "await_reply", _await_reply)
        yield


class TolerantText(str):
    """Text that equals another in spite of a rounding difference. nbval compares outputs with `==`."""

    __hash__ = str.__hash__
    properties: list[tuple[str, object]]

    def __new__(cls, text: str, properties: list[tuple[str, object]]) -> "TolerantText":
        """Where rounding was forgiven, ROUNDED is added to the properties, which are those of a cell."""
        tolerant = super().__new__(cls, text)
        tolerant.properties = properties
        return tolerant

    def __eq__(self, other: object) -> bool:
        if str.__eq__(self, other):
            return True
        forgive = isinstance(other, str) and same_text(self, other)
        if forgive:
            self.properties.append(ROUNDED)
        return forgive

    def __ne__(self, other: object) -> bool:
        return not self == other


def _tolerant(sanitize: Callable) -> Callable:
    def tolerant(cell, value):
        return TolerantText(sanitize(cell, value), cell.user_properties) if isinstance(value, str) else value
    return tolerant


def _format_difference(cell, key, stored, new):
    """nbval's own shows the stored lines with a plus, the new ones with a minus, and does not say so."""
    lines = (str(side).splitlines() for side in (stored, new))
    cell.comparison_traceback += [f" mismatch '{key}'",
                                  *difflib.unified_diff(*lines, "stored", "printed now", n=1, lineterm="")]


def _await_reply(kernel, message, timeout=None):
    """Like nbval's own, but it looks once a second whether the kernel is still alive."""
    deadline = time.monotonic() + (timeout or float("inf"))
    while True:
        try:
            left = deadline - time.monotonic()
            reply = kernel.get_message("shell", timeout=max(0.01, min(1.0, left)))
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
