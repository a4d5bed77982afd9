"""Frames in a row, painted one after the other: a whole film, or parts of it that do not need each other."""
import contextlib
import hashlib
import inspect
import math
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from numbers import Integral, Real
from pathlib import Path
from typing import Any

from torch.nn import Module

from ..engine.workers import run_tasks
from ..images import as_picture
from .cuts import is_cut
from .frames import Frame, read_film
from .kept import Kept
from .ways import film_way

FRAMES = 20             # of a stretch that may begin anywhere: seconds of work, and few networks to load
BLOCK = 2**20           # bytes that are read at once
# of `film_way`, with their defaults: a knob that is left out is the same as its default, typed
KNOBS = {name: knob.default for name, knob in inspect.signature(film_way).parameters.items()
         if knob.kind is knob.KEYWORD_ONLY}


@dataclass(frozen=True)
class Job:
    """All that is needed to paint any part of a film: in this process, or in another one.

    Attributes:
        film: path of the film.
        style: whatever `film_way` takes.
        way: "fast", "steady" or "optimise".
        size: longest side of the painted film, in pixels.
        start, end: which part of the film is painted, in its seconds.
        every: 2 takes every second frame, and so on.
        folder: where painted frames are kept.
        knobs: other arguments of `film_way`.
    """

    film: str
    style: Any
    way: str
    size: int
    start: float
    end: float
    every: int
    folder: Path
    knobs: dict[str, Any] = field(default_factory=dict)

    @property
    def kept(self) -> Kept:
        """The painted frames."""
        return Kept(self.folder)

    def settings(self) -> dict[str, Any]:
        """All that makes a difference to painted frames, as JSON can hold it; see `identity`."""
        numbers = {"size": self.size, "start": self.start, "every": self.every,
                   "end": None if math.isinf(self.end) else self.end}
        return {"film": identity(self.film), "style": identity(self.style), "way": self.way,
                **{name: identity(value) for name, value in {**numbers, **KNOBS, **self.knobs}.items()}}

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


# --------------------------------------------------------------------------------------- by several processes

def paint_apart(job: Job, reach: int, workers: int, cluster: str | None,
                show: Callable[[float], Any]) -> None:
    """Paint all frames of a film that are not kept yet, by other processes.

    Args:
        job: whose folder has been claimed.
        reach: how many earlier frames of a scene each frame needs.
        workers, cluster: as for `run_tasks`.
        show: is told the share of the frames that have been painted, from 0 to 1.

    Raises:
        Exception: the first one that a stretch ended with, after all others were painted.
    """
    tasks = [(job, stretch) for stretch in stretches(job, reach)]
    lengths = [stretch.last - stretch.first + 1 for _, stretch in tasks if stretch.last is not None]
    done, errors = 0, []
    outcomes = run_tasks(paint_task, tasks, workers=workers, cluster=cluster, folder=job.folder)
    with contextlib.closing(outcomes):
        for outcome in outcomes:
            errors += [outcome.error] if outcome.error else []
            done += lengths[outcome.index]
            show(done / sum(lengths))
    if errors:
        raise errors[0]


def paint_task(task: tuple[Job, Stretch]) -> int:
    """Paint a stretch; how many frames were new."""
    return sum(1 for _ in paint_stretch(*task))


def stretches(job: Job, reach: int) -> Iterator[Stretch]:
    """Divide a film into stretches, by reading all of it once.

    Args:
        job: which film.
        reach: 0 divides it anywhere, more where a scene ends.
    """
    first, begun, last = 0, None, None                  # type: tuple[int, float | None, Any]
    index = -1
    for index, photo in enumerate(job.photos()):
        if index > first and (is_cut(last, photo.image) if reach else index == first + FRAMES):
            yield Stretch(first, begun, index - 1)
            first, begun = index, photo.time
        last = photo.image
    yield Stretch(first, begun, index)


# ------------------------------------------------------------------------------------ what makes a difference

def identity(value: Any) -> Any:
    """What tells a film, a style or a knob from another, as JSON can hold it: files by their content.

    So a film may be moved between two starts, but not changed.
    """
    if isinstance(value, list | tuple):
        return [identity(one) for one in value]
    if isinstance(value, str | os.PathLike) and os.path.isfile(value):
        with open(value, "rb") as file:
            return _digest(iter(lambda: file.read(BLOCK), b""))
    if isinstance(value, Module):
        # its text tells what has no weights: how it pools
        return _digest([repr(value).encode(), *map(_bytes, value.state_dict().values())])
    if isinstance(value, Mapping):
        return {str(name): identity(one) for name, one in value.items()}
    if isinstance(value, Real):             # NumPy's numbers, too, which JSON does not know
        return int(value) if isinstance(value, Integral) else float(value)
    if value is None or isinstance(value, str):
        return value
    return _digest([_bytes(as_picture(value, "style"))])


def _digest(blocks: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for block in blocks:
        digest.update(block)
    return digest.hexdigest()


def _bytes(tensor):
    return tensor.detach().float().cpu().contiguous().numpy().tobytes()
