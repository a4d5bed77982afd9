"""From painted frames that are kept to the film: it appears whole, and then the frames go."""
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..engine.progress import ProgressBar
from ..engine.writing import check_output
from .kept import Kept
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
    found: int
    interrupted: bool
    folder: Path | None

    def __str__(self) -> str:
        stopped = " (stopped early)" if self.interrupted else ""
        return (f"{self.path}: {self.width}x{self.height} px, {self.frames} frames, {self.seconds:.1f} s of "
                f"film{stopped}")


def finish(kept: Kept, output: str | os.PathLike[str], rate: float, sound: Any, *, found: int, stopped: bool,
           progress: bool) -> PaintedFilm:
    """Make the film of the frames that are kept; without them, if it is all of it.

    Args:
        kept: at least its first frame is there.
        output: the film's file.
        rate: frames a second.
        sound: path of the film whose sound is copied, or None.
        found: how many frames an earlier start had painted.
        stopped: whether more frames were to come: then the folder stays. Ctrl-C here means the same.
        progress: show a progress bar.

    Raises:
        ImageError: the film cannot be written. The frames stay.
    """
    # written in the folder: a process that is killed meanwhile leaves nothing elsewhere
    part = kept.folder / f"film{Path(output).suffix.lower()}"
    count, done = kept.row(), 0
    try:
        with ProgressBar("writing", shown=progress) as bar, write_film(part, rate, sound=sound) as film:
            for done in range(count):
                frame = kept.get(done)
                film.add(frame.image, frame.time, frame.seconds)
                bar.show((done + 1) / count)
    except KeyboardInterrupt:
        if not done:
            raise
        stopped = True
    _put(part, check_output(output, ENDINGS, "film"))
    first, last = kept.get(0), kept.get(film.frames - 1)
    height, width = first.image.shape[2:]
    if not stopped:
        kept.clear()
    return PaintedFilm(Path(output), width, height, film.frames, last.time + last.seconds - first.time, found,
                       stopped, kept.folder if stopped else None)


def _put(part, target):
    if target.exists():
        shutil.copymode(target, part)               # who may read the old film may read the new one
    os.replace(part, target)
