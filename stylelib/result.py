"""What a style transfer gives: a picture after each step, and one at the end."""
from dataclasses import dataclass

from torch import Tensor

from .engine.language import mark, tr
from .images import resize_image, to_pil
from .optimize import Record, Step
from .scene import scaled

STARTS = {"content": mark("from the photo"), "noise": mark("from noise"), "style": mark("from the painting"),
          "fast": mark("from one pass"), "picture": mark("from a given picture")}


@dataclass(frozen=True, eq=False, repr=False)       # == on tensors gives no single True or False
class TransferStep(Step):
    """A Step of a style transfer. Step 0, if there is one, is the start; it has no losses yet.

    Attributes:
        progress: share of the whole work done, from 0 to 1.
        size: (height, width) of the finished picture; `image` is smaller at the coarser scales.
        start: what it started from: "content", "noise", "style", "fast" or "picture".
        origin: the picture at the start, at full size; None if its fine detail is noise.
    """

    progress: float
    size: tuple[int, int]
    start: str
    origin: Tensor | None

    def at_full_size(self) -> Tensor:
        """The picture at the finished size, (1, 3, H, W): the start with the change so far, enlarged."""
        if self.image.shape[2:] == self.size:
            return self.image
        if self.origin is None:
            return resize_image(self.image, *self.size).clamp(0, 1)
        change = self.image - scaled(self.origin, *self.image.shape[2:])
        return (self.origin + resize_image(change, *self.size)).clamp(0, 1)

    def result(self, history: list[Record], interrupted: bool = False) -> "Result":
        """The Result that ends with this step.

        Args:
            history: of the steps up to this one.
            interrupted: whether more should have come.
        """
        return Result(self.at_full_size(), history, interrupted, self.start)


@dataclass(frozen=True, eq=False, repr=False)
class Result:
    """A finished, or interrupted, style transfer. In a notebook it shows itself as a picture.

    Attributes:
        image: the picture, (1, 3, H, W), RGB, in [0, 1].
        history: one Record for each update, over all scales.
        interrupted: True if it ended early: by Ctrl-C, the kernel's stop button, or an error.
        start: what it started from: "content", "noise", "style", "fast" or "picture".
    """

    image: Tensor
    history: list[Record]
    interrupted: bool = False
    start: str = "content"

    def __repr__(self):
        facts = [f"{self.image.shape[3]}x{self.image.shape[2]} px", tr(STARTS[self.start])]
        facts += [tr("interrupted")] if self.interrupted else []
        return f"<Result: {'; '.join([', '.join(facts), *map(str, self.history[-1:])])}>"

    def _repr_png_(self):
        return to_pil(self.image)._repr_png_()
