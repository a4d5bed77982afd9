"""How much a film flickers, and how sharp it is: the one means little without the other, as blur is calm."""
from collections.abc import Iterable
from itertools import pairwise

import torch
from torch import Tensor

from ..engine.language import tr
from .flow import warp

LEVELS = 255


def flicker(frames: Iterable[Tensor], flows: Iterable[Tensor], masks: Iterable[Tensor]) -> float:
    """How much a film changes besides its motion: 0 where things keep their colours while they move.

    Between two frames, this is the mean of |frame t - warp(frame t - 1, flow t)| over all channels and those
    pixels that were visible before; of a film, the mean over its pairs of frames. The flows are those of the
    film that was painted: then the number of the painted film can be compared with that of the film itself.

    Args:
        frames: two or more, each (1, 3, H, W), in [0, 1]; read one by one.
        flows: one for each frame but the first, (1, 2, H, W), to the frame before.
        masks: likewise, (1, 1, H, W), 1 where the pixel was visible in the frame before; see `consistent`.
            A pair without such a pixel, as at a cut, does not count.

    Returns:
        Grey levels, of 255.

    Raises:
        ValueError: no pair of frames to compare.

    Source:
        The temporal loss of Ruder, Dosovitskiy and Brox 2016, equation 7, with absolute values instead of
        squares, so that its unit is a grey level.
    """
    changes = []
    for (before, frame), flow, mask in zip(pairwise(frames), flows, masks):
        seen = mask.sum().item() * frame.shape[1]
        if seen:
            changes.append((mask * (frame - warp(before, flow)).abs()).sum().item() / seen)
    if not changes:
        raise ValueError(tr("flicker needs two frames or more, with pixels that can be seen in both"))
    return LEVELS * sum(changes) / len(changes)


def sharpness(image: Tensor) -> float:
    """How much neighbours differ, on average: falls when a picture is blurred, rises with noise.

    Args:
        image: (N, 3, H, W), in [0, 1].

    Returns:
        Mean length of the brightness's gradient, in grey levels of 255 a pixel.
    """
    grey = image.mean(1)                                        # (N, H, W)
    right = grey[:, :-1, 1:] - grey[:, :-1, :-1]
    down = grey[:, 1:, :-1] - grey[:, :-1, :-1]
    return LEVELS * torch.hypot(right, down).mean().item()
