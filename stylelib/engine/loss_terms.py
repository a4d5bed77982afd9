"""What a loss returns: {term: scalar}, or one line that says what it returned instead."""
from typing import Any

from torch import Tensor

UNRELATED = ("the loss does not depend on the image, so there is no way down: compute it from the image that "
             "the function is given, without .detach(), .item(), .numpy() or torch.no_grad()")


def check_terms(terms: Any) -> None:
    """A TypeError in words for what a loss often returns at first instead of {term: scalar}."""
    if not isinstance(terms, dict) or not terms:
        raise TypeError(f"loss must return a dict {{term: scalar}}, got {type(terms).__name__}: "
                        "write for instance {'content': content_loss(...)}")
    for name, value in terms.items():
        if not isinstance(value, Tensor) or value.numel() != 1:
            shaped = isinstance(value, Tensor)
            got = f"one of shape {tuple(value.shape)}" if shaped else f"a {type(value).__name__}"
            raise TypeError(f"the {name} loss must be a tensor with a single number, got {got}")
    if not any(value.requires_grad for value in terms.values()):
        raise TypeError(UNRELATED)
