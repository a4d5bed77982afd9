"""What a painting leaves behind: frames while it is painted, and its picture, whatever ends it."""
import contextlib
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..engine.terminal import in_words

CANNOT_WRITE = (ValueError, OSError, MemoryError)


class Watch:
    """Looks at each step: keeps the latest, and saves it as a frame if there is a folder for them.

    Args:
        folder: for the frames, at full size so that they make a film; None saves none.

    Attributes:
        step: the latest; None before the first.
        count: of the updates so far.
    """

    def __init__(self, folder: str | None):
        self.step: Any = None
        self.count = 0
        self._folder, self._warned = folder and Path(folder), False

    def __call__(self, step) -> None:
        self.step, self.count = step, step.index
        if self._folder:
            try:
                self._save_frame(step)
            except CANNOT_WRITE as error:       # no reason to end the painting
                self._warn(in_words(error))

    def picture(self, error: BaseException):
        """The latest picture, (1, 3, H, W), when an error has ended the painting; None if there is none."""
        result = getattr(error, "result", None)
        if result is not None:
            return result.image
        return None if self.step is None else self.step.at_full_size()

    def _save_frame(self, step):
        from ..images import save_image
        self._folder.mkdir(parents=True, exist_ok=True)
        save_image(step.at_full_size(), self._folder / f"{step.index:04d}.jpg")

    def _warn(self, reason):
        from tqdm import tqdm
        if not self._warned and sys.stderr is not None:
            with contextlib.suppress(OSError, ValueError):
                tqdm.write(f"stylelib: no frame of step {self.step.index}, the painting goes on: {reason}",
                           file=sys.stderr)
        self._warned = True


def save(image, output: str, write: Callable[[Any, str], None] | None = None) -> tuple[str, str]:
    """Write the picture; where that fails, in the system's temporary folder: the work is not thrown away.

    Args:
        image: (1, 3, H, W), or whatever `write` takes.
        output: the file that was asked for.
        write: writes it to a file; None means `save_image`.

    Returns:
        (where it is, what kept it from `output`): the second is "" if nothing did.

    Raises:
        ValueError or OSError: it can be written in neither place, or is no picture.
    """
    from ..images import save_image
    write = write or save_image
    try:
        write(image, output)
        return output, ""
    except CANNOT_WRITE as error:
        handle, place = tempfile.mkstemp(prefix="stylelib-", suffix=Path(output).suffix)
        os.close(handle)
        try:
            write(image, place)
        except CANNOT_WRITE:
            os.unlink(place)
            raise error from None
        return place, in_words(error)
