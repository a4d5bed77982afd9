"""L-BFGS: how the curvature of a loss is learnt from the steps that were taken, in two loops."""
from collections import deque

import torch
from torch import Tensor

FIRST_CHANGE = 2 / 255      # mean change of a pixel in the first step: two grey levels, visible but harmless


class LBFGS:
    """Newton's method, x - H g. H, the inverse of the second derivatives, is learnt from the last steps.

    Args:
        image: what is changed, with its gradient in `image.grad`.
        learning_rate: length of a step; 1 is Newton's. While no curvature is known, `careful_rate` decides
            instead.
        history: how many pairs (s, y) are remembered.

    Source: Nocedal & Wright 2006, algorithm 7.4 with scaling 7.20. As `torch.optim.LBFGS` with max_iter=1,
        but with no limits that depend on the loss's scale. Written out, since these lines are the method;
        besides, torch's own imports its compiler (2.6 s and 155 MB, measured with torch 2.15).
    """

    def __init__(self, image: Tensor, learning_rate: float = 1.0, history: int = 10):
        self.image, self.learning_rate, self.caution = image, learning_rate, 1.0
        # (s, y): a move, before any clamping, and how much the gradient changed on it
        self.pairs: deque[tuple[Tensor, Tensor]] = deque(maxlen=history)
        self.last: tuple[Tensor, Tensor] | None = None

    def begin_again(self, caution: float) -> None:
        """Forget the curvature. After a careful step that went too far, the next is shorter by `caution`."""
        if not self.pairs:
            self.caution *= caution
        self.pairs.clear()
        self.last = None

    @torch.no_grad()
    def step(self) -> None:
        """Change the image once. Its gradient must be that of the present image."""
        assert self.image.grad is not None
        gradient = self.image.grad.flatten()
        if self.last is not None:
            s, y = self.last[0], gradient - self.last[1]
            # elsewhere the loss curves downwards, and H would point uphill
            if s @ y > 1e-8 * s.norm() * y.norm():
                self.pairs.append((s, y))
        rate = self.learning_rate if self.pairs else self.caution * careful_rate(gradient)
        move = -rate * self._newton_direction(gradient)
        self.image += move.view_as(self.image)
        self.last = move, gradient

    def _newton_direction(self, gradient):
        """H g, by the algorithm's two loops: through the pairs from the newest to the oldest, and back."""
        direction, along = gradient.clone(), []
        for s, y in reversed(self.pairs):
            along.append(s @ direction / (s @ y))
            direction -= along[-1] * y
        if self.pairs:
            s, y = self.pairs[-1]
            direction *= (s @ y) / (y @ y)
        for s, y in self.pairs:
            direction += (along.pop() - y @ direction / (s @ y)) * s
        return direction


def careful_rate(gradient: Tensor) -> float:
    """The learning rate of a first step: its only safe measure is the change that one will see.

    (How large a gradient is depends on the loss's scale, and says nothing about how far to go.)

    Args:
        gradient: of the loss, of any shape.
    """
    return FIRST_CHANGE / max(float(gradient.abs().mean()), 1e-30)
