"""What learners have handed in: whose copy is where, and which cell answers which exercise.

Nothing of it is run here, and nothing is believed: a copy may be no notebook, huge, or a link to elsewhere.
"""
import json
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from ..engine.language import tr
from .course import KitError

LARGEST = 50_000_000        # bytes of a notebook; ours are smaller than 3 MB, with all their pictures
# What learning platforms hang onto a learner's name or file: Moodle, Canvas, a second attempt
PLATFORMS = re.compile(r"_\d+_assignsubmission_file_?|_(late_)?\d+_\d+_?|[ -]?\(\d+\)$|-\d+$")
CHECK = re.compile(r"^(?:assert )?check\.(\w+)\((\w+)\)$", re.MULTILINE)
STUB = "raise NotImplementedError"


@dataclass(frozen=True)
class Cell:
    """A cell of code: its name in the file, which a learner's copy keeps, and its text."""

    name: str
    source: str


@dataclass(frozen=True)
class Exercise:
    """An exercise of the course.

    Attributes:
        notebook: name of its notebook without the ending, such as "03_gram_matrices".
        checker: name of its checker, such as "gram_matrix".
        function: what the learner's function is called.
        cell: the stub.
        prelude: the notebook's imports and its knobs, all that an exercise needs.
    """

    notebook: str
    checker: str
    function: str
    cell: Cell
    prelude: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.notebook[:2]} {self.checker}"


@dataclass(frozen=True)
class Answer:
    """What a learner wrote: the cell with the function, and all cells that are not the course's own."""

    source: str
    own: tuple[str, ...] = ()


@dataclass
class Learner:
    """Whose work it is, and the files that hold it.

    Attributes:
        name: as the folder or the file is called.
        copies: {name of the course's notebook: the learner's files}: one in each language that they have.
        strange: [what could not be taken], in words.
    """

    name: str
    copies: dict[str, list[Path]] = field(default_factory=dict)
    strange: list[str] = field(default_factory=list)


