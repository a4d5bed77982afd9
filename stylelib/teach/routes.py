"""The routes of the guide for teachers, read from its tables: which sections of which notebook, and when.

A row such as `| 0:40 | 15 | 03 [1 A table](03_gram_matrices.ipynb) | Sections 1 and 2; *Try to break it*. |`
names sections by links, by their numbers, by headings in italics, and by exercises: `check.gram_matrix`.
Only the English guide is read so. Of one in another language, what the speaker reads is taken, row by row;
and of its notebooks the sections at the same places.
"""
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell, new_notebook

from ..engine.language import mark, tr, tr_count
from .course import KitError, home_of
from .editions import EDITIONS, Edition, edition
from .folds import FOLD

ROUTES = ("90", "half", "full", "two")
GUIDE = "notebooks/TEACHING.md"
ROW = re.compile(r"^\| (\d+:\d\d) \| (\d+) \| (.*?) \| (.*) \|$", re.MULTILINE)
LINK = re.compile(r"\[([^\]]*)\]\((?:\w+/)?(\d\d_\w+)\.ipynb[^)]*\)")
HEADING = re.compile(r"(#{2,3}) (.*)")
OPENING = mark("""\
# Neural style transfer, step by step

Route: {name}

![A photo of a pagoda, The Starry Night, and the pagoda painted in its manner]({picture})
""")


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
        # Translators: start is a time on the clock, 0:40; place is the column of the guide's table
        head = tr("**{start}, {minutes} min**: {place}", start=self.start, minutes=self.minutes,
                  place=self.place)
        return f"{head}\n\n{action}"


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
        raise KitError(tr("the routes stand in {guide}, which is not in {folder}", guide=GUIDE,
                          folder=course))
    for title, rows in _tables(guide.read_text("utf-8")):
        if title.startswith("Route: ") and route in title.split() and rows:
            return title.removeprefix("Route: "), rows
    raise KitError(tr("{guide} has no route {route!r} with a table", guide=GUIDE, route=route))


def _tables(text):
    """(heading, rows of the table below it), of a guide."""
    for title, part in re.findall(r"(?ms)^### (.*?)$(.*?)(?=^#|\Z)", text):
        yield title.strip(), [Row(start, int(minutes), LINK.sub(r"\1", place), action,
                                  LINK.findall(place + action))
                              for start, minutes, place, action in ROW.findall(part)]


def _as_told(course, language, name, rows):
    """A route's name and its rows in the words of a language's guide: the one with the same times."""
    guide = course / language.page(GUIDE)
    times = [(row.start, row.minutes) for row in rows]
    for title, own in _tables(guide.read_text("utf-8")) if language.folder and guide.is_file() else ():
        if [(row.start, row.minutes) for row in own] == times:
            return re.split(": |：", title, maxsplit=1)[-1].strip(), own
    return name, rows


def route_notebook(course: Path, route: str) -> tuple[str, NotebookNode]:
    """The sections that a route names, in its order, as one notebook, in the language in use.

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
    language = edition()
    name, told = _as_told(course, language, name, rows)
    picture = os.path.relpath(course / "data" / "example.jpg", home_of(course, language))
    cells = [new_markdown_cell(tr(OPENING, name=name, picture=Path(picture).as_posix()))]
    books: dict[str, tuple[list[Section], list[Section]]] = {}
    shown: set[tuple[str, int]] = set()
    for row, words in zip(rows, told):
        if not row.links:
            cells += _meeting(row, words, first=row is rows[0])
        for stem in dict.fromkeys(stem for _, stem in row.links):
            english, ours = books[stem] = books.get(stem) or _read_twice(course, stem, language)
            places = [place for place in _chosen(row, stem, english) if (stem, place) not in shown]
            cells += [cell for place in places for cell in _with_note(ours[place], words)]
            shown |= {(stem, place) for place in places}
    return name, new_notebook(cells=cells)


def _meeting(row, told, first):
    """A row without a notebook: a break, or something that all do together."""
    note = new_markdown_cell(told.note(), metadata={"slideshow": {"slide_type": "notes"}})
    if first:
        return [note]
    title = tr("All together") if row.place == "the room" else told.place[:1].upper() + told.place[1:]
    minutes = tr_count("{n} minute", "{n} minutes", row.minutes)
    return [new_markdown_cell(f"## {title}\n\n{minutes}"), note]


def _with_note(section, row):
    first, *rest = section.cells
    note = new_markdown_cell(row.note(), metadata={"slideshow": {"slide_type": "notes"}})
    return [first, note, *rest]


def _read_twice(course, stem, language):
    """The sections in English, and in a language; the English ones again where those do not fit."""
    english, ours = (_read_sections(course, stem, one) for one in (EDITIONS[0], language))
    return english, ours if len(ours) == len(english) else english


def _read_sections(course: Path, stem: str, language: Edition) -> list[Section]:
    path = home_of(course, language) / f"{stem}.ipynb"
    if not path.is_file():
        raise KitError(tr("{guide} names {notebook}, which is not in {folder}", guide=GUIDE,
                          notebook=path.name, folder=course))
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
    """Places of the sections that a row names, in the notebook's order; a chapter with its sections."""
    headings = [part.heading for part in parts]
    action = ". ".join(sentence for sentence in row.action.split(". ") if "click" not in sentence.lower())
    wanted = {heading for heading, book in row.links if book == stem}
    if missing := wanted - set(headings):
        raise KitError(tr("{guide}: no heading {heading!r} in {stem}.ipynb", guide=GUIDE,
                          heading=sorted(missing)[0], stem=stem))
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
    return [i for i, part in enumerate(parts) if part.heading in wanted or _chapter(parts, i) in wanted]


def _chapter(parts, i):
    """The heading of the chapter that a section belongs to."""
    return next(part.heading for part in reversed(parts[:i + 1]) if part.level == 2 or part is parts[0])


def _numbers(text):
    """Of "Sections 1 to 3" and "section 5 and 6": {"1", "2", "3"}, {"5", "6"}."""
    found = set()
    for first, word, last in re.findall(r"[Ss]ections? (\d+)(?: (to|and) (\d+))?", text):
        found |= {str(i) for i in range(int(first), int(last) + 1)} if word == "to" else {first, last} - {""}
    return found
