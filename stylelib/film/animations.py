"""Animated GIF, WebP and PNG files, read and written by Pillow: for short clips."""
import math
import warnings
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ..engine.inputs import ImageError, fit_sides
from ..engine.language import tr
from ..engine.reading import MAX_PIXELS, damaged, name_of, too_many_pixels
from ..images import from_pil
from .shown import THE_FILM, Shown

READABLE = ("GIF", "WEBP", "PNG", "AVIF")
WRITABLE = {".webp": ("WEBP", 0.001), ".gif": ("GIF", 0.01)}    # and its unit of time in seconds
QUALITY = 85                # of a WebP, 0 to 100
HASTE, USUAL = 0.011, 0.1   # browsers show what should last 10 ms or less for a tenth of a second


def describe(file: Any) -> dict[str, Any]:
    """Size, rate, length of an animation. The length is estimated from the first frame's."""
    with Image.open(file) as picture:
        first, (width, height) = _first(picture), picture.size
        try:
            frames = getattr(picture, "n_frames", 1) - first
        except Exception:               # noqa: BLE001  of a GIF that is cut off, nobody knows
            frames = None
        picture.seek(first)
        picture.load()                  # a WebP says only now how long its frame is shown
        seconds = _seconds(picture)
    return {"width": width, "height": height, "rate": 1 / seconds, "frames": frames,
            "seconds": None if frames is None else frames * seconds, "sound": False}


def shown(file: Any, size: int | None, start: float) -> Iterator[Shown]:
    """Each frame's time, length, and a function that makes its picture; see `Shown`."""
    name, time = name_of(file, THE_FILM), 0.0
    with Image.open(file) as picture:
        if picture.width * picture.height > MAX_PIXELS:
            raise ImageError(too_many_pixels(name, MAX_PIXELS))
        sides = fit_sides(picture.size, size)
        for _ in _seek_each(picture, name):
            seconds = _seconds(picture)
            yield time, seconds, partial(_image, picture, sides)
            time += seconds


def _seek_each(picture, name):
    """Go from frame to frame, decoding each, up to the end or to the first damaged one."""
    index = first = _first(picture)
    while True:
        try:
            picture.seek(index)
            picture.load()
        except EOFError:
            return
        except Exception as error:      # noqa: BLE001  a damaged file makes Pillow raise almost anything
            if index == first:
                raise ImageError(damaged(name, error)) from None
            warnings.warn(tr("{name} is damaged or cut off after {frames} frames: the film ends there",
                             name=name, frames=index - first), stacklevel=2)
            return
        yield index
        index += 1


def _first(picture):
    """The frame that a PNG shows where animations are not understood is no part of its film."""
    return int(bool(picture.info.get("default_image")))


def _seconds(picture):
    seconds = (picture.info.get("duration") or 0) / 1000
    return seconds if seconds >= HASTE else USUAL


def _image(picture, sides):
    return from_pil(_on_white(picture).resize(sides, Image.Resampling.LANCZOS))


def _on_white(picture):
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    layer = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB")


class Animation:
    """Writes an animated WebP or GIF. Its frames wait in memory, in 8 bits, until the end.

    Args:
        file: where to write; it need not have the ending.
        ending: ".webp" or ".gif".
        quality: of a WebP, from 0 to 100; None is 85.
    """

    def __init__(self, file: Path, ending: str, quality: int | None = None) -> None:
        self._file, self._quality = file, QUALITY if quality is None else quality
        self._kind, self._unit = WRITABLE[ending]
        self._pictures: list[Image.Image] = []
        self._times: list[float] = []           # when each appears
        self._end = 0.0

    def add(self, pixels: np.ndarray, time: float, seconds: float) -> None:
        """A frame (H, W, 3), uint8, which appears after all others; `seconds` counts for the last one."""
        self._pictures.append(Image.fromarray(pixels))
        self._times.append(time)
        self._end = time + seconds

    def finish(self) -> None:
        """Write the file."""
        options = {"quality": self._quality, "method": 4} if self._kind == "WEBP" else {"optimize": False}
        self._pictures[0].save(self._file, self._kind, save_all=True, append_images=self._pictures[1:],
                               duration=durations([*self._times, self._end], self._unit), loop=0, **options)

    def drop(self) -> None:
        """Forget all."""
        self._pictures.clear()


def durations(times: Sequence[float], unit: float) -> list[int]:
    """How long each frame is shown, in ms, by whole units of time whose errors do not add up.

    Args:
        times: when each frame appears, and at last when the film ends, in seconds.
        unit: in seconds; a frame is at least 11 ms long in a WebP and 20 ms in a GIF, as browsers show
            shorter ones for a tenth of a second.
    """
    ticks = [round(time / unit) for time in times]
    least = math.ceil(HASTE / unit)
    return [round(max(least, end - begin) * unit * 1000) for begin, end in pairwise(ticks)]
