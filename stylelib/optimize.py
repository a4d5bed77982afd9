"""Change the pixels of a picture until a loss is low: one loop for every experiment in the course.

    for step in optimize(image, loss, steps=100):
        ...                                  # look at step.image, plot step.losses, or break
"""
import math
import time
from collections import deque
from dataclasses import dataclass

import torch

from .engine.checks import check_number, check_positive_int

FIRST_CHANGE = 2 / 255      # mean change of a pixel in the first step: two grey levels, visible but harmless
# A step is taken back if the loss rises by more than this times what its slope promised to lower. Gradient
# descent may not rise at all: what it does once, it does again, and grows. L-BFGS learns from it.
TOO_FAR = {"lbfgs": 2.0, "sgd": 0.0}
CAUTION = 1 / 4             # after a careful step taken back, the next one is so much shorter
METHODS = ("lbfgs", "adam", "sgd")
UNRELATED = ("the loss does not depend on the image, so there is no way down: compute it from the image that the function is given, "
             "without .detach(), .item(), .numpy() or torch.no_grad()")


class DivergenceError(ArithmeticError):
    """A loss became NaN or infinite. The message names the term and a remedy."""


@dataclass(frozen=True, eq=False)       # == would ask for one truth about all pixels
class Step:
    """The state after one update of the pixels.

    Attributes:
        index: updates so far, 1 for the first.
        evaluations: losses and gradients computed so far; the work done, whatever the method.
        seconds: since the start.
        losses: {term: value} of `image`, already weighted; their sum is what is being lowered.
        image: (N, 3, H, W), a copy: changing it changes nothing else.
    """

    index: int
    evaluations: int
    seconds: float
    losses: dict
    image: torch.Tensor

    @property
    def total(self):
        """Sum of all terms."""
        return sum(self.losses.values())


def optimize(image, loss, steps, method="lbfgs", learning_rate=None, clamp=True, history=10):
    """Lower `loss(image)` by changing the pixels; a generator that yields after every update.

    Args:
        image: where to start, (N, 3, H, W); it is not changed.
        loss: function of an image that returns {term: scalar}.
        steps: how many updates.
        method: "lbfgs", "adam" or "sgd" (plain gradient descent).
        learning_rate: None chooses: 1 for L-BFGS after a careful first step, 5/255 for Adam, and for gradient
            descent the rate whose first step changes pixels by two grey levels on average.
        clamp: keep pixels in [0, 1] after each step. Done outside the loss, so that gradients stay alive at the limits.
        history: how many past steps L-BFGS remembers to estimate the curvature.

    Yields:
        Step, `steps` times.

    Raises:
        DivergenceError: a term became NaN or infinite.
        TypeError: loss returns something else than {term: scalar}, or numbers that do not depend on the image.
        ValueError: image is no tensor of floats; steps, method, learning_rate or history out of range.

    Source: Liu & Nocedal 1989 (L-BFGS), Kingma & Ba 2015 (Adam, from torch.optim). The paper uses L-BFGS with a line search;
        without it, a step costs exactly one evaluation. Instead, a step of L-BFGS after which the loss is far
        higher is taken back, and the next one is a careful first step again, shorter if that was one. So is a
        step of gradient descent after which it is higher at all. With a learning rate of your own, every step
        stays.
    """
    steps = check_positive_int("steps", steps, "number of updates")
    history = check_positive_int("history", history, "number of steps")
    if not isinstance(image, torch.Tensor) or not image.is_floating_point():
        got = f"one of {str(image.dtype).removeprefix('torch.')}" if isinstance(image, torch.Tensor) else f"a {type(image).__name__}"
        raise ValueError(f"image must be a tensor of floats (N, 3, H, W), got {got}")
    if torch.is_inference_mode_enabled():
        raise ValueError("inside torch.inference_mode() there are no gradients: leave it out, "
                         "torch.no_grad() does no harm")
    if method not in METHODS:
        raise ValueError(f"method must be one of {', '.join(METHODS)}, got {method!r}")
    learning_rate = None if learning_rate is None else check_number("learning_rate", learning_rate, above=True)
    return _run(image, loss, steps, method, learning_rate, clamp, history)


def _run(image, loss, steps, method, learning_rate, clamp, history):
    started = time.perf_counter()
    image = image.detach().clone().requires_grad_(True)
    total, losses = _evaluate(image, loss, "look for NaN in the pictures and weights that it is made of")
    optimizer = _make_optimizer(image, method, learning_rate, history)
    for index in range(1, steps + 1):
        before = image.detach().clone(), image.grad, total, losses
        optimizer.step()
        if clamp:
            with torch.no_grad():
                image.clamp_(0, 1)
        total, losses = _evaluate(image, loss, "lower the learning rate or the term's weight, "
                                               "or start from the photo instead of noise")
        if learning_rate is None and method in TOO_FAR and _rise(image, total, *before[:3]) > TOO_FAR[method]:
            picture, image.grad, total, losses = before
            with torch.no_grad():
                image.copy_(picture)
            _take_more_care(optimizer)
        yield Step(index, index + 1, time.perf_counter() - started, losses, image.detach().clone())


