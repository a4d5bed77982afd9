"""How a picture came about: its stages, to go back in time, and as a film."""
import bisect
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from ...film.writer import write_film

MOST = 160              # stages: at 512 px they are 90 MB
SECONDS, LAST = 0.08, 1.6       # how long a frame of the film is seen, and the last one
TYPES = {"mp4": "video/mp4", "gif": "image/gif", "webp": "image/webp"}


@dataclass(frozen=True, eq=False)
class Frame:
    """A stage: after how many steps it was, and its pixels, (1, 3, H, W), uint8."""

    steps: int
    pixels: Tensor

    @property
    def picture(self) -> Tensor:
        """In [0, 1]."""
        return self.pixels.float() / 255


class Making:
    """The stages of a picture. When there are too many, every second one is forgotten; the last one stays.

    Attributes:
        frames: the stages, in their order.
    """

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self._every = 1

    def begin(self, picture: Tensor) -> None:
        """Forget all; this picture is the first one."""
        self.frames, self._every = [_frame(0, picture)], 1

    def add(self, steps: int, picture: Tensor) -> None:
        """One more stage, after so many steps."""
        between = len(self.frames) > 1 and self.frames[-1].steps % self._every
        if between:                                         # it was only there as the last one
            self.frames.pop()
        self.frames.append(_frame(steps, picture))
        if len(self.frames) > MOST:
            self._every *= 2
            self.frames = [frame for frame in self.frames[:-1] if frame.steps % self._every == 0] \
                + self.frames[-1:]

    def stage(self, steps: int) -> int:
        """The number of the latest stage that was there after so many steps."""
        return bisect.bisect(self.frames, steps, key=lambda frame: frame.steps) - 1


def film(kind: str, pictures: Iterable[Tensor]) -> bytes:
    """Pictures as a film, which stays on the last one for a while.

    Args:
        kind: "mp4", "gif" or "webp".
        pictures: (1, 3, H, W) each, of one size, in [0, 1].

    Returns:
        The content of the file.

    Raises:
        ImageError: it cannot be written, or PyAV is missing for an MP4.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"making.{kind}")
        with write_film(path) as writer:
            *others, last = pictures
            for picture in others:
                writer.add(picture, seconds=SECONDS)
            writer.add(last, seconds=SECONDS)
            if kind == "mp4":
                for _ in range(round(LAST / SECONDS)):      # a player stops at once; some then show nothing
                    writer.add(last, seconds=SECONDS)
            else:
                writer.add(last, seconds=LAST)
        return path.read_bytes()


def _frame(steps, picture):
    return Frame(steps, picture.mul(255).round().to(torch.uint8))
