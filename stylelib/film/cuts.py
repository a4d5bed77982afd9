"""Cuts: where one scene of a film ends and another begins."""
import torch
from torch import Tensor

from ..images import resize_image

OVERVIEW = 16           # px: longest side at which two frames are compared place by place
BINS = 4                # of each colour channel, in the histogram
OTHER_PLACES = 0.08     # mean difference, in [0, 1], that a cut has at least, place by place
OTHER_COLORS = 0.25     # likewise, the share of pixels that would have to change their bin


def is_cut(before: Tensor, frame: Tensor) -> bool:
    """Whether another scene begins with this frame.

    The frames must differ in what is where, and in how much there is of each colour. The first alone would
    find a cut in each fast movement of the camera, the second in each light that is switched on.

    Args:
        before, frame: (1, 3, H, W), in [0, 1], one after the other, of one size.
    """
    return (_distance_of_places(before, frame) > OTHER_PLACES
            and _distance_of_colors(before, frame) > OTHER_COLORS)


def _distance_of_places(before, frame):
    height, width = frame.shape[2:]
    scale = OVERVIEW / max(height, width)
    size = max(1, round(height * scale)), max(1, round(width * scale))
    return (resize_image(before, *size) - resize_image(frame, *size)).abs().mean().item()


def _distance_of_colors(before, frame):
    """Half the sum of differences between the two histograms: from 0, equal, to 1."""
    return 0.5 * (_histogram(before) - _histogram(frame)).abs().sum().item()


def _histogram(frame):
    levels = (frame * BINS).long().clamp(max=BINS - 1)[0]                       # (3, H, W)
    bins = (levels[0] * BINS + levels[1]) * BINS + levels[2]
    return torch.bincount(bins.flatten(), minlength=BINS**3) / bins.numel()