def _evaluate(image, loss, remedy):
    """Put the gradient of all terms' sum into image.grad; return the sum and the terms as numbers."""
    image.grad = None
    with torch.enable_grad():       # whatever surrounds the loop
        terms = loss(image)
        _check_terms(terms)
        total = sum(terms.values())
        total.backward()
    if image.grad is None:
        raise TypeError(UNRELATED)
    losses = {name: float(value.detach()) for name, value in terms.items()}
    for name, value in losses.items():
        if not math.isfinite(value):
            raise DivergenceError(f"the {name} loss became {value}: {remedy}")
    return total.detach(), losses


def _check_terms(terms):
    """A TypeError in words for what a loss often returns at first instead of {term: scalar}."""
    if not isinstance(terms, dict) or not terms:
        raise TypeError(f"loss must return a dict {{term: scalar}}, got {type(terms).__name__}: "
                        "write for instance {'content': content_loss(...)}")
    for name, value in terms.items():
        if not isinstance(value, torch.Tensor) or value.numel() != 1:
            got = f"one of shape {tuple(value.shape)}" if isinstance(value, torch.Tensor) else f"a {type(value).__name__}"
            raise TypeError(f"the {name} loss must be a tensor with a single number, got {got}")
    if not any(value.requires_grad for value in terms.values()):
        raise TypeError(UNRELATED)


def _rise(image, total, picture, gradient, total_before):
    """How much a step raised the loss, in units of what the slope at its beginning promised to lower.

    In this unit neither the loss's scale nor a constant added to it plays a part.
    """
    promise = -((image.detach() - picture) * gradient).sum()
    return (total - total_before) / promise.clamp(min=1e-30)


def _make_optimizer(image, method, learning_rate, history):
    if method == "lbfgs":
        return LBFGS(image, learning_rate or 1.0, history)
    if method == "adam":
        return torch.optim.Adam([image], lr=learning_rate or 5 / 255)
    return torch.optim.SGD([image], lr=learning_rate or careful_rate(image.grad))


def _take_more_care(optimizer):
    """After a step that went too far."""
    if isinstance(optimizer, LBFGS):
        optimizer.begin_anew(CAUTION)
    else:
        optimizer.param_groups[0]["lr"] *= CAUTION


def careful_rate(gradient):
    """Without knowledge of the loss's scale, the only safe measure of a first step is the change that one will see."""
    return FIRST_CHANGE / max(float(gradient.abs().mean()), 1e-30)


class LBFGS:
    """Newton's method, p - H g, with the inverse H of the matrix of second derivatives known from the last steps only.

    Args:
        image: what is changed, with its gradient in `image.grad`.
        learning_rate: length of a step; 1 is Newton's. While no curvature is known, `careful_rate` decides instead.
        history: how many pairs (s, y) are remembered.

    Source: Nocedal & Wright 2006, algorithm 7.4 with scaling 7.20. As `torch.optim.LBFGS` with max_iter=1, except: no limits that
        depend on the loss's scale, and torch's compiler is not imported (2.6 s and 155 MB, measured with torch 2.15).
    """

    def __init__(self, image, learning_rate, history):
        self.image, self.learning_rate, self.caution = image, learning_rate, 1.0
        # (s, y): a move, before any clamping, and how much the gradient changed on it
        self.pairs = deque(maxlen=history)
        self.last = None

    def begin_anew(self, caution):
        """Forget the curvature.

        If it was a careful step that went too far, the next one is shorter, by `caution`.
        """
        if not self.pairs:
            self.caution *= caution
        self.pairs.clear()
        self.last = None

    @torch.no_grad()
    def step(self):
        """Change the image once. Its gradient must be that of the present image."""
        gradient = self.image.grad.flatten()
        if self.last is not None:
            s, y = self.last[0], gradient - self.last[1]
            if s @ y > 1e-8 * s.norm() * y.norm():      # elsewhere the loss curves downwards, and H would point uphill
                self.pairs.append((s, y))
        rate = self.learning_rate if self.pairs else self.caution * careful_rate(gradient)
        move = -rate * self._newton_direction(gradient)
        self.image += move.view_as(self.image)
        self.last = move, gradient

    def _newton_direction(self, gradient):
        """H g, by the two loops of the algorithm: through the pairs from the newest to the oldest, and back."""
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
