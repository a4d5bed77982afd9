"""An exhibition as one page: pictures with their labels, each learner's series on a wall of its own.

The page opens from a plain folder, without a network. Pictures are written anew, so nothing but pixels and
our own recipe gets into it: no place where a photo was taken, nothing that hides in a broken file.
"""
import base64
import json
import re
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from PIL import Image

from ..engine.inputs import ImageError, fit_sides
from ..engine.language import mark, tr, tr_count
from ..engine.reading import read_picture
from ..engine.recipe import LONGEST, Recipe
from ..engine.tags import read_recipe
from ..engine.writing import FORMATS, check_output, temporary_file
from ..images import save_image
from .course import Folder, KitError, new_folder
from .editions import edition
from .labels import Label, label_of

FILES = Path(__file__).parent / "gallery_files"
WORDS = "series.json"       # what a learner says of a series, beside its pictures
LARGE, SMALL = 2048, 1024   # px: longest side of a picture in a folder, and inside a single file
MAX_BYTES = 100_000_000     # of a picture's file
# What the page itself says, by the names that its template uses
SAID = {
    "more": mark("More pictures"), "pictures": mark("Pictures"), "people": mark("People"),
    "slide_show": mark("Slide show"), "recipe": mark("Recipe"), "to_copy": mark("Copy"),
    "copied": mark("Copied"), "selected": mark("Selected: press Ctrl+C"), "large": mark("A picture, large"),
    "back": mark("Previous picture"), "on": mark("Next picture"), "close": mark("Close"),
    "repeats": mark("A recipe repeats a picture, or paints another one with the same knobs:"),
}
FLAT, TALL = 3.0, 0.5       # width to height: a picture beyond gets a frame as long as this


@dataclass(frozen=True)
class Work:
    """A picture that hangs.

    Attributes:
        source: its address on the page.
        sides: width and height in px, as it is shown.
        label: what hangs beside it.
    """

    source: str
    sides: tuple[int, int]
    label: Label

    @property
    def ratio(self) -> float:
        """Width to height of its frame."""
        return round(min(max(self.sides[0] / self.sides[1], TALL), FLAT), 3)


@dataclass
class Series:
    """What one learner shows.

    Attributes:
        artist: who; the folder's name if nobody says.
        title, statement: in the learner's words.
        titles: {file name: title}, in the order in which they shall hang.
        works: the pictures.
    """

    artist: str
    title: str = ""
    statement: str = ""
    titles: dict[str, str] = field(default_factory=dict)
    works: list[Work] = field(default_factory=list)


def write_gallery(folder: Folder, page: Folder, title: str = "") -> tuple[int, list[str]]:
    """Write the page, in the language in use.

    Args:
        folder: holds pictures, or a folder of pictures for each learner, named after the learner. A file
            series.json beside pictures may say {"artist": ..., "title": ..., "statement": ..., "pictures":
            {file name: its title}}; all of it is optional. Folders deeper down, and links, are not looked at.
        page: a new or empty folder, which gets index.html and the pictures; or the name of a new file that
            ends in .html, which then holds smaller pictures itself.
        title: of the exhibition; "" means "Gallery".

    Returns:
        (number of pictures, [what was left out or could not be read, and why]).

    Raises:
        KitError: there is no picture, or `page` is there already.
        ImageError: the file cannot be written there.
    """
    if not Path(folder).is_dir():
        raise KitError(tr("no folder {folder!r}: name one that holds pictures, or a folder for each learner",
                          folder=str(folder)))
    title = title or tr("Gallery")
    if Path(page).suffix.lower() in (".html", ".htm"):
        return _write_file(Path(folder), Path(page), title)
    with new_folder(page) as draft:
        rooms, problems = _hang(Path(folder), draft, LARGE)
        (draft / "index.html").write_text(_html(rooms, title), "utf-8")
    return _count(rooms), problems


def _write_file(folder, page, title):
    if page.exists():
        raise KitError(tr("{page} is there already: name a new file, or delete it first", page=page))
    target = check_output(page, (".html", ".htm"), mark("page"))
    with tempfile.TemporaryDirectory(prefix="gallery-") as place, temporary_file(target) as temporary:
        rooms, problems = _hang(folder, Path(place), SMALL)
        text = re.sub(r'"(pictures/\d+\.jpg)"', lambda found: f'"{_embedded(Path(place) / found[1])}"',
                      _html(rooms, title))
        temporary.write_text(text, "utf-8")
        temporary.rename(target)
    return _count(rooms), problems


def _embedded(path):
    return f"data:image/jpeg;base64,{base64.b64encode(path.read_bytes()).decode()}"


