"""What a loss returns: {term: scalar}, or one line that says what it returned instead."""
from typing import Any

from torch import Tensor

from .language import mark, tr

UNRELATED = mark("the loss does not depend on the image, so there is no way down: compute it from the image "
                 "that the function is given, without .detach(), .item(), .numpy() or torch.no_grad()")


def check_terms(terms: Any) -> None:
    """A TypeError in words for what a loss often returns at first instead of {term: scalar}."""
    if not isinstance(terms, dict) or not terms:
        raise TypeError(tr("loss must return a dict {{term: scalar}}, got {kind}: "
                           "write for instance {{'content': content_loss(...)}}", kind=type(terms).__name__))
    for name, value in terms.items():
        if not isinstance(value, Tensor) or value.numel() != 1:
            raise TypeError(_no_number(name, value))
    if not any(value.requires_grad for value in terms.values()):
        raise TypeError(tr(UNRELATED))


def _no_number(name, value):
    if isinstance(value, Tensor):
        return tr("the {term} loss must be a tensor with a single number, got one of shape {shape}",
                  term=name, shape=tuple(value.shape))
    return tr("the {term} loss must be a tensor with a single number, got a {kind}",
              term=name, kind=type(value).__name__)
