"""Paint a film.

    stylize_film("holiday.mp4", "starry_night.jpg", "painted.mp4")
"""
import contextlib
import math
import os
import stat
from collections import deque
from collections.abc import Callable
from typing import Any

from ..engine.checks import check_number
from ..engine.devices import as_device
from ..engine.inputs import ImageError
from ..engine.progress import ProgressBar
from ..engine.reading import why_unreadable
from .finish import PaintedFilm, finish
from .frames import Frame, film_info
from .identity import file_identity, style_identity
from .kept import folder_beside
from .stretches import Job, Stretch, paint_stretch
from .tasks import paint_apart
from .writer import write_film


def stylize_film(film: str | os.PathLike[str], style: Any, output: str | os.PathLike[str],   # noqa: PLR0913
                 way: str = "steady", size: int | None = 512, *, start: float = 0.0,
                 seconds: float | None = None, every: int = 1, sound: bool = True, workers: int = 1,
                 cluster: str | None = None, device: Any = "auto", progress: bool = True,
                 on_frame: Callable[[Frame], Any] | None = None, **knobs: Any) -> PaintedFilm:
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
        size: longest side in pixels; larger frames are shrunk to it. None keeps the film's own size.
        start: in seconds; what is shown before it is left out.
        seconds: how much of the film to paint, None is up to its end.
        every: 2 paints every second frame, and so on; each is shown longer.
        sound: whether the film's sound is copied, as far as the painted part goes.
        workers: how many processes paint parts of the film, with `stylelib[cluster]`: some frames each the
            fast way, a scene each the others. The frames are the same.
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
    job = _job(film, style, output, (start, seconds), way=way, size=size, every=every,
               knobs={**knobs, "device": str(as_device(device))})
    painter, kept = job.painter(), job.kept
    with kept.claimed(_settings(job)):
        found = kept.row()
        with ProgressBar(_what(found), shown=progress) as bar:
            if workers == 1 and cluster is None:
                frames = _counted(paint_stretch(job, Stretch(), painter), bar, _end(job, info, progress))
            else:
                frames = paint_apart(job, painter.reach, workers, cluster, bar.show)
            stopped = _interrupted(frames, on_frame or (lambda frame: None))
        if stopped and not kept.row():
            raise KeyboardInterrupt
        return finish(kept, output, info.rate / every, film if sound else None, found=found, stopped=stopped,
                      progress=progress)


# --------------------------------------------------------------------------------------------- what comes in

def _film_to_paint(film, style, output):
    """What the film's file says of it, if it can be painted; nothing is written yet."""
    write_film(output)                              # whether it can be written
    if not isinstance(film, str | os.PathLike):
        raise ImageError(f"a film is painted from its file: give the file's path, got {type(film).__name__}")
    try:
        kind = os.stat(os.path.expanduser(film)).st_mode
    except (OSError, ValueError) as error:
        raise ImageError(why_unreadable(film, error, "film")) from None
    if not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)):
        raise ImageError(f"{film} is a stream or a device, which may have no end and is read only once: save "
                         "it as a film file first")
    for role, name in (("the film", film), ("the painting", style)):
        if _are_one(name, output):
            raise ImageError(f"{output} is {role} itself, which would be lost: write to another file")
    return film_info(film)


def _are_one(name, output):
    with contextlib.suppress(OSError, TypeError, ValueError):       # no path, or no such file
        return os.path.samefile(os.path.expanduser(name), os.path.expanduser(output))
    return False


def _job(film, style, output, span, **more):
    start, seconds = check_number("start", span[0]), span[1]
    end = math.inf if seconds is None else start + check_number("seconds", seconds, above=True)
    job = Job(os.path.expanduser(film), style, start=start, end=end, folder=folder_beside(output), **more)
    job.photos()                                    # whether size and every are such numbers
    return job


def _settings(job):
    """All that makes a difference to painted frames."""
    return {"film": file_identity(job.film), "style": style_identity(job.style), "way": job.way,
            "size": job.size, "start": job.start, "end": None if math.isinf(job.end) else job.end,
            "every": job.every, **job.knobs}


# --------------------------------------------------------------------------------------------------- the work

def _interrupted(frames, on_frame):
    """Let all frames be painted; whether Ctrl-C ended that."""
    try:
        for frame in frames:
            on_frame(frame)
    except KeyboardInterrupt:
        return True
    return False


def _what(found):
    return f"painting after {found} frames" if found else "painting"


def _end(job, info, wanted):
    """When the painted part ends; a film that does not tell its length is read through, if that is wanted."""
    seconds = info.seconds
    if seconds is None and math.isinf(job.end) and wanted:
        last = deque(job.photos(), maxlen=1)
        seconds = last[0].time + last[0].seconds
    return min(job.end, seconds or math.inf)


def _counted(frames, bar, end):
    """The same frames; the bar shows how much of what was left has been painted."""
    begin = None
    for frame in frames:
        begin = frame.time if begin is None else begin
        bar.show(min((frame.time + frame.seconds - begin) / max(end - begin, 1e-9), 1.0))
        yield frame
