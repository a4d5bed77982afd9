"""A film as its frames: pictures with the times at which they are shown, one after the other.

    for frame in read_film("holiday.mp4", size=512):
        frame.image     # (1, 3, H, W), in [0, 1]
        frame.time      # in seconds
"""
import contextlib
import io
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import BinaryIO

from PIL import Image
from torch import Tensor

from ..engine.checks import check_number, check_positive_int, check_size
from ..engine.inputs import ImageError
from ..engine.language import mark, tr
from ..engine.reading import READABLE, name_of, why_unreadable
from ..images import MIN_SIDE
from . import animations, video
from .shown import THE_FILM, no_frame

FilmFile = str | os.PathLike[str] | BinaryIO    # what a film may be given as
SLACK = 1e-4                                    # seconds: times in files are rounded
# Pillow takes anything for a TGA picture, also a film
PICTURES = tuple(kind for kind in READABLE if kind not in ("TGA", "ICO"))


@dataclass(frozen=True)
class Film:
    """What a film's file says of it; only the first frame has been decoded for this.

    Attributes:
        name: of the file.
        width, height: in pixels as it is shown: turned as the camera was held, pixels made square.
        rate: frames a second, on average.
        frames: how many there are; None where the file does not say.
        seconds: how long it is; None where the file does not say. Of an animation, which never says, it is
            estimated: as if all frames were shown as long as the first.
        sound: whether there is any.
    """

    name: str
    width: int
    height: int
    rate: float
    frames: int | None
    seconds: float | None
    sound: bool

    def __str__(self) -> str:
        facts = {"name": self.name, "width": self.width, "height": self.height, "rate": self.rate,
                 "sound": tr("with sound") if self.sound else tr("without sound")}
        # Translators: {sound} is "with sound" or "without sound"
        if self.seconds is None:
            return tr("{name}: {width}x{height} px, {rate:.4g} frames a second, {sound}", **facts)
        return tr("{name}: {width}x{height} px, {rate:.4g} frames a second, {seconds:.1f} s, {sound}",
                  seconds=self.seconds, **facts)


@dataclass(frozen=True)
class Frame:
    """A picture of a film.

    Attributes:
        image: float32 tensor (1, 3, H, W), RGB, in [0, 1].
        time: when it appears, in seconds since the film's beginning.
        seconds: how long it is shown.
    """

    image: Tensor
    time: float
    seconds: float


def film_info(path: FilmFile) -> Film:
    """What a film's file says of it: size, frame rate, length, sound.

    Args:
        path: a file's path, or an open binary file.

    Raises:
        ImageError: as in `read_film`.
    """
    return Film(name_of(path, THE_FILM), **_reader(path).describe(_opened(path)))


def read_film(path: FilmFile, size: int | None = None, *, start: float = 0.0, seconds: float | None = None,
              every: int = 1) -> Iterator[Frame]:
    """Read a film frame by frame; there is never more than one of them in memory.

    Frames are turned as the camera was held, and stretched where the film's pixels are not square. Times are
    those of the file, whose frames need not be equally long. High dynamic range is read as if it were usual.

    Args:
        path: a file's path (MP4, MOV, WebM and others by PyAV; animated GIF, WebP and PNG), or an open
            binary file, which may have no end.
        size: longest side in pixels; larger frames are shrunk to it with their proportions kept. None keeps
            the film's own size.
        start: in seconds; frames that appear before it are left out.
        seconds: how much of the film to read, None reads up to its end. A frame that is shown longer ends
            with this part.
        every: 2 takes every second frame, and so on.

    Returns:
        Generator of frames. A film that is damaged or cut off gives those that can be read, and a warning.

    Raises:
        ImageError: the file is missing, a folder, a picture or no film, or has no frame that can be read; its
            frames are smaller than 16 px on a side or have more than 80 million pixels; or PyAV is missing.
        ValueError: size, start, seconds or every is no such number.
    """
    size, start = check_size(size), check_number("start", start)
    end = float("inf") if seconds is None else start + check_number("seconds", seconds, above=True)
    every = check_positive_int("every", every, mark("number of frames"))
    shown = _reader(path).shown(_opened(path), size, start)     # now, not when the first frame is wanted
    return _frames(shown, name_of(path, THE_FILM), (start, end), every)


def _frames(shown, name, span, every):
    """From (time, seconds, function that makes the picture) to those frames that are wanted."""
    start, end = span
    index = 0
    with contextlib.closing(shown):
        for time, length, picture in shown:
            if time > end - SLACK:
                if index == 0:
                    raise ImageError(tr("no frame of {name} appears from {start:g} s to {end:g} s: choose a "
                                        "longer part, or another start", name=name, start=start, end=end))
                return
            if time > start - SLACK:
                if index % every == 0:
                    yield Frame(_checked(picture(), name), time, min(length * every, end - time))
                index += 1
    if index == 0:
        raise ImageError(tr("{name} has no frame after {start:g} s that can be read: choose an earlier start",
                            name=name, start=start) if start else no_frame(name))


def _checked(image, name):
    height, width = image.shape[2:]
    if min(height, width) < MIN_SIDE:
        raise ImageError(tr("{name} is {width}x{height} px here; a film needs at least {least} px a side: "
                            "use a larger one or a larger size",
                            name=name, width=width, height=height, least=MIN_SIDE))
    return image


# ----------------------------------------------------------------------------------------- what kind of file

def _opened(path):
    """What the readers open: an open file as it is, or a path with ~ replaced by the home folder."""
    return path if hasattr(path, "read") else os.path.abspath(os.path.expanduser(path))


def _reader(path: FilmFile) -> ModuleType:
    """The module that reads this file; an ImageError if it is none, or no film."""
    if isinstance(path, (str, os.PathLike)):
        return _reader_of_path(path)
    if isinstance(path, io.TextIOBase) or not hasattr(path, "read"):
        raise ImageError(tr("a film is the path of a file, or a file opened with open(path, 'rb'), got "
                            "{kind}", kind=type(path).__name__))
    if not (hasattr(path, "seekable") and path.seekable()):
        return video                            # what cannot be looked at twice is no animation
    path.seek(0)                                # it may have been read before
    return _reader_of_content(path, name_of(path, THE_FILM))


def _reader_of_path(path):
    if not os.fspath(path):
        raise ImageError(tr("the name of the film is empty: give the path of a file"))
    try:
        place = os.path.expanduser(path)
        if not stat.S_ISREG(os.stat(place).st_mode) and not os.path.isdir(place):
            return video                        # a pipe or a device gives its bytes only once
        with open(place, "rb") as file:
            return _reader_of_content(file, str(path))
    except ImageError:
        raise
    except (OSError, ValueError) as error:
        raise ImageError(why_unreadable(path, error, mark("film"))) from None


def _reader_of_content(file, name):
    if not file.read(1):
        raise ImageError(tr("{name} is an empty file: get a fresh copy", name=name))
    file.seek(0)
    Image.init()                                # some versions of Pillow lack some formats
    try:
        picture = Image.open(file, formats=[kind for kind in PICTURES if kind in Image.OPEN])
        moves = picture.format in animations.READABLE and getattr(picture, "is_animated", False)
    except Exception:           # noqa: BLE001  to Pillow, a film or a damaged picture may be anything
        return video
    finally:
        file.seek(0)
    if moves:
        return animations
    raise ImageError(tr("{name} is a picture, not a film: paint it with stylize, or give an MP4, MOV or WebM "
                        "film or an animated GIF or WebP", name=name))
