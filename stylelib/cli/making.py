"""`stylelib stylize --film`: the film of a painting being made."""
import sys
from typing import Any

from ..engine.terminal import in_words

LENGTH, HOLD = 8.0, 2.0     # seconds: of all steps together, and of the finished picture
FASTEST, SLOWEST = 15, 4    # frames a second: of many steps some are left out
LARGEST = 1080              # px, the longest side


class Making:
    """A film of the picture after each step, for a `with` block; it appears whole, or not at all.

    What goes wrong with the film ends the film, not the painting.

    Args:
        path: the film's file; None makes no film.
        steps: how many there will be.

    Attributes:
        failure: why there is no film, in words; "" as long as nothing went wrong.

    Raises:
        ImageError: no film can be written to `path`.
    """

    def __init__(self, path: str | None, steps: int) -> None:
        self.failure, self._pace = "", min(LENGTH / steps, 1 / SLOWEST)
        self._writer: Any = None
        self._latest: Any = None        # the step that is not in the film yet
        self._next = 0.0                # when the next frame may appear
        if path:
            from ..film.writer import write_film
            self._writer = write_film(path, FASTEST)

    def __enter__(self) -> "Making":
        self._try(lambda: self._writer.__enter__())
        return self

    def __exit__(self, *_: Any) -> None:
        self.end()

    def end(self) -> None:
        """Hold the last picture, and put the film in its place."""
        if self._latest is not None:
            self._try(lambda: self._add(self._latest))
        # without a frame there is nothing to be finished: that is no fault
        empty = self._writer is not None and not self._writer.frames
        self._try(lambda: self._writer.__exit__(KeyboardInterrupt if empty else None, None, None))
        self._writer = self._latest = None

    def add(self, step: Any) -> None:
        """Show a step, if it is time for the next frame."""
        self._latest = step
        if step.index * self._pace >= self._next - 1e-6:
            self._try(lambda: self._add(step))

    def _add(self, step):
        from ..engine.inputs import fit_sides
        from ..images import resize_image
        image = step.at_full_size()
        sides = fit_sides(image.shape[2:], LARGEST)
        image = image if image.shape[2:] == sides else resize_image(image, *sides).clamp(0, 1)
        time = max(step.index * self._pace, self._next)
        self._next = time + 1 / FASTEST
        self._writer.add(image, time, HOLD)         # so long if no other follows
        self._latest = None

    def _try(self, work):
        """Do it, unless something has gone wrong before; if it goes wrong now, there is no film."""
        if self._writer is None:
            return
        try:
            work()
        except Exception as error:      # noqa: BLE001  whatever it is, the painting goes on
            self.failure, writer, self._writer = in_words(error), self._writer, None
            writer.__exit__(*sys.exc_info())
