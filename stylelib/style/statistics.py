"""What else can measure style: six statistics of a layer's activations behind one interface (notebook 07).

Each forgets something about the painting's activations and keeps the rest. What it keeps is `describe`d once;
then a picture's `distance` to it can be lowered, as with the Gram matrix. F are the activations of one layer,
(1, C, H, W).

    statistic = STATISTICS["sliced"]
    target = statistic.describe(painting_features)
    loss = statistic.distance(picture_features, target)

Picture and painting may differ in size, but not in channels. The distances have different units: divide each
by its value for an empty picture (all activations 0) before comparing or adding them, as `TransferLoss` does.
"""
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from ..engine.fast import at_least_float32, gram_matrix, style_loss
from ..engine.language import tr

TINY = 1e-5                 # keeps the root of a variance differentiable at 0
SEED = 0                    # of the random directions
PATCH = 3                   # positions a side
MOST_PATCHES = 1024         # of the painting; more are thinned out
BLOCK = 4096                # patches compared at a time, so that memory stays bounded


@dataclass(frozen=True)
class Statistic:
    """A way to describe style, and to compare a picture with the description.

    Attributes:
        describe: features (1, C, H, W) -> target, a tensor or a tuple of tensors; computed once, without
            gradients.
        distance: (features of the picture, target) -> scalar, 0 where the statistic agrees; differentiable in
            the features.
    """

    describe: Callable[[Tensor], Any]
    distance: Callable[[Tensor, Any], Tensor]


def mean_deviation(features: Tensor) -> Tensor:
    """How strong each channel is, and how much it varies over the picture.

    Args:
        features: F, (1, C, H, W).

    Returns:
        (2, C): mean and standard deviation (divided by M = H*W, not by M - 1).

    Raises:
        ValueError: features of another shape.

    Source: Huang & Belongie 2017 (AdaIN), eq. 5 and 6. Pairs of channels are forgotten: 2 C numbers stay, not
        C^2.
    """
    variance, mean = torch.var_mean(_table(features), 1, correction=0)
    return torch.stack([mean, (variance + TINY).sqrt()])


def mean_deviation_distance(features: Tensor, target: Tensor) -> Tensor:
    """Mean over the channels of (difference of means)^2 + (difference of deviations)^2.

    Args:
        features: F, (1, C, H, W).
        target: (2, C), from `mean_deviation`.

    Returns:
        scalar.

    Raises:
        ValueError: the shapes do not fit.

    Source: Li, Wang, Liu & Hou 2017 (the statistics of batch normalisation). Huang & Belongie 2017, eq. 13,
        write norms where this has squares.
    """
    return (mean_deviation(features) - _fitting(target, features, 1)).square().sum(0).mean()


def covariance(features: Tensor) -> Tensor:
    """Which channels rise and fall together: the Gram matrix of activations without their mean.

    Args:
        features: F, (1, C, H, W).

    Returns:
        (1, C, C).

    Raises:
        ValueError: features of another shape.

    Source: Sun & Saenko 2016 (Deep CORAL), who divide by M - 1; we divide by M, as `gram_matrix` does.
    """
    return gram_matrix(_centred(features))


def covariance_distance(features: Tensor, target: Tensor) -> Tensor:
    """The style loss E between two covariances: sum (difference)^2 / (4 C^2).

    Args:
        features: F, (1, C, H, W).
        target: (1, C, C), from `covariance`.

    Returns:
        scalar.

    Raises:
        ValueError: the shapes do not fit.

    Source: Sun & Saenko 2016, eq. 1.
    """
    return style_loss(_centred(features), target)


def projections(features: Tensor) -> tuple[Tensor, Tensor]:
    """The activations seen from C random directions: along each, all M values in order of size.

    Args:
        features: F, (1, C, H, W).

    Returns:
        (directions (C, C), each row of length 1; sorted values (C, M)). For the same C the directions are
        always the same.

    Raises:
        ValueError: features of another shape.

    Source: Heitz, Vanhoey, Chambon & Belcour 2021. They draw new directions for every step; ours stay, so
        that the loss is a fixed function, as L-BFGS needs it.
    """
    table = _table(features)                                                 # (C, M)
    generator = torch.Generator().manual_seed(SEED)
    directions = torch.randn(len(table), len(table), generator=generator, device="cpu")
    directions = F.normalize(directions, dim=1).to(table)
    return directions, (directions @ table).sort(1).values


def sliced_distance(features: Tensor, target: tuple[Tensor, Tensor]) -> Tensor:
    """How far the cloud of activations must move to become the painting's, on average over the directions.

    Args:
        features: F, (1, C, H, W).
        target: (directions (C, C), sorted values (C, M')), from `projections`.

    Returns:
        scalar: the mean square of the distance that each value has to move.

    Raises:
        ValueError: the shapes do not fit.

    Source: Heitz et al. 2021 (squared sliced 2-Wasserstein distance). Sizes may differ: the painting's sorted
        values are interpolated to M.
    """
    directions, values = target
    return _transport(_fitting(directions, features, 1) @ _table(features), values)


