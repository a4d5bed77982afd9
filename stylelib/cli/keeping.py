"""What a painting leaves behind: a film of how it was made, and its picture, whatever ends it."""
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..engine.language import tr
from ..engine.terminal import in_words
from .making import Making
from .messages import remark

CANNOT_WRITE = (ValueError, OSError, MemoryError)


class Watch:
    """Looks at each step: keeps the latest, and shows it to the film.

    Args:
        film: of the painting being made.

    Attributes:
        step: the latest; None before the first.
        count: of the updates so far.
    """

    def __init__(self, film: Making):
        self.step: Any = None
        self.count = 0
        self._film, self._warned = film, False

    def __call__(self, step) -> None:
        self.step, self.count = step, step.index
        self._film.add(step)
        if self._film.failure and not self._warned:     # no reason to end the painting
            self._warned = True
            remark(tr("the film ends at step {step}, the painting goes on: {reason}", step=step.index,
                      reason=self._film.failure))

    def picture(self, error: BaseException):
        """The latest picture, (1, 3, H, W), when an error has ended the painting; None if there is none."""
        result = getattr(error, "result", None)
        if result is not None:
            return result.image
        return None if self.step is None else self.step.at_full_size()


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