def code_cells(path: Path) -> list[Cell]:
    """The cells of code in a notebook that anybody may have written.

    Args:
        path: of the notebook.

    Raises:
        KitError: it is none, or too large; the message says so in a few words.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise KitError(tr("is larger than {megabytes} MB", megabytes=LARGEST // 1_000_000))
        cells = json.loads(path.read_text("utf-8"))["cells"]
        return [Cell(str(cell.get("id", "")), "".join(cell["source"])) for cell in cells
                if cell["cell_type"] == "code"]
    except OSError as error:
        raise KitError(tr("cannot be read ({reason})", reason=error.strerror)) from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, MemoryError):
        raise KitError(tr("is no notebook that can be read")) from None


def exercises_of(path: Path) -> list[Exercise]:
    """The exercises of a notebook of the course: each a stub, and below it the cell that checks it."""
    cells = code_cells(path)
    prelude = tuple(cell.source for cell in cells[:2])
    pairs = ((stub, CHECK.search(check.source)) for stub, check in pairwise(cells))
    return [Exercise(path.stem, found[1], found[2], stub, prelude) for stub, found in pairs
            if found and defines(stub.source, found[2])]


def defines(source: str, name: str) -> bool:
    """Does a cell give this name to something: by def, class, or `name = ...`?"""
    return bool(re.search(rf"^(?:(?:async )?def|class) {name}\b|^{name}\s*(?::[^=\n]*)?=(?!=)", source,
                          re.MULTILINE))


def find_answer(exercise: Exercise, cells: Sequence[Cell], ours: Iterable[str]) -> Answer | None:
    """What a learner answers: in the exercise's own cell, or else in the last one that defines the function.

    Args:
        exercise: of the course.
        cells: of the learner's copy, or of those in all languages.
        ours: the sources of all cells of the course's notebook, in all languages.

    Returns:
        Answer; None if the function is nowhere. An untouched stub is an answer, too: it is not attempted.
    """
    known = set(ours)
    named = [cell for cell in cells if defines(cell.source, exercise.function)
             and (cell.source not in known or STUB in cell.source)]
    if not named:
        return None
    tried = [cell for cell in named if STUB not in cell.source]
    placed = [cell for cell in tried if cell.name == exercise.cell.name and cell.name]
    chosen = (placed or tried or named)[-1]
    own = tuple(cell.source for cell in cells if cell.source not in known and cell is not chosen)
    return Answer(chosen.source, own)


def find_learners(folder: Path, exercises: Sequence[Exercise]) -> list[Learner]:
    """All learners of a class: one folder each, or notebooks that are named after them.

    A folder may hold its notebooks at any depth, as what `handout` wrote does. Links are not followed.

    Args:
        folder: of the class.
        exercises: of the course: they tell which notebook a file is.

    Raises:
        KitError: there is no such folder, or no notebook in it.
    """
    if not folder.is_dir():
        raise KitError(tr("there is no folder {folder!r}: name the one that holds the learners' copies",
                          folder=str(folder)))
    found: dict[str, Learner] = {}
    stems = sorted({exercise.notebook for exercise in exercises})
    for entry in sorted(folder.iterdir()):
        if entry.is_dir() and not entry.is_symlink() and not entry.name.startswith("."):
            name = shown(PLATFORMS.sub("", entry.name)) or shown(entry.name)
            learner = found.setdefault(name, Learner(name))
            for path in _notebooks_below(entry):
                _add(learner, path, _stem(path, stems, exercises))
        elif entry.suffix == ".ipynb":
            stem = _stem(entry, stems, exercises)
            rest = entry.stem.replace(stem, "", 1) if stem else entry.stem
            name = shown(PLATFORMS.sub("", rest).strip(" _-.")) or shown(folder.resolve().name)
            _add(found.setdefault(name, Learner(name)), entry, stem)
    if not found:
        raise KitError(tr("no notebook in {folder!r}: it should hold one folder for each learner, or "
                          "notebooks with the learners' names in theirs", folder=str(folder)))
    return sorted(found.values(), key=lambda learner: learner.name.lower())


def shown(text: str) -> str:
    """A name that anybody may have chosen, without what would move a terminal's cursor or break a line."""
    return "".join(letter if letter.isprintable() else " " for letter in text).strip()


def _notebooks_below(folder) -> Iterator[Path]:
    """Those of one learner; the one with the plainest name last, so that no copy of it takes its place."""
    paths = [Path(place) / name for place, folders, names in os.walk(folder)
             if not any(part.startswith(".") for part in Path(place).relative_to(folder).parts)
             for name in names if name.endswith(".ipynb") and not name.startswith(".")]
    yield from sorted(paths, key=lambda path: (-len(path.name), str(path)))


def _add(learner, path, stem):
    if path.is_symlink():
        learner.strange.append(tr("{file} is a link, which is not followed", file=shown(path.name)))
    elif not path.is_file():
        learner.strange.append(tr("{file} is no file", file=shown(path.name)))
    elif stem:
        others = (one for one in learner.copies.get(stem, ()) if one.name == path.name)
        learner.copies[stem] = [*others, path]
    else:
        learner.strange.append(tr("{file} is not recognised as a notebook of the course",
                                  file=shown(path.name)))


def _stem(path, stems, exercises: Sequence[Exercise]) -> str:
    """Which of the course's notebooks it is: by its name, or else by what it checks; "" if none."""
    named = [stem for stem in stems if stem in path.stem]
    if named or path.is_symlink() or not path.is_file():
        return named[-1] if named else ""
    try:
        cells = code_cells(path)
    except KitError:
        return ""
    names, checks = {cell.name for cell in cells} - {""}, set(_checks(cells))
    scores = {stem: sum((each.cell.name in names) + (each.checker in checks) for each in exercises
                        if each.notebook == stem) for stem in stems}
    best = max(stems, key=lambda stem: scores[stem])
    return best if scores[best] else ""


def _checks(cells: Iterable[Cell]) -> Iterator[Any]:
    for cell in cells:
        yield from (found[1] for found in CHECK.finditer(cell.source))
