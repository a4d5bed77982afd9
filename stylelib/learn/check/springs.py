"""The toy loss of check.transfer, which takes notes of what a loop does with it and with its optimisers."""
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.optim.optimizer import register_optimizer_step_post_hook

from ...engine.language import tr
from .verdict import Mistake


@dataclass
class Evaluation:
    """One call of the loss."""

    seen: Tensor                # the picture
    itself: bool                # is the picture itself what gradients are collected for?
    leaves: list[Tensor]        # the tensors that it was computed from, and that collect gradients
    blocked: bool               # is there a pixel whose gradient gets lost on the way to them?
    # {term: the factor with which it was differentiated}
    pulls: dict[str, float] = field(default_factory=dict)
    stale: bool = False         # did the leaves still hold an earlier gradient?


@dataclass
class Step:
    """One call of an optimiser's step()."""

    optimizer: torch.optim.Optimizer
    closure: bool               # does it compute the loss itself?
    differentiated: bool        # was backward() called for the latest evaluation?
    holds: bool                 # does it hold the tensor that the loss saw last?
    empty: bool                 # has it no gradient to follow?


class Springs:
    """Springs, one a term, pull each pixel, the further away the stronger: (1, 3, H, W) -> {term: scalar}."""

    def __init__(self, shape: Sequence[int], generator: torch.Generator, terms: Sequence[str],
                 leaves: float):
        """leaves: how far the rows 0 and 1 want to leave [0, 1], up and down."""
        self.targets = {name: 0.1 + 0.8 * torch.rand(shape, generator=generator)
                        for name in terms}
        for target in self.targets.values():
            target[:, :, 0] += leaves
            target[:, :, 1] -= leaves
        self.evaluations: list[Evaluation] = []
        self.steps: list[Step] = []

    def value(self, image: Tensor) -> float:
        """The sum of all terms, without a note."""
        return sum(float((image - target).square().sum()) / 2 for target in self.targets.values())

    def __call__(self, image: Tensor) -> dict[str, Tensor]:
        if not isinstance(image, Tensor):
            raise Mistake(tr("loss takes a picture, your loop gave it {type_name}",
                             type_name=type(image).__name__))
        shape = self.targets["content"].shape
        if image.shape != shape:
            raise Mistake(tr("loss takes a picture of shape {expected}, your loop gave it {got}",
                             expected=tuple(shape), got=tuple(image.shape)))
        leaves = _leaves(image)
        evaluation = Evaluation(image.detach().clone(), image.is_leaf, leaves, _is_blocked(image, leaves))
        self.evaluations.append(evaluation)
        terms = {name: (image - target).square().sum() / 2 for name, target in self.targets.items()}
        for name, term in terms.items():
            if term.requires_grad:
                term.register_hook(_note_pull(evaluation, name))
        return terms

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Inside, each step of any optimiser of PyTorch is noted."""
        handle = register_optimizer_step_post_hook(self._note_step)
        try:
            yield
        finally:
            handle.remove()

    def _note_step(self, optimizer, arguments, options):
        held = [pixels for group in optimizer.param_groups for pixels in group["params"]]
        latest = self.evaluations[-1] if self.evaluations else None
        self.steps.append(Step(
            optimizer, closure=any(callable(given) for given in (*arguments[1:], *options.values())),
            differentiated=bool(latest and latest.pulls),
            holds=latest is None or any(pixels is leaf for pixels in held for leaf in latest.leaves),
            empty=not any(_has_gradient(pixels) for pixels in held)))


def _note_pull(evaluation, name):
    def hook(gradient):
        # before anything arrives from this evaluation, .grad must be empty
        evaluation.stale |= not evaluation.pulls and any(map(_has_gradient, evaluation.leaves))
        evaluation.pulls[name] = evaluation.pulls.get(name, 0) + float(gradient)
    return hook


def _has_gradient(leaf):
    return leaf.grad is not None and bool(leaf.grad.any())


def _leaves(image):
    """The tensors that collect gradients and made the picture: the picture itself, if it collects them."""
    if image.is_leaf:
        return [image] if image.requires_grad else []
    found, waiting = [], [image.grad_fn]
    while waiting:
        node = waiting.pop()
        if hasattr(node, "variable"):
            found.append(node.variable)
        waiting += [before for before, _ in node.next_functions if before is not None]
    return found


def _is_blocked(image, leaves):
    """Does a pixel get no gradient, as after a clamp that changed it?"""
    if image.is_leaf:
        return False
    if image.grad_fn.name().startswith("Clamp") and bool(((image == 0) | (image == 1)).any()):
        return True             # at a limit some versions of PyTorch pass a gradient on, others do not
    try:
        with torch.enable_grad():
            slopes = torch.autograd.grad(image.sum(), leaves, retain_graph=True, allow_unused=True)
    except RuntimeError:        # an old graph, used a second time: the loop will meet this error by itself
        return False
    slopes = [slope for slope in slopes if slope is not None and slope.shape == image.shape]
    return any(bool((slope == 0).any()) for slope in slopes)
