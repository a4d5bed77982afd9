"""A progress bar that stops nothing: where it cannot be written, the work goes on without it."""
import contextlib
import sys
from typing import Any

from tqdm.auto import tqdm

from .language import mark, tr

BAR = "{percentage:3.0f}% |{bar}| {elapsed}<{remaining}"        # time gone, time left
# Translators: what is done, before a bar that shows how far it is; "painting" is what somebody does here
PAINTING = mark("painting {bar}")
PAINTING_ON = mark("painting after {frames} frames {bar}")
TRAINING = mark("training {bar}")
WRITING = mark("writing {bar}")


class ProgressBar:
    """A bar from 0 to 1, for a `with` block.

    Args:
        what: one of the messages above.
        shown: False shows nothing.
        values: what belongs into the message.
    """

    def __init__(self, what: str, shown: bool = True, **values: Any) -> None:
        self.bar: Any = None
        if shown and sys.stderr is not None:        # there is none under pythonw, and where it was closed
            with self._dropped_if_it_fails():
                self.bar = tqdm(total=100, bar_format=tr(what, bar=BAR, **values))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.bar is not None:
            with self._dropped_if_it_fails():
                self.bar.close()

    def show(self, share: float) -> None:
        """Move the bar to this share of the work, from 0 to 1."""
        if self.bar is not None:
            with self._dropped_if_it_fails():
                self.bar.update(round(100 * share) - self.bar.n)

    @contextlib.contextmanager
    def _dropped_if_it_fails(self):
        try:
            yield
        # a full disk under a log file, a reader that is gone, a closed stream
        except (OSError, ValueError):
            if self.bar is not None:
                self.bar.disable = True     # or it would try to write once more when it is deleted
            self.bar = None
