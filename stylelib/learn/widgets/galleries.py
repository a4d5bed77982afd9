"""A gallery: pictures to choose one from, and ways to bring more of them.

    Own        a folder for what visitors bring; git ignores it
    Gallery    thumbnails as toggle buttons, and below them Upload, Paste and Webcam

What somebody brought is in the gallery tomorrow, too: each gallery lists its part of that folder.
"""
import functools
import html
import io
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ipywidgets
import traitlets

from ...engine.credits import find_credit
from ...engine.inputs import ImageError
from ...engine.language import mark, tr
from ...engine.recipe import name_of_picture
from ...engine.writing import FORMATS
from ...images import load_image
from ..names import name_of
from .captions import painting_name
from .look import file_thumbnail, thumbnail_sheet
from .page import WAYS, Upload
from .parts import html as words
from .pictures import png

OWN = "own"                 # the name is in .gitignore: a face in a photo is nobody's business
PHOTO, PAINTING = mark("Photo"), mark("Painting")
UPLOAD = {PHOTO: mark("Upload a photo"), PAINTING: mark("Upload a painting")}
Option = tuple[str, str]    # (what stands below a thumbnail, the value)


@dataclass(frozen=True)
class Own:
    """Where the pictures of one gallery lie that its visitors brought.

    Attributes:
        folder: theirs alone; made when the first one comes.
    """

    folder: Path

    def pictures(self) -> list[Path]:
        """Those that are there, in the order of their names."""
        return pictures_in(self.folder)

    def keep(self, name: str, content: bytes, taken: Collection[str] = ()) -> str:
        """Write a file, if it is a picture; returns its path. Nothing is replaced.

        Args:
            name: of the file. With an ending that `pictures` would not find, the picture becomes a PNG file.
            content: of the file.
            taken: what recipes call other pictures: this one gets a number behind its name.

        Raises:
            ImageError: it is no picture, or one that is too small.
            OSError: it cannot be written.
        """
        name = Path(name.replace("\\", "/")).name
        if not content:
            raise ImageError(tr("{name} is empty: there is nothing in that file", name=name))
        file = io.BytesIO(content)
        file.name = name
        image = load_image(file)
        if Path(name).suffix.lower() not in FORMATS:
            name, content = f"{Path(name).stem}.png", png(image)
        self.folder.mkdir(parents=True, exist_ok=True)
        path, number = self.folder / name, 1
        while path.read_bytes() != content if path.exists() else name_of_picture(path) in taken:
            number += 1
            path = self.folder / f"{Path(name).stem}-{number}{Path(name).suffix}"
        path.write_bytes(content)
        return path.as_posix()


class Gallery(ipywidgets.VBox):
    """Thumbnails to choose from, and buttons that bring more.

    Args:
        title: PHOTO or PAINTING; stands above it, and is what a screen reader calls it.
        options: [(name, value)], at first.
        chosen: the value at first.
        own: where it keeps what is brought.
        ways: how pictures can be brought, of `page.WAYS`.
        said: function of an HTML text or an exception: shows it to the user.
        thumbnail: function of a value, that gives the address of its small picture, or None.

    Attributes:
        value: the chosen picture's path, or another text that the options hold.
        source: the buttons that bring pictures.
    """

    value = traitlets.Unicode()

    def __init__(self, title: str, options: Sequence[Option], chosen: str, own: Own,
                 ways: Iterable[str], said: Callable[[Any], None],
                 thumbnail: Callable[[str], str | None] = file_thumbnail):
        self._own, self._said, self._thumbnail = own, said, thumbnail
        self._buttons = ipywidgets.ToggleButtons(options=[], description=tr(title))
        self.source = Upload(tr(UPLOAD[title]), self._bring, said, ways=list(ways))
        self._sheet = words()
        self._listed: list[Option] = []
        self._sheet.layout.display = "none"
        super().__init__([self._buttons, self.source, self._sheet])
        self.add_class("gallery")
        self.add_class(f"gallery-{self.model_id}")
        for name, value in options:
            self._list(name, value)
        self._list(name_of(chosen), chosen)
        self.value = chosen
        self._show()
        self._buttons.observe(self._pressed, "value")
        self.observe(self._chosen, "value")

    @property
    def options(self) -> tuple[Option, ...]:
        """((name, value), ...) of its pictures, in their order."""
        return tuple(self._listed)

    @property
    def named(self) -> dict[str, str]:
        """{what a recipe calls it: value} of its pictures; of two with one name the first."""
        return {name_of_picture(value): value for _, value in reversed(self._listed)}

    def bring(self, name: str, content: bytes) -> bool:
        """Keep a picture's file, list and choose it; returns whether that worked."""
        try:
            path = self._own.keep(name, content, self.named)
        except (ImageError, OSError) as error:
            self._said(error)
            return False
        self._list(name_of(path), path)
        self._show()
        self.value = path
        return True

    def _bring(self, name, content):
        if self.bring(name, content):
            self._said(tr("{name} is in the gallery now.", name=html.escape(Path(self.value).name)))

    def _list(self, name, value):
        if value not in [known for _, known in self._listed]:
            self._listed.append((name, value))

    def _chosen(self, change):
        self._list(name_of(self.value), self.value)
        self._show()

    def _pressed(self, change):
        if change.new is not None and not self._listing:
            self.value = change.new

    def _show(self):
        """Make the buttons those of the list, the chosen one pressed."""
        if self.options != self._buttons.options:
            self._listing = True                            # new options press another for a moment
            self._buttons.options = self.options
            self._buttons.value = self.value
            self._listing = False
            values = [value for _, value in self._listed]
            self._buttons.tooltips = list(map(_about, values))
            addresses = list(map(self._thumbnail, values))
            self._sheet.value = thumbnail_sheet(f"gallery-{self.model_id}", addresses)
        self._buttons.value = self.value


