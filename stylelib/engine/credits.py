"""Whose a picture is: looked up in the SOURCES.md that lies near it."""
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .language import tr

LIST = "SOURCES.md"


@dataclass(frozen=True)
class Credit:
    """What is known of a photo or a painting.

    Attributes:
        what: it is, or shows: "Vincent van Gogh, The Starry Night (1889)".
        rights: who made it and under which licence: "public domain".
    """

    what: str = ""
    rights: str = ""

    def __str__(self) -> str:
        """Both, in the language in use if they have a translation."""
        return "; ".join(tr(part) for part in (self.what, self.rights) if part)


def find_credit(file: str | os.PathLike[str]) -> Credit | None:
    """What the nearest SOURCES.md says of a picture file; None if there is none, or it says nothing of it.

    Such a list lies beside the picture or one folder above. Its tables have a column "file" with paths from
    the list's own folder, and columns "what" and "credit and licence".
    """
    path = Path(os.path.expanduser(file)).absolute()
    for folder in (path.parent, path.parent.parent):
        try:
            text = (folder / LIST).read_text("utf-8")
        except (OSError, ValueError):       # a list that cannot be read says nothing
            continue
        name = path.relative_to(folder).as_posix()
        for row in _rows(text):
            if row.get("file", "").strip("`*") == name:
                return Credit(_without_size(row.get("what", "")), row.get("credit and licence", ""))
    return None


def _rows(text) -> Iterator[dict[str, str]]:
    """The rows of a page's tables, each as {column: text}."""
    columns: list[str] = []
    for line in text.splitlines():
        cells = [cell.strip() for cell in re.findall(r"\|([^|]*)(?=\|)", line.strip())]
        if not cells:
            columns = []
        elif not columns:
            columns = cells
        else:
            yield dict(zip(columns, cells))


def _without_size(text):
    return re.sub(r", \d+x\d+$", "", text)
