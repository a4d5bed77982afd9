"""Change the pixels of a picture until a loss is low: one loop for every experiment in the course.

    for step in optimize(image, loss, steps=100):
        ...                                  # look at step.image, plot step.losses, or break
"""
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from .engine.checks import check_number, check_positive_int
from .engine.language import mark, tr
from .engine.loss_terms import UNRELATED, check_terms
from .images import to_pil
from .lbfgs import LBFGS, careful_rate

METHODS = ("lbfgs", "adam", "sgd")
# Along a straight slope, a step would lower the loss by some amount. If instead it rises by more than this
# many times that, the step is taken back. L-BFGS may rise a little: it learns the curvature from that.
# Gradient descent would only overshoot again, and further. (Adam's steps have a fixed length: none goes far.)
TOO_FAR = {"lbfgs": 2.0, "sgd": 0.0}
CAUTION = 1 / 4             # then gradient descent takes this much of its rate, or L-BFGS of a careful step
AT_ONCE = mark("the {term} loss became {value}: look for NaN in the pictures and weights that it is made of")
LATER = mark("the {term} loss became {value}: lower the learning rate or the term's weight, "
             "or start from the photo instead of noise")


class DivergenceError(ArithmeticError):
    """A loss became NaN or infinite. The message names the term and a remedy."""


@dataclass(frozen=True)
class Record:
    """The numbers of one update of the pixels.

    Attributes:
        index: updates so far, 1 for the first.
        evaluations: losses and gradients computed so far; the work done, whatever the method.
        seconds: since the start.
        losses: {term: value} after this update, already weighted; their sum is what is being lowered.
    """

    index: int
    evaluations: int
    seconds: float
    losses: dict[str, float]

    @property
    def total(self) -> float:
        """Sum of all terms."""
        return sum(self.losses.values())

    def __str__(self):
        terms = " + ".join(f"{name} {value:.3g}" for name, value in self.losses.items())
        return (tr("step {index}: {terms}", index=self.index, terms=terms) if terms else
                tr("step {index}: no loss yet", index=self.index))


@dataclass(frozen=True, eq=False, repr=False)       # == on tensors gives no single True or False
class Step(Record):
    """The state after one update of the pixels. In a notebook it shows itself as a picture.

    Attributes:
        image: (N, 3, H, W), a copy: changing it changes nothing else.
    """

    image: Tensor

    @property
    def record(self) -> Record:
        """Its numbers, without the picture."""
        return Record(self.index, self.evaluations, self.seconds, self.losses)

    def __repr__(self):
        return f"<{self}; {self.image.shape[3]}x{self.image.shape[2]} px>"

    def _repr_png_(self):
        return to_pil(self.image)._repr_png_() if len(self.image) == 1 else None


def optimize(image: Tensor, loss: Callable[[Tensor], dict[str, Tensor]], steps: int, method: str = "lbfgs",
             learning_rate: float | None = None, clamp: bool = True, history: int = 10) -> Iterator[Step]:
    """Lower `loss(image)` by changing the pixels; a generator that yields after every update.

    Args:
        image: where to start, (N, 3, H, W); it is not changed.
        loss: function of an image that returns {term: scalar}.
        steps: how many updates.
        method: "lbfgs", "adam" or "sgd" (plain gradient descent).
        learning_rate: None chooses: 1 for L-BFGS after a careful first step, 5/255 for Adam, and for gradient
            descent the rate whose first step changes pixels by two grey levels on average.
        clamp: keep pixels in [0, 1] after each step. Done outside the loss, so that gradients stay alive at
            the limits.
        history: how many past steps L-BFGS remembers to estimate the curvature.

    Yields:
        Step, `steps` times.

    Raises:
        DivergenceError: a term became NaN or infinite.
        TypeError: loss returns something else than {term: scalar}, or numbers that do not depend on the
            image.
        ValueError: image is no tensor of floats; steps, method, learning_rate or history out of range.

    Source: Liu & Nocedal 1989 (L-BFGS), Kingma & Ba 2015 (Adam, from torch.optim). The paper uses L-BFGS with
        a line search; without it, a step costs exactly one evaluation. Instead, a step of L-BFGS or of
        gradient descent that raises the loss too far is taken back (it still counts as an update), and the
        next one is more careful. With a learning rate of your own, every step stays.
    """
    steps = check_positive_int("steps", steps, mark("number of updates"))
    history = check_positive_int("history", history, mark("number of steps"))
    if not isinstance(image, Tensor):
        raise ValueError(tr("image must be a tensor of floats (N, 3, H, W), got a {kind}",
                            kind=type(image).__name__))
    if not image.is_floating_point():
        raise ValueError(tr("image must be a tensor of floats (N, 3, H, W), got one of {kind}",
                            kind=str(image.dtype).removeprefix("torch.")))
    if torch.is_inference_mode_enabled():
        raise ValueError(tr("inside torch.inference_mode() there are no gradients: leave it out, "
                            "torch.no_grad() does no harm"))
    if method not in METHODS:
        raise ValueError(tr("method must be one of {methods}, got {method!r}",
                            methods=", ".join(METHODS), method=method))
    if learning_rate is not None:
        learning_rate = check_number("learning_rate", learning_rate, above=True)
    # The arguments are checked now; the loop runs when steps are asked for
    return _run(image, loss, steps, method, learning_rate, clamp, history)


def _run(image, loss, steps, method, learning_rate, clamp, history):
    started = time.perf_counter()
    image = image.detach().clone().requires_grad_(True)
    total, losses = _evaluate(image, loss, AT_ONCE)
    optimizer = _make_optimizer(image, method, learning_rate, history)
    for index in range(1, steps + 1):
        old_image, old_gradient, old_total, old_losses = image.detach().clone(), image.grad, total, losses
        optimizer.step()
        if clamp:
            with torch.no_grad():
                image.clamp_(0, 1)
        total, losses = _evaluate(image, loss, LATER)
        rise = _rise(image, total, old_image, old_gradient, old_total)
        if learning_rate is None and method in TOO_FAR and rise > TOO_FAR[method]:
            image.data, image.grad, total, losses = old_image, old_gradient, old_total, old_losses
            _take_more_care(optimizer)
        yield Step(index, index + 1, time.perf_counter() - started, losses, image.detach().clone())


def _evaluate(image, loss, diverged):
    """Put the gradient of all terms' sum into image.grad; return the sum and the terms as numbers."""
    image.grad = None
    with torch.enable_grad():       # whatever surrounds the loop
        terms = loss(image)
        check_terms(terms)
        total = sum(terms.values())
        total.backward()
    if image.grad is None:
        raise TypeError(tr(UNRELATED))
    losses = {name: float(value.detach()) for name, value in terms.items()}
    for name, value in losses.items():
        if not math.isfinite(value):
            raise DivergenceError(tr(diverged, term=name, value=value))
    return total.detach(), losses


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
        optimizer.begin_again(CAUTION)
    else:
        optimizer.param_groups[0]["lr"] *= CAUTION
