"""From coarse to fine: at which sizes a picture is painted, and for how many steps."""
import math
from typing import NamedTuple

from .images import MIN_SIDE
from .margin import MARGIN

SMALLEST_SCALE = 64         # px: below it conv5_1 has hardly any positions left to describe
FEW_PIXELS = 2**19          # up to here L-BFGS remembers ten steps; above, four, or they would cost more
MANY_PIXELS = 2**21         # memory than the network; above this two, which are 150 MB less at 2048 px


class Scale(NamedTuple):
    """A part of the plan: a number of steps at one size."""

    height: int
    width: int
    steps: int

    @property
    def size(self) -> tuple[int, int]:
        """(height, width)."""
        return self.height, self.width

    @property
    def cost(self) -> int:
        """What one step costs: pixels, with their margin."""
        return (self.height + 2 * MARGIN) * (self.width + 2 * MARGIN)

    @property
    def remembered(self) -> int:
        """How many steps L-BFGS remembers: a lever on memory only; pictures look the same."""
        pixels = self.height * self.width
        return 10 if pixels <= FEW_PIXELS else 4 if pixels <= MANY_PIXELS else 2


def make_plan(size: tuple[int, int], steps: int, scales: int | None = None,
              painted: bool = False) -> list[Scale]:
    """The scales of a transfer, each at about twice the size of the one before.

    Many steps at the coarsest size, where large shapes are settled and a step costs little; many at the
    finest, which is what one sees; few between. At 512 px this reaches the loss of evenly falling numbers
    (2.5 : 2 : 1.5 : 1) in two thirds of the time.

    A start that is painted already has its large shapes, and only the full size is useful. Measured at 192 px
    by the yardstick of tests/benchmarks (china and The Starry Night, after the work of 20 evaluations at full
    size): 0.95 so, 1.03 with 10 and 1.24 with 30 steps at half the size before; from the photo, coarse to
    fine, 2.48.

    Args:
        size: (height, width) of the finished picture.
        steps: at all scales together.
        scales: how many at most; None means as many as are useful.
        painted: whether the start is painted already.

    Returns:
        list of Scale, the last one of the full size.
    """
    height, width = size
    useful = 1 + max(0, int(math.log2(max(size) / SMALLEST_SCALE)))
    while min(size) < MIN_SIDE * 2 ** (useful - 1):
        useful -= 1
    counts = _shared_out(steps, min(scales or (1 if painted else useful), useful, steps))
    return [Scale(round(height / 2**i), round(width / 2**i), n)
            for i, n in zip(reversed(range(len(counts))), counts)]


def _shared_out(steps, scales):
    """How many steps each scale gets, at least one: 3 : 2 : 1 : 1 : ... : 3."""
    shares = [max(3 - i, 1) for i in range(scales - 1)] + [min(scales, 3)]
    counts = [max(1, round(steps * share / sum(shares))) for share in shares]
    counts[0] += steps - sum(counts)
    while counts[0] < 1:            # few steps for many scales: the largest number can spare one
        counts[counts.index(max(counts))] -= 1
        counts[0] += 1
    return counts
