"""What holds a painted film together: the temporal loss, and which earlier frame speaks for which pixel.

With x the picture that is being painted, w the painted frame before it, brought along the optical flow
(`warp`), and c its mask: 1 where the pixel was visible before and its flow can be trusted, else 0.
"""
from collections.abc import Sequence

import torch
from torch import Tensor

JUMPS = (1, 2, 4)               # J: how many frames before, for the long-term loss


def temporal_loss(image: Tensor, warped: Tensor, mask: Tensor) -> Tensor:
    """How much a picture differs from what came before: 1/D sum_k c_k (x_k - w_k)^2.

    Args:
        image: x, (1, 3, H, W).
        warped: w, likewise: a painted frame before, where its things are now.
        mask: c, (1, 1, H, W), in [0, 1]; counted for each colour.

    Returns:
        scalar; D is the number of all values, also of those that are hidden.

    Source: Ruder, Dosovitskiy and Brox, Artistic style transfer for videos, GCPR 2016, equation 7. Pixels are
        in [0, 1] here, from 0 to 255 there.
    """
    return (mask * (image - warped).square()).mean()


def long_term(masks: Sequence[Tensor]) -> list[Tensor]:
    """From "was visible then" to "was visible then, and in no frame between": each pixel has one witness.

    Args:
        masks: c, each (1, 1, H, W) in [0, 1], that of the nearest frame first.

    Returns:
        as many masks: max(c_j - sum of the c of nearer frames, 0).

    Source: Ruder et al. 2016, equation 9 and the one that follows it: a thing that was hidden for some frames
        is painted as it was before.
    """
    weights, nearer = [], torch.zeros(())
    for mask in masks:
        weights.append((mask - nearer).clamp(min=0))
        nearer = nearer + mask
    return weights
