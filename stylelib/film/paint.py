"""Paint a film.

    stylize_film("holiday.mp4", "starry_night.jpg", "painted.mp4")
"""
import contextlib
import math
import os
import shutil
import stat
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..engine.checks import check_number, check_positive_int
from ..engine.devices import as_device
from ..engine.inputs import ImageError
from ..engine.language import mark, tr, tr_count
from ..engine.progress import PAINTING, PAINTING_ON, WRITING, ProgressBar
from ..engine.reading import why_unreadable
from ..engine.writing import check_output
from .frames import Frame, film_info
from .kept import folder_beside
from .stretches import Job, Stretch, paint_apart, paint_stretch
from .writer import ENDINGS, write_film


@dataclass(frozen=True)
class PaintedFilm:
    """What `stylize_film` has made.

    Attributes:
        path: the film.
        width, height: of its frames, in pixels.
        frames: how many there are.
        seconds: how long it is.
        found: how many of its frames an earlier start had painted.
        interrupted: whether Ctrl-C ended it early: then it holds what had been painted.
        folder: where the painted frames are kept, so that the next start goes on after them; None when the
            film is whole.
    """

    path: Path
    width: int
    height: int
    frames: int
    seconds: float
    found: int = 0
    interrupted: bool = False
    folder: Path | None = None

    def __str__(self) -> str:
        facts = {"path": self.path, "width": self.width, "height": self.height, "seconds": self.seconds}
        if self.interrupted:
            return tr_count(
                "{path}: {width}x{height} px, {n} frame, {seconds:.1f} s of film (stopped early)",
                "{path}: {width}x{height} px, {n} frames, {seconds:.1f} s of film (stopped early)",
                self.frames, **facts)
        return tr_count("{path}: {width}x{height} px, {n} frame, {seconds:.1f} s of film",
                        "{path}: {width}x{height} px, {n} frames, {seconds:.1f} s of film",
                        self.frames, **facts)


def stylize_film(film: str | os.PathLike[str], style: Any, output: str | os.PathLike[str],   # noqa: PLR0913
                 way: str = "steady", size: int = 512, *, start: float = 0.0, seconds: float | None = None,
                 every: int = 1, sound: bool = True, workers: int = 1, cluster: str | None = None,
                 device: Any = "auto", progress: bool = True, on_frame: Callable[[Frame], Any] | None = None,
                 **knobs: Any) -> PaintedFilm:
    """Paint a film in the manner of a painting.

    Painted frames are kept in a folder beside the output (painted.mp4.frames) until the film is whole. What
    ends the work early loses at most the frame in work: the next start with the same arguments goes on after
    the frames that are kept, and makes the same film. After Ctrl-C the output holds what was painted so far.

    Args:
        film: path of the film, of any kind that `read_film` reads.
        style: the painting, or whatever else the way takes, see `film_way`.
        output: where to write; its ending (.mp4, .m4v, .mov, .webp, .gif) chooses the format. A WebP or GIF
            waits in memory until its end, and has no sound: for short clips.
        way: "fast", each frame alone, by a network that was trained to paint; "steady", the same, with the
            frame before it brought along; "optimise", pixel by pixel: minutes for a second of film.
        size: longest side in pixels; larger frames are shrunk to it, smaller ones stay.
        start: in seconds; what is shown before it is left out.
        seconds: how much of the film to paint, None is up to its end.
        every: 2 paints every second frame, and so on; each is shown longer.
        sound: whether the film's sound is copied, as far as the painted part goes.
        workers: how many processes paint parts of the film, with `stylelib[cluster]`: some frames each the
            fast way, a scene each the others. The frames are those of one process with one thread; more
            threads add up in another order, which "optimise" amplifies.
        cluster: address of a Dask cluster that does so instead, "tcp://host:8786"; its machines must find
            the film, the painting and the output's folder under the same names.
        device: "auto", "cpu", "cuda", "cuda:1" or "mps".
        progress: show a progress bar with the remaining time.
        on_frame: function to be called with each painted Frame, after it was kept; not with those that an
            earlier start had painted, and not with those of other processes.
        knobs: other arguments of `film_way`, such as strength.

    Returns:
        PaintedFilm.

    Raises:
        ImageError: the film or the style cannot be read, the output cannot be written, or the folder holds
            frames that were painted otherwise.
        ValueError: any other argument out of range.
        MemoryError: this size needs more memory than is free.
        Frames that have been painted stay in their folder; the error has an attribute `kept`, its path.
    """
    info = _film_to_paint(film, style, output)
    workers = check_positive_int("workers", workers, mark("number of processes"))
    job = _job(film, style, output, (start, seconds), way=way, size=size, every=every,
               knobs={**knobs, "device": str(as_device(device))})
    painter = job.painter()
    with job.kept.claimed(job.settings()):
        found, stopped = job.kept.row(), False
        with ProgressBar(PAINTING_ON if found else PAINTING, progress, frames=found) as bar:
            try:
                if workers == 1 and cluster is None:
                    end = _end(job, info.seconds) if progress else math.inf
                    _paint_here(job, painter, bar.show, end, on_frame)
                else:
                    paint_apart(job, painter.reach, workers, cluster, bar.show)
            except KeyboardInterrupt:
                stopped = True
        if stopped and not job.kept.row():
            raise KeyboardInterrupt
        return _finish(job, output, info.rate / every, sound, progress, found=found, interrupted=stopped)