def sorted_channels(features: Tensor) -> Tensor:
    """Each channel's values in order of size: its exact histogram.

    Args:
        features: F, (1, C, H, W).

    Returns:
        (C, M).

    Raises:
        ValueError: features of another shape.

    Source: Risser, Wilmot & Barnes 2017, who count values in 256 bins.
    """
    return _table(features).sort(1).values


def histogram_distance(features: Tensor, target: Tensor) -> Tensor:
    """Mean square of the change that matching each channel's histogram to the painting's would make.

    Args:
        features: F, (1, C, H, W).
        target: (C, M'), from `sorted_channels`.

    Returns:
        scalar.

    Raises:
        ValueError: the shapes do not fit.

    Source: Risser et al. 2017: the matched activations count as constants. Exact instead of binned. It is the
        sliced distance with the channels themselves as directions.
    """
    return _transport(_table(features), _fitting(target, features, 0))


def patches(features: Tensor) -> Tensor:
    """Pieces of 3x3 positions, of all channels: what may stand next to what.

    Args:
        features: F, (1, C, H, W), H and W at least 3.

    Returns:
        (K, C * 9), K at most 1024: of more, every second, third... in both directions is taken.

    Raises:
        ValueError: features of another shape, or too small.

    Source: Li & Wand 2016 (CNN-MRF), section 3.1. Thinning out is ours; they also add rotated and scaled
        copies.
    """
    rows, columns = (side - PATCH + 1 for side in features.shape[-2:])
    stride = 1
    while math.ceil(rows / stride) * math.ceil(columns / stride) > MOST_PATCHES:
        stride += 1
    pieces = _pieces(features, stride)
    # An empty piece resembles none of these, and then the first is taken: let it be one of typical size
    sizes = pieces.square().sum(1)
    return pieces[(sizes - sizes.mean()).abs().argsort(stable=True)]


def patches_distance(features: Tensor, target: Tensor) -> Tensor:
    """Mean squared difference between each piece of the picture and the painting's piece most like it.

    Args:
        features: F, (1, C, H, W), H and W at least 3.
        target: (K, C * 9), from `patches`.

    Returns:
        scalar. Not quite 0 for the painting itself where its pieces were thinned out.

    Raises:
        ValueError: the shapes do not fit, or features are too small.

    Source: Li & Wand 2016, eq. 2 (sum of squares; ours is a mean) and 3 (resemblance: normalised
        cross-correlation). The choice counts as constant. In a layer with over 4096 pieces we take every
        second or third in both directions: pieces of 3x3 still cover every position.
    """
    height, width = features.shape[-2:]
    pieces = _pieces(features, min(PATCH, 1 + height * width // BLOCK))       # (M', C * 9)
    if target.ndim != 2 or target.shape[1] != pieces.shape[1]:
        raise ValueError(tr("target must have shape (K, {columns}), got {shape}",
                            columns=pieces.shape[1], shape=tuple(target.shape)))
    with torch.no_grad():
        directions = F.normalize(target, dim=1).T               # the piece's own length changes no ranking
        nearest = torch.cat([(block @ directions).argmax(1) for block in pieces.split(BLOCK)])
    return F.mse_loss(pieces, target[nearest])


STATISTICS = {
    "gram": Statistic(gram_matrix, style_loss),
    "mean_variance": Statistic(mean_deviation, mean_deviation_distance),
    "covariance": Statistic(covariance, covariance_distance),
    "sliced": Statistic(projections, sliced_distance),
    "histogram": Statistic(sorted_channels, histogram_distance),
    "patches": Statistic(patches, patches_distance),
}


def _table(features):
    """(1, C, H, W) -> (C, M), in float32 at least."""
    if features.ndim != 4 or features.shape[0] != 1:
        raise ValueError(tr("features must have shape (1, C, H, W), got {shape}",
                            shape=tuple(features.shape)))
    return at_least_float32(features[0].flatten(1))


def _centred(features):
    table = _table(features)
    return (table - table.mean(1, keepdim=True)).view(1, len(table), *features.shape[2:])


def _fitting(target, features, dimension):
    """The target, if it has as many channels as the features."""
    if target.ndim != 2 or target.shape[dimension] != features.shape[1]:
        raise ValueError(tr("target must be made from {channels} channels, got shape {shape}",
                            channels=features.shape[1], shape=tuple(target.shape)))
    return target


def _transport(values, target):
    """Mean squared distance between sorted rows: (D, M), not sorted yet, and (D, M'), sorted."""
    if target.shape[1] != values.shape[1]:
        # value i of M stands at the share (i + 1/2) / M of its row, as pixels do in a picture
        target = F.interpolate(target[None], size=values.shape[1], mode="linear", align_corners=False)[0]
    return F.mse_loss(values.sort(1).values, target)


def _pieces(features, stride):
    """(1, C, H, W) -> (K, C * 9), in float32 at least."""
    if features.ndim != 4 or features.shape[0] != 1 or min(features.shape[2:]) < PATCH:
        raise ValueError(tr("features must have shape (1, C, H, W) with H and W at least {least}, got "
                            "{shape}: use a larger picture (48 px a side are enough for relu5_1) or a layer "
                            "that is less deep", least=PATCH, shape=tuple(features.shape)))
    return F.unfold(at_least_float32(features), PATCH, stride=stride)[0].T
