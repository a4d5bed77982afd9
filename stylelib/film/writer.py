"""Write a film frame by frame, into a file that appears when it is whole.

    with write_film("painted.mp4", sound="holiday.mp4") as film:
        for frame in read_film("holiday.mp4", size=512):
            film.add(paint(frame.image), frame.time, frame.seconds)
"""
import contextlib
import math
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from ..engine.checks import check_number
from ..engine.inputs import ImageError
from ..engine.language import mark, tr
from ..engine.reading import why_unreadable
from ..engine.writing import cannot_write, check_output, temporary_file
from ..images import to_pil
from . import animations, video

ENDINGS = (*video.WRITABLE, *animations.WRITABLE)


def write_film(path: str | os.PathLike[str], rate: float = 25.0, *, sound: Any = None,
               quality: int | None = None) -> "FilmWriter":
    """A film to write in a `with` block; its ending (.mp4, .m4v, .mov, .webp, .gif) chooses the format.

    MP4 and MOV hold H.264 that browsers play, and get the sound of another film; an odd last row or column of
    their frames is doubled. An animated WebP or GIF waits in memory until its end: for short clips.

    Args:
        path: where to write.
        rate: frames a second, for frames without a time of their own.
        sound: the path of the film whose sound is copied, as far as the pictures go; or None. A WebP or GIF
            has none.
        quality: of an MP4 or MOV from 0 (no loss) to 51, None is 18; of a WebP from 0 to 100, None is 85.

    Raises:
        ImageError: an unknown ending, a missing or read-only folder, no film to take the sound from, or PyAV
            is missing.
        ValueError: rate or quality is no such number.
    """
    rate, target = check_number("rate", rate, above=True), check_output(path, ENDINGS, mark("film"))
    ending = Path(path).suffix.lower()
    quality, sound = _check_quality(quality, ending), _check_sound(sound)
    if ending in animations.WRITABLE:
        return FilmWriter(target, rate, lambda file, _: animations.Animation(file, ending, quality))
    video.pyav()                                # now, not after the first painting
    return FilmWriter(target, rate,
                      lambda file, begin: video.Movie(file, ending, quality, rate, sound, begin))


class FilmWriter:
    """What `write_film` gives.

    The file is written beside its place under another name, and takes its place at the end of the `with`
    block. Interrupted by Ctrl-C, it does so as well, with the frames so far; after an error, or without any
    frame, nothing is left, and an older file of that name stays.

    Args:
        target: where the film will be.
        rate: frames a second, for frames without a time of their own.
        begin: function (file, the first frame's time) -> the one who writes into that file.

    Attributes:
        frames: how many were added.
    """

    def __init__(self, target: Path, rate: float, begin: Callable[[Path, float], Any]) -> None:
        self._target, self._rate, self._begin = target, rate, begin
        self._stack = contextlib.ExitStack()
        self._file: Any = None
        self._shape: tuple[int, ...] | None = None
        self._end = self._zero = self._last = 0.0
        self.frames = 0

    def __enter__(self) -> "FilmWriter":
        self._temporary = self._stack.enter_context(temporary_file(self._target))
        return self

    def add(self, image: Any, time: float | None = None, seconds: float | None = None) -> None:
        """Add a frame.

        Args:
            image: tensor (1, 3, H, W) in [0, 1]; all frames have one size.
            time: when it appears, in seconds; the film begins with its first frame, whatever its time. None:
                when the frame before it ends.
            seconds: how long it is shown, if none follows it; None is 1 / rate.

        Raises:
            ImageError: no picture, or one of another size, or the file cannot be written.
            ValueError: its time is not after that of the frame before.
        """
        pixels = np.asarray(to_pil(image))                      # (H, W, 3), uint8
        seconds = 1 / self._rate if seconds is None else check_number("seconds", seconds, above=True)
        time = self._end if time is None else _finite(time)
        if self._shape is None:
            self._shape, self._zero = pixels.shape, time
        if pixels.shape != self._shape:
            raise ImageError(tr("all frames of a film have one size: got {size} after {earlier}",
                                size=_size(pixels.shape), earlier=_size(self._shape)))
        if self.frames and time <= self._last:
            raise ValueError(tr("a frame at {time:g} s cannot follow one at {last:g} s",
                                time=time, last=self._last))
        with self._clear_errors():
            self._file = self._file or self._begin(self._temporary, self._zero)
            self._file.add(pixels, time - self._zero, seconds)
        self._last, self._end = time, time + seconds
        self.frames += 1

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 traceback: TracebackType | None) -> None:
        interrupted = kind is not None and not issubclass(kind, Exception)
        with self._stack:                       # the temporary file is gone at the end
            if self.frames and (kind is None or interrupted):
                self._put_in_place()
            elif self._file is not None:
                with contextlib.suppress(Exception):
                    self._file.drop()
        if kind is None and not self.frames:
            raise ImageError(tr("no frame was added to {file}: there is no film to write", file=self._target))

    def _put_in_place(self):
        with self._clear_errors():
            self._file.finish()
        if self._target.exists():
            # who may read the old file may read the new one
            shutil.copymode(self._target, self._temporary)
        os.replace(self._temporary, self._target)

    @contextlib.contextmanager
    def _clear_errors(self):
        try:
            yield
        except ImageError:
            raise
        except Exception as error:      # noqa: BLE001  FFmpeg and Pillow may raise almost anything
            raise ImageError(cannot_write(self._target, error)) from None


def _check_quality(quality, ending):
    most = 100 if ending in animations.WRITABLE else 51
    if quality is None or (isinstance(quality, int) and 0 <= quality <= most):
        return quality
    raise ValueError(tr("quality must be a whole number from 0 to {most} for {ending}, got {quality!r}",
                        most=most, ending=ending, quality=quality))


def _check_sound(sound):
    if sound is None:
        return None
    if not isinstance(sound, (str, os.PathLike)):
        raise ImageError(tr("the sound is taken from a film by its path, got a {kind}",
                            kind=type(sound).__name__))
    try:
        os.stat(os.path.expanduser(sound))
    except (OSError, ValueError) as error:
        raise ImageError(why_unreadable(sound, error, mark("film"))) from None
    return os.path.abspath(os.path.expanduser(sound))


def _finite(time):
    if not math.isfinite(time):
        raise ValueError(tr("the time of a frame must be a number, got {time!r}", time=time))
    return float(time)


def _size(shape):
    return f"{shape[1]}x{shape[0]} px"
