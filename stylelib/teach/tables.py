"""Tables for spreadsheets, whose words anybody may have chosen."""
import contextlib
import csv
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path


def write_csv(path: Path, rows: Iterable[Iterable[object]]) -> None:
    """Write a table as a whole or not at all; with the mark by which Excel knows UTF-8.

    Args:
        path: of the file; an older one is replaced.
        rows: with numbers and texts. What a spreadsheet would compute becomes text.
    """
    handle, draft = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.absolute().parent)
    try:
        with open(handle, "w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows([[_safe(value) for value in row] for row in rows])
        os.chmod(draft, 0o644)
        os.replace(draft, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(draft)
        raise


def printable(text: str) -> str:
    """A text as one line, without what would move a terminal's cursor."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _safe(value):
    """What a spreadsheet would compute, =1+1, becomes text: learners choose names and messages."""
    text = printable(str(value))
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text
