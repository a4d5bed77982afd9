"""The losses of `stylelib.losses` once more, as the transfer computes them: the same numbers, sooner.

They differ from the readable ones in the order of the computation only. `tests/engine/test_fast.py` compares
values, gradients and second derivatives.
"""
import torch
from torch import Tensor

from ..losses import at_least_float32, check_features, check_same_shape, gram_distance


def content_loss(features: Tensor, target: Tensor) -> Tensor:
    """`losses.content_loss`, in the order in memory that the activations of our networks have.

    Args:
        features: F, (N, C, H, W), in any floating-point format.
        target: P, of the same shape.

    Returns:
        scalar, float32 at least.

    Raises:
        ValueError: the shapes differ.
    """
    check_same_shape(features, target)
    # channels last, as the gradient
    features, target = (at_least_float32(activations).movedim(1, -1) for activations in (features, target))
    return torch.nn.functional.mse_loss(features, target)


def gram_matrix(features: Tensor) -> Tensor:
    """`losses.gram_matrix`, with one matrix product on the way back where PyTorch takes two.

    Args:
        features: F, (N, C, H, W), in any floating-point format.

    Returns:
        (N, C, C), float32 at least.

    Raises:
        ValueError: features are not of four dimensions.
    """
    check_features(features)
    flat = features.flatten(2)                       # (N, C, H*W)
    flat = flat.squeeze(0)                           # one picture alone: a faster product than a batch's
    gram = TimesItsTranspose.apply(flat)             # (N, C, C)
    return at_least_float32(gram).view(-1, *gram.shape[-2:]) / flat.shape[-1]


def style_loss(features: Tensor, target_gram: Tensor) -> Tensor:
    """`losses.style_loss`, with the fast Gram matrix.

    Args:
        features: F, (N, C, H, W), in any floating-point format.
        target_gram: A, (N, C, C) or (1, C, C), made by `gram_matrix`.

    Returns:
        scalar, the mean over the batch.

    Raises:
        ValueError: target_gram does not fit.
    """
    return gram_distance(gram_matrix(features), target_gram)


class TimesItsTranspose(torch.autograd.Function):
    """F F^T for each F of a batch, (N, C, M) -> (N, C, C), or of one, (C, M) -> (C, C).

    The gradient is (G' + G'^T) F: one product where PyTorch's own for `flat @ flat.mT` takes two, and in the
    order in memory that F has. tests/benchmarks measures what that gains.
    """

    generate_vmap_rule = True       # for torch.func

    @staticmethod
    def forward(flat):
        return flat @ flat.mT

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx, gradient):
        flat, = ctx.saved_tensors
        both = gradient + gradient.mT
        return both @ flat if flat.is_contiguous() else (flat.mT @ both).mT
