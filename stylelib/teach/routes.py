"""The routes of the guide for teachers, read from its tables: which sections of which notebook, and when.

A row such as `| 0:40 | 15 | 03 [1 A table](03_gram_matrices.ipynb) | Sections 1 and 2; *Try to break it*. |`
names sections by links, by their numbers, by headings in italics, and by exercises: `check.gram_matrix`.
"""
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell, new_notebook

from .course import KitError
from .folds import FOLD

ROUTES = ("90", "half", "full", "two")
GUIDE = "notebooks/TEACHING.md"
ROW = re.compile(r"^\| (\d+:\d\d) \| (\d+) \| (.*?) \| (.*) \|$", re.MULTILINE)
LINK = re.compile(r"\[([^\]]*)\]\((\d\d_\w+)\.ipynb[^)]*\)")
HEADING = re.compile(r"(#{2,3}) (.*)")
OPENING = """\
# Neural style transfer, step by step

Route: {name}

![A photo of a pagoda, The Starry Night, and the pagoda painted in its manner](../data/example.jpg)
"""


@dataclass
class Row:
    """One line of a route.

    Attributes:
        start: on the clock, such as "0:40".
        minutes: how long.
        place: what its third column says, without links.
        action: what its last column says.
        links: [(heading, name of the notebook)].
    """

    start: str
    minutes: int
    place: str
    action: str
    links: list[tuple[str, str]]

    def note(self) -> str:
        """What the speaker reads."""
        action = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", self.action)
        return f"**{self.start}, {self.minutes} min**: {self.place}\n\n{action}"


@dataclass
class Section:
    """A heading of a notebook, and the cells up to the next one; a chapter holds its sections."""

    heading: str
    level: int
    cells: list[NotebookNode]


def read_route(course: Path, route: str) -> tuple[str, list[Row]]:
    """A route of the course's guide.

    Args:
        course: the course's folder.
        route: one of ROUTES.

    Returns:
        (its name, its rows).

    Raises:
        KitError: the guide is not there, or has no such route.
    """
    guide = course / GUIDE
    if not guide.is_file():
        raise KitError(f"the routes stand in {GUIDE}, which is not in {course}")
    for title, text in re.findall(r"(?ms)^### Route: (.*?)$(.*?)(?=^#|\Z)", guide.read_text("utf-8")):
        if route in title.split():
            rows = [Row(start, int(minutes), LINK.sub(r"\1", place), action, LINK.findall(place + action))
                    for start, minutes, place, action in ROW.findall(text)]
            if rows:
                return title.strip(), rows
    raise KitError(f"{GUIDE} has no route {route!r} with a table")


def route_notebook(course: Path, route: str) -> tuple[str, NotebookNode]:
    """The sections that a route names, in its order, as one notebook.

    Each begins with a cell of the slide type "notes": the minute, and what to do.

    Args:
        course: the course's folder.
        route: one of ROUTES.

    Returns:
        (the route's name, notebook).

    Raises:
        KitError: no such route, or a row names a notebook or a heading that does not exist.
    """
    name, rows = read_route(course, route)
    cells = [new_markdown_cell(OPENING.format(name=name))]
    books: dict[str, list[Section]] = {}
    shown: list[Section] = []
    for row in rows:
        if not row.links:
            cells += _meeting(row, first=row is rows[0])
            continue
        for stem in dict.fromkeys(stem for _, stem in row.links):
            if stem not in books:
                books[stem] = _read_sections(course, stem)
            chosen = [section for section in _chosen(row, stem, books[stem]) if section not in shown]
            cells += [cell for section in chosen for cell in _with_note(section, row)]
            shown += chosen
    return name, new_notebook(cells=cells)


def _meeting(row, first):
    """A row without a notebook: a break, or something that all do together."""
    note = new_markdown_cell(row.note(), metadata={"slideshow": {"slide_type": "notes"}})
    if first:
        return [note]
    words = "All together" if row.place == "the room" else row.place[:1].upper() + row.place[1:]
    return [new_markdown_cell(f"## {words}\n\n{row.minutes} minutes"), note]


