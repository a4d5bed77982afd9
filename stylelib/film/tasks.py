"""A film painted by several processes at once: each paints stretches that need no other, into one folder."""
import contextlib
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from .cuts import is_cut
from .frames import Frame
from .stretches import Job, Stretch, paint_stretch

FRAMES = 20         # of a stretch that may begin anywhere: seconds of work, and few networks to load


def paint_apart(job: Job, reach: int, workers: int, cluster: str | None,
                show: Callable[[float], Any]) -> Iterator[Frame]:
    """Paint all frames of a film that are not kept yet, by other processes; yields none of them.

    Args:
        job: whose folder has been claimed.
        reach: how many earlier frames of a scene each frame needs: with none, any frame can be the first of a
            stretch, else that of a scene.
        workers, cluster: as for `run_tasks`.
        show: is told the share of the frames that have been painted, from 0 to 1.

    Raises:
        Exception: the first one that a stretch ended with, after all others were painted.
    """
    from ..engine.workers import run_tasks
    job = replace(job, film=os.path.abspath(job.film), style=_absolute(job.style))
    tasks = [(job, stretch) for stretch in stretches(job, reach)]
    count, done, errors = sum(_length(stretch) for _, stretch in tasks), 0, []
    outcomes: Any = run_tasks(paint_task, tasks, workers=workers, cluster=cluster, folder=job.folder)
    with contextlib.closing(outcomes):
        for outcome in outcomes:
            if outcome.error is not None:
                errors.append(outcome.error)
            done += _length(tasks[outcome.index][1])
            show(done / count)
    if errors:
        raise errors[0]
    yield from ()


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


def _length(stretch):
    return stretch.last - stretch.first + 1


def _absolute(style):
    """Paths of a style as other processes find them."""
    if isinstance(style, list | tuple):
        return [_absolute(one) for one in style]
    is_path = isinstance(style, str | os.PathLike) and os.path.exists(os.path.expanduser(style))
    return os.path.abspath(os.path.expanduser(style)) if is_path else style
