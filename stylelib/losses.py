"""What a picture must keep: content, style, smoothness. Functions of tensors, written like their equations.

The letters are those of Gatys, Ecker & Bethge (CVPR 2016): F are the activations of the picture in one layer,
P those of the photo, G the picture's Gram matrix, A the painting's. A layer has C channels (their N) and H*W
positions (their M). The transfer computes the same by `engine/fast.py`.
"""
import torch
from torch import Tensor

from .engine.language import tr


def content_loss(features: Tensor, target: Tensor) -> Tensor:
    """How far activations are from the photo's: c = mean (F - P)^2.

    Args:
        features: F, (N, C, H, W).
        target: P, of the same shape.

    Returns:
        scalar, 0 where they are equal.

    Raises:
        ValueError: the shapes differ.

    Source: Gatys et al. 2016, eq. 1, which takes 1/2 of the sum: C*H*W/2 times this. A mean does not change
        with the picture's size.
    """
    check_same_shape(features, target)
    F, P = at_least_float32(features), at_least_float32(target)
    return (F - P).square().mean()


def relative_change(features: Tensor, target: Tensor) -> float:
    """How far activations, or anything else, are from a target, in units of the target: |F - P| / |P|.

    Args:
        features: F, of any shape; |F| is the root of the sum of all squares.
        target: P, of the same shape.

    Returns:
        0 where they are equal, 1 where F is 0 everywhere; it may be larger (infinite where P is 0). Its
        square is the relative loss, which a transfer weighs (`objective`).

    Raises:
        ValueError: the shapes differ.
    """
    check_same_shape(features, target)
    F, P = at_least_float32(features), at_least_float32(target)
    return float((F - P).norm() / P.norm())


def gram_matrix(features: Tensor) -> Tensor:
    """Which channels are active together, anywhere in the picture: F F^T / (H*W).

    Positions are summed over: textures and colours remain, the layout is lost.

    Args:
        features: F, (N, C, H, W).

    Returns:
        (N, C, C), symmetric. On the diagonal each channel's mean square; off it, how much two channels
        coincide.

    Raises:
        ValueError: features are not of four dimensions.

    Source: Gatys et al. 2016, eq. 3, which does not divide. Dividing by the number of positions makes
        pictures of different sizes comparable.
    """
    check_features(features)
    F = at_least_float32(features).flatten(2)       # (N, C, H*W): all positions in one row
    return F @ F.mT / F.shape[2]                    # (N, C, C)


def style_loss(features: Tensor, target_gram: Tensor) -> Tensor:
    """How far a layer's Gram matrix G is from the painting's, A: E = sum (G - A)^2 / (4 C^2).

    Args:
        features: F, (N, C, H, W).
        target_gram: A, (N, C, C) or (1, C, C), made by `gram_matrix`; the painting may have another size.

    Returns:
        scalar, the mean over the batch.

    Raises:
        ValueError: target_gram does not fit.

    Source: Gatys et al. 2016, eq. 4, exactly, for pictures of equal size: there the division by M^2 stands in
        front, here it is inside both Gram matrices.
    """
    return gram_distance(gram_matrix(features), target_gram)


def gram_distance(gram: Tensor, target_gram: Tensor) -> Tensor:
    """The same for a Gram matrix that is known already: E = sum (G - A)^2 / (4 C^2).

    Args:
        gram: G, (N, C, C).
        target_gram: A, (N, C, C) or (1, C, C).

    Returns:
        scalar, the mean over the batch.

    Raises:
        ValueError: target_gram does not fit.

    Source: as `style_loss`.
    """
    if (target_gram.ndim != 3 or target_gram.shape[-2:] != gram.shape[-2:]
            or target_gram.shape[0] not in (1, len(gram))):
        raise ValueError(tr("target_gram must have shape {wanted}, got {shape}",
                            wanted=tuple(gram.shape), shape=tuple(target_gram.shape)))
    channels = gram.shape[1]
    return (gram - target_gram).square().sum() / (4 * channels**2 * len(gram))


def total_variation(image: Tensor) -> Tensor:
    """How rough a picture is: the mean absolute difference between neighbouring pixels, down plus across.

    Args:
        image: (N, 3, H, W).

    Returns:
        scalar, 0 for a picture of one colour.

    Raises:
        ValueError: image is not of four dimensions, or is less than two pixels high or wide.

    Source: Rudin, Osher & Fatemi 1992, in the separate-axes form; not in Gatys et al. A mean, so that it does
        not change with the picture's size.
    """
    if image.ndim != 4 or min(image.shape[2:]) < 2:
        raise ValueError(tr("image must have shape (N, 3, H, W) with H and W at least 2, got {shape}",
                            shape=tuple(image.shape)))
    down = image[:, :, 1:, :] - image[:, :, :-1, :]
    across = image[:, :, :, 1:] - image[:, :, :, :-1]
    return down.abs().mean() + across.abs().mean()


def at_least_float32(values: Tensor) -> Tensor:
    """Half precision as float32, since sums over many positions need it; float64 stays what it is."""
    return values if values.dtype == torch.float64 else values.float()


def check_features(features: Tensor) -> None:
    """A ValueError unless these are the activations of a layer, (N, C, H, W)."""
    if features.ndim != 4:
        raise ValueError(tr("features must have shape (N, C, H, W), got {shape}",
                            shape=tuple(features.shape)))


def check_same_shape(features: Tensor, target: Tensor) -> None:
    """A ValueError unless activations and target can be compared position by position."""
    if features.shape != target.shape:
        raise ValueError(tr("features and target must have the same shape, got {features} and {target}",
                            features=tuple(features.shape), target=tuple(target.shape)))