def _html(rooms, title):
    environment = Environment(loader=FileSystemLoader(FILES), autoescape=True, trim_blocks=True,
                              lstrip_blocks=True)
    said = {name: tr(words) for name, words in SAID.items()}
    return environment.get_template("page.html.j2").render(
        rooms=rooms, title=title, how_many=_how_many(rooms), said=said, tag=edition().tag)


def _how_many(rooms):
    """Below the title: of the pictures and, if anybody is named, of the people."""
    count, people = _count(rooms), len({room.artist for room in rooms if room.artist})
    pictures = tr_count("{n} picture", "{n} pictures", count)
    if not people:
        return pictures
    # Translators: pictures is "3 pictures"
    return tr_count("{pictures} by {n} person", "{pictures} by {n} people", people, pictures=pictures)


def _count(rooms):
    return sum(len(room.works) for room in rooms)


# ------------------------------------------------------------------------------------------------ hanging

def _hang(folder: Path, draft: Path, longest: int) -> tuple[list[Series], list[str]]:
    """Write all pictures into draft/pictures; returns (series that have some, problems)."""
    (draft / "pictures").mkdir()
    rooms: list[Series] = []
    problems: list[str] = []
    number = 0
    for place in (folder, *_in_order(path for path in folder.iterdir() if path.is_dir())):
        series = _read_series(place, "" if place == folder else place.name, problems)
        for path in _pictures(place, series):
            try:
                file = f"pictures/{number + 1:03d}.jpg"
                series.works.append(_work(path, draft, file, longest, series, problems))
                number += 1
            except ImageError as error:
                problems.append(tr("left out: {reason}", reason=error))
        rooms += [series] if series.works else []
    if not rooms:
        raise KitError(
            tr("no picture in {folder}, nor in the folders in it ({reason})", folder=folder,
               reason=problems[0]) if problems else
            tr("no picture in {folder}, nor in the folders in it: there must be {formats} files",
               folder=folder, formats=", ".join(FORMATS)))
    return rooms, problems


def _work(path, draft, file, longest, series, problems):
    if path.stat().st_size > MAX_BYTES:
        raise ImageError(tr("{path} has more than {megabytes} MB: shrink it first", path=path,
                            megabytes=MAX_BYTES // 1_000_000))
    recipe = _recipe(path, problems)
    picture = read_picture(path)
    label = label_of(recipe, path.name, picture.size, series.titles.get(path.name, ""), series.artist)
    sides = fit_sides(picture.size, longest)
    if sides != picture.size:
        picture = picture.resize(sides, Image.Resampling.LANCZOS)
    save_image(picture, draft / file, recipe)
    return Work(file, sides, label)


def _recipe(path: Path, problems: list[str]) -> Recipe | None:
    """A picture's recipe. One that cannot be read is named, and the picture hangs all the same."""
    try:
        return read_recipe(path)
    except ImageError:
        return None                 # reading the pixels will say more of it, or succeed
    except ValueError as error:
        problems.append(f"{path}: {error}")
        return None


def _pictures(folder: Path, series: Series) -> list[Path]:
    """Its picture files, those that the series names first."""
    files = _in_order(path for path in folder.iterdir() if path.suffix.lower() in FORMATS and path.is_file())
    order = list(series.titles)
    return sorted(files, key=lambda path: order.index(path.name) if path.name in order else len(order))


def _in_order(paths: Iterable[Path]) -> list[Path]:
    """2 before 10; what is hidden, and links, which may lead anywhere, are left out."""
    def key(path):
        return [(part.isdigit(), int(part) if part.isdecimal() else 0, part)
                for part in re.split(r"(\d+)", path.name.casefold())]
    return sorted((path for path in paths if path.name[0] not in "._" and not path.is_symlink()), key=key)


def _read_series(folder: Path, name: str, problems: list[str]) -> Series:
    """What series.json says, as far as it says it in texts."""
    path, series = folder / WORDS, Series(name.encode("utf-8", "replace").decode())
    if path.is_symlink() or not path.is_file():
        return series
    try:
        told = json.loads(path.read_text("utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        problems.append(tr("{path} cannot be read: it must be JSON, in UTF-8", path=path))
        return series
    texts = dict(_texts(told))
    titles = dict(_texts(told.get("pictures"))) if isinstance(told, dict) else {}
    return Series(texts.get("artist") or series.artist, texts.get("title", ""), texts.get("statement", ""),
                  titles)


def _texts(told: Any) -> Iterator[tuple[str, str]]:
    for name, text in told.items() if isinstance(told, dict) else ():
        if isinstance(text, str):
            yield name, text.encode("utf-8", "replace").decode()[:LONGEST]
