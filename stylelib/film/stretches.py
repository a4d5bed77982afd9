"""Frames in a row, painted one after the other: a whole film, or a part of it that needs no other part."""
import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from .cuts import is_cut
from .frames import Frame, read_film
from .kept import Kept
from .ways import film_way


@dataclass(frozen=True)
class Job:
    """All that is needed to paint any part of a film: in this process, or in another one.

    Attributes:
        film: path of the film.
        style: whatever `film_way` takes.
        way: "fast", "steady" or "optimise".
        size: longest side of the painted film, in pixels; None is the film's own.
        start, end: which part of the film is painted, in its seconds.
        every: 2 takes every second frame, and so on.
        folder: where painted frames are kept.
        knobs: other arguments of `film_way`.
    """

    film: str
    style: Any
    way: str
    size: int | None
    start: float
    end: float
    every: int
    folder: Path
    knobs: dict[str, Any] = field(default_factory=dict)

    @property
    def kept(self) -> Kept:
        """The painted frames."""
        return Kept(self.folder)

    def photos(self, time: float | None = None) -> Iterator[Frame]:
        """The film's frames that are to be painted, from one of them on.

        Args:
            time: when it is shown, in seconds; None is the first.
        """
        begin = self.start if time is None else time
        seconds = None if math.isinf(self.end) else self.end - begin
        return read_film(self.film, self.size, start=begin, seconds=seconds, every=self.every)

    def painter(self) -> Any:
        """The way to paint, from `film_way`."""
        return film_way(self.way, self.style, self.size, **self.knobs)


@dataclass(frozen=True)
class Stretch:
    """Frames in a row that can be painted without those before them.

    Attributes:
        first: number of its first frame.
        time: when that one is shown, in seconds; None is the beginning of what is painted.
        last: number of its last frame; None is that of the film.
    """

    first: int = 0
    time: float | None = None
    last: int | None = None


def paint_stretch(job: Job, stretch: Stretch, way: Any = None) -> Iterator[Frame]:
    """Paint what is not kept yet, and keep it; of what is kept, the next frames need the latest only.

    Args:
        job: whose folder has been claimed.
        stretch: which frames.
        way: to paint, if it is there already; None makes it.

    Yields:
        Frame, painted, for each new one.

    Raises:
        ImageError: the film cannot be read, or a frame cannot be written.
    """
    kept, way = job.kept, way or job.painter()
    done = kept.row(stretch.first, stretch.last)
    begin = max(stretch.first, stretch.first + done - max(way.reach, 1))
    time = kept.time(begin) if kept.has(begin) else stretch.time
    before, last = deque(maxlen=way.reach), None        # type: tuple[deque[Any], Any]
    for index, photo in zip(count(begin), job.photos(time)):
        if way.reach and last is not None and is_cut(last, photo.image):
            before.clear()
        if kept.has(index):
            painted = kept.get(index)
        else:
            painted = Frame(way.paint(photo.image, list(before)), photo.time, photo.seconds)
            kept.put(index, painted)
            yield painted
        before.append((photo.image, painted.image))
        last = photo.image
        if index == stretch.last:
            return