def photo_gallery(folder: Path, chosen: str | Path, save_folder: Path,
                  said: Callable[[Any], None]) -> Gallery:
    """The photos in `folder/content/`, and those that were brought before.

    Args:
        folder: holds the pictures of the course.
        chosen: the name of a picture, or any picture file.
        save_folder: what is brought goes to `own/` in it.
        said: see `Gallery`.

    Raises:
        ImageError: there is no such folder, or `chosen` is no picture.
    """
    own = Own(save_folder / OWN / "content")
    options, first = _listed(folder / "content", own, chosen)
    gallery = Gallery(PHOTO, options, first, own, WAYS, said)
    gallery.add_class("photos")
    return gallery


def painting_gallery(folder: Path, chosen: str | Path, save_folder: Path, said: Callable[[Any], None],
                     styles: Mapping[str, str] | None = None) -> Gallery:
    """The paintings in `folder/style/`, and those that were brought before.

    Args:
        folder, chosen, save_folder, said: see `photo_gallery`.
        styles: {value: the address of its thumbnail} of what can be chosen besides.

    Raises:
        ImageError: there is no such folder, or `chosen` is no picture.
    """
    own, styles = Own(save_folder / OWN / "style"), styles or {}
    options, first = _listed(folder / "style", own, chosen, styles)
    gallery = Gallery(PAINTING, options, first, own, WAYS[:1], said,
                      lambda value: styles.get(value) or file_thumbnail(value))
    gallery.add_class("paintings")
    return gallery


def _listed(folder, own, chosen, styles=()):
    """([(name, value)] of what there is, the chosen value)."""
    if not folder.is_dir():
        raise ImageError(tr("there is no folder {folder}: give the one that holds content/ and style/ as "
                            "`folder`", folder=folder))
    paths = [*pictures_in(folder), *own.pictures()]
    known = {path.stem: path.as_posix() for path in reversed(paths)}
    if chosen not in styles:
        chosen = known.get(str(chosen), Path(chosen).as_posix())
        load_image(chosen)                          # raises a clear error if it is no picture
    files = [(name_of(path), path.as_posix()) for path in paths]
    return [*files, *((painting_name(value), value) for value in styles)], chosen


def _about(value):
    """What a picture shows, where a list of sources beside it says so, or its name: its tooltip."""
    credit = _credit(value)
    return tr(credit.what) if credit and credit.what else painting_name(value)


@functools.lru_cache(maxsize=512)
def _credit(value):
    return find_credit(value)


def pictures_in(folder: Path) -> list[Path]:
    """The picture files in a folder, in the order of their names; none if there is no such folder."""
    if not folder.is_dir():
        return []
    return sorted((path for path in folder.iterdir() if path.suffix.lower() in FORMATS),
                  key=lambda path: path.stem)