def _with_note(section, row):
    first, *rest = section.cells
    note = new_markdown_cell(row.note(), metadata={"slideshow": {"slide_type": "notes"}})
    return [first, note, *rest]


def _read_sections(course, stem):
    path = course / "notebooks" / f"{stem}.ipynb"
    if not path.is_file():
        raise KitError(f"{GUIDE} names {path.name}, which is not in {course}")
    return list(sections(nbformat.read(path, as_version=4)))


def sections(notebook: NotebookNode) -> Iterator[Section]:
    """The parts of a notebook that begin with ## or ###, also within a cell. What comes before is left out.

    Args:
        notebook: is not changed.

    Yields:
        Section.
    """
    section = None
    for cell in notebook.cells:
        for part in _split_at_headings(cell) if cell.cell_type == "markdown" else [cell]:
            heading = HEADING.match(part.source) if part.cell_type == "markdown" else None
            if heading:
                if section:
                    yield section
                section = Section(heading[2].strip(), len(heading[1]), [])
            if section:
                section.cells.append(part)
    if section:
        yield section


def _split_at_headings(cell):
    """Cells that begin with a heading, which stands alone in the first. Folds and listings stay whole."""
    hidden = re.compile(FOLD.pattern + r"|```.*?```", re.DOTALL)
    safe = hidden.sub(lambda match: "·" * len(match[0]), cell.source)
    places = sorted({0, len(cell.source), *(i for match in re.finditer(r"(?m)^#{2,3} .*$\n?", safe)
                                            for i in match.span())})
    parts = [cell.source[a:b].strip() for a, b in pairwise(places)]
    first, *rest = [part for part in parts if part] or [""]
    return [new_markdown_cell(first, metadata=cell.metadata), *map(new_markdown_cell, rest)]


def _chosen(row, stem, parts):
    """The sections of a notebook that a row names, in the notebook's order; a chapter with its sections."""
    headings = [part.heading for part in parts]
    action = ". ".join(sentence for sentence in row.action.split(". ") if "click" not in sentence.lower())
    wanted = {heading for heading, book in row.links if book == stem}
    if missing := wanted - set(headings):
        raise KitError(f"{GUIDE}: no heading {sorted(missing)[0]!r} in {stem}.ipynb")
    wanted |= {heading for heading in headings if f"*{heading}*" in action}
    numbers = _numbers(action)
    wanted |= {heading for heading in headings if (re.match(r"\d+", heading) or [""])[0] in numbers}
    wanted |= {part.heading for part in parts for name in re.findall(r"`(check\.\w+)`", action)
               if any(f"{name}(" in cell.source for cell in part.cells if cell.cell_type == "code")}
    until = re.search(r"[Aa]ll of \d\d up to \*(.*?)\*", action)
    if until and until[1] in headings:
        wanted = set(headings[:headings.index(until[1])])
    elif re.search(r"from the top", action, re.IGNORECASE):
        wanted |= set(headings[:max(headings.index(heading) for heading, book in row.links if book == stem)])
    return [part for i, part in enumerate(parts) if part.heading in wanted or _chapter(parts, i) in wanted]


def _chapter(parts, i):
    """The heading of the chapter that a section belongs to."""
    return next(part.heading for part in reversed(parts[:i + 1]) if part.level == 2 or part is parts[0])


def _numbers(text):
    """Of "Sections 1 to 3" and "section 5 and 6": {"1", "2", "3"}, {"5", "6"}."""
    found = set()
    for first, word, last in re.findall(r"[Ss]ections? (\d+)(?: (to|and) (\d+))?", text):
        found |= {str(i) for i in range(int(first), int(last) + 1)} if word == "to" else {first, last} - {""}
    return found