# --------------------------------------------------------------------------------------------- what comes in

def _film_to_paint(film, style, output):
    """What the film's file says of it, if it can be painted; nothing is written yet."""
    write_film(output)                              # whether it can be written
    if not isinstance(film, str | os.PathLike):
        raise ImageError(tr("a film is painted from its file: give the file's path, got {kind}",
                            kind=type(film).__name__))
    try:
        kind = os.stat(os.path.expanduser(film)).st_mode
    except (OSError, ValueError) as error:
        raise ImageError(why_unreadable(film, error, mark("film"))) from None
    if not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)):
        raise ImageError(tr("{film} is a stream or a device, which may have no end and is read only once: "
                            "save it as a film file first", film=film))
    if _are_one(film, output):
        raise ImageError(tr("{output} is the film itself, which would be lost: write to another file",
                            output=output))
    if any(_are_one(painting, output) for painting in _listed(style)):
        raise ImageError(tr("{output} is the painting itself, which would be lost: write to another file",
                            output=output))
    return film_info(film)


def _are_one(name, output):
    with contextlib.suppress(OSError, TypeError, ValueError):       # no path, or no such file
        return os.path.samefile(os.path.expanduser(name), os.path.expanduser(output))
    return False


def _job(film, style, output, span, **more):
    start, seconds = check_number("start", span[0]), span[1]
    end = math.inf if seconds is None else start + check_number("seconds", seconds, above=True)
    styles = [_absolute(one) for one in _listed(style)]
    job = Job(_absolute(film), styles if isinstance(style, list | tuple) else styles[0], start=start, end=end,
              folder=folder_beside(output), **more)
    next(job.photos())          # whether size and every are such numbers, and this part has a frame
    return job


def _listed(style):
    return list(style) if isinstance(style, list | tuple) else [style]


def _absolute(source):
    """A path as other processes find it; whatever is none, as it is."""
    is_path = isinstance(source, str | os.PathLike) and os.path.exists(os.path.expanduser(source))
    return os.path.abspath(os.path.expanduser(source)) if is_path else source


def _end(job, seconds):
    """When the painted part ends; a film that does not tell its length is read through."""
    if seconds is None:
        last = deque(job.photos(), maxlen=1)
        seconds = last[0].time + last[0].seconds
    return min(job.end, seconds)


# --------------------------------------------------------------------------------------------------- the work

def _paint_here(job, painter, show, end, on_frame):
    """Paint what is left; `show` is told which share of it is done."""
    begin = None
    for frame in paint_stretch(job, Stretch(), painter):
        begin = frame.time if begin is None else begin
        show(min((frame.time + frame.seconds - begin) / max(end - begin, 1e-9), 1.0))
        if on_frame:
            on_frame(frame)


def _finish(job, output, rate, sound, progress, **about):
    """Make the film of the frames that are kept; without them, if it is all of it. Ctrl-C ends it earlier."""
    # written in the folder: a process that is killed meanwhile leaves nothing elsewhere
    kept, part = job.kept, job.folder / f"film{Path(output).suffix.lower()}"
    count = kept.row()
    if part.exists():                               # a process was killed just before its film was in place
        part.unlink()
    try:
        with (ProgressBar(WRITING, progress) as bar,
              write_film(part, rate, sound=job.film if sound else None) as film):
            for index in range(count):
                frame = kept.get(index)
                film.add(frame.image, frame.time, frame.seconds)
                bar.show((index + 1) / count)
    except KeyboardInterrupt:
        if not part.exists():                       # before the first frame, or while the file was finished
            raise
        about["interrupted"] = True
    target = check_output(output, ENDINGS, mark("film"))
    if target.exists():
        shutil.copymode(target, part)               # who may read the old film may read the new one
    os.replace(part, target)
    first, last = kept.get(0), kept.get(film.frames - 1)
    if not about["interrupted"]:
        kept.clear()
    height, width = first.image.shape[2:]
    return PaintedFilm(Path(os.path.expanduser(output)), width, height, film.frames,
                       last.time + last.seconds - first.time,
                       folder=kept.folder if about["interrupted"] else None, **about)
