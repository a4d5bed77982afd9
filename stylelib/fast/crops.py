"""Small pieces of photos, in random order: what a network that paints is trained with."""
import os
import warnings
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ..engine.checks import check_positive_int
from ..engine.inputs import ImageError
from ..engine.language import mark, tr
from ..engine.places import data_folder
from ..images import as_picture, resize_image

LONGEST = 144, 256, 384     # px: each photo is seen small and large, so that some crops show a whole scene
KEPT = 1000                 # photos that stay in memory, as 8-bit levels: 300 MB at most
UNSEEN = "china.jpg"        # of the course's photos, the one that is left to look at


class Crops:
    """Random squares from photos, half of them mirrored; the same ones for the same seed.

    A photo is read when it is drawn for the first time, so that a folder of thousands costs nothing before.

    Args:
        photos: as for `train_fast`.
        size: px, of a square.
        seed: of what is drawn.
        on_skip: called with one line for each file of a folder that is no picture; None warns.

    Raises:
        ImageError: there are no photos.
        ValueError: size is out of range.
    """

    def __init__(self, photos: Any, size: int, seed: int = 0, on_skip: Callable[[str], Any] | None = None):
        self.size = check_positive_int("size", size, mark("number of pixels"))
        if size < 32:
            raise ValueError(tr("size must be at least 32 px, or a crop shows nothing, got {size}",
                                size=size))
        self.in_folder = photos is None or _is_folder(photos)
        self.photos = _listed(photos)
        self.generator = torch.Generator().manual_seed(seed)
        self.on_skip = on_skip or (lambda line: warnings.warn(line, stacklevel=2))
        self._read = lru_cache(KEPT)(self._read_now)

    def __call__(self, count: int = 1) -> Tensor:
        """(count, 3, size, size), each from a photo of its own.

        Raises:
            ImageError: a photo that was given by itself cannot be read, or none of a folder can.
        """
        return torch.cat([self._one() for _ in range(count)])

    def below(self, count: int) -> int:
        """A random whole number from 0 to count - 1."""
        return int(torch.randint(count, (), generator=self.generator))

    def _one(self):
        photo = self._any_photo()
        top, left = (self.below(side - self.size + 1) for side in photo.shape[2:])
        crop = photo[:, :, top:top + self.size, left:left + self.size].float() / 255
        return crop.flip(3) if self.below(2) else crop

    def _any_photo(self):
        """A photo, (1, 3, H, W), in levels from 0 to 255; files that are none are taken off the list."""
        while self.photos:
            index, longest = self.below(len(self.photos)), LONGEST[self.below(len(LONGEST))]
            try:
                return self._read(index, longest)
            except ImageError as error:
                if not self.in_folder:
                    raise
                self.on_skip(tr("skipped: {error}", error=error))
                del self.photos[index]
                self._read.cache_clear()        # the numbers of the others have changed
        raise ImageError(tr("none of the photos can be read: give a folder with JPEG or PNG files"))

    def _read_now(self, index, longest):
        photo = as_picture(self.photos[index], "photo", longest)
        larger = self.size / min(photo.shape[2:])
        if larger > 1:
            photo = resize_image(photo, *(max(self.size, round(side * larger)) for side in photo.shape[2:]))
        return photo.clamp(0, 1).mul(255).round().byte()


def course_photos() -> list[Path]:
    """The course's own photos, without china.jpg: it is left to see how a network paints what is new to it.

    Raises:
        ImageError: they are not here. They belong to the course, not to the installed package.
    """
    data = data_folder().resolve()
    if not (data / "SOURCES.md").is_file():             # somebody else's data
        raise ImageError(tr("the course's own photos are not here: go to the folder that holds data/, or "
                            "give photos of your own, for instance a folder with ten of them"))
    return [path for path in sorted((data / "content").glob("*.jpg")) if path.name != UNSEEN]


def _is_folder(photos):
    return isinstance(photos, str | os.PathLike) and os.path.isdir(os.path.expanduser(photos))


def _listed(photos) -> list[Any]:
    if photos is None:
        return list(course_photos())
    if _is_folder(photos):
        found: list[Any] = sorted(path for path in Path(photos).expanduser().iterdir()
                                  if path.is_file() and not path.name.startswith("."))
        if not found:
            raise ImageError(tr("there is no photo in the folder {name!r}: put some in, ten are enough",
                                name=str(photos)))
        return found
    found = list(photos) if isinstance(photos, Sequence) and not isinstance(photos, str | bytes) else [photos]
    if not found:
        raise ImageError(tr("there are no photos: give at least one"))
    return found
