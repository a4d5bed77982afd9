"""Say where: masks, and Gram matrices of a part of a picture (notebook 06).

A mask is a float32 tensor (1, 1, H, W), in [0, 1]: 1 (white) counts fully, 0 (black) not at all.
"""
import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from ..engine.checks import check_size
from ..engine.inputs import ImageError, as_tensor, check_mask, fit_sides
from ..engine.language import tr
from ..engine.reading import File, is_file, name_of, read_picture
from ..losses import gram_matrix


def load_mask(path: File, size: int | None = None) -> Tensor:
    """Read a mask from a picture file: white is 1, black is 0, grey between them.

    Colours count by their brightness; transparent parts are black.

    Args:
        path: a file's path, an open binary file, or a Pillow picture.
        size: longest side in pixels of the result, as in `load_image`: the mask of a photo gets the photo's
            size.

    Returns:
        float32 tensor (1, 1, H, W), in [0, 1].

    Raises:
        ImageError: the file is missing, is no picture, is damaged, or is black everywhere.
        ValueError: size is not a positive number of pixels.
    """
    size = check_size(size)
    picture = read_picture(path, background="black", srgb=False).convert("L")
    if picture.getextrema()[1] == 0:
        raise ImageError(tr("the mask {name} is black everywhere (transparent counts as black): make it "
                            "white where it should count", name=name_of(path, "")))
    width, height = fit_sides(picture.size, size)
    if picture.size != (width, height):
        picture = picture.resize((width, height), Image.Resampling.BOX)
    levels = torch.frombuffer(bytearray(picture.tobytes()), dtype=torch.uint8)
    return levels.view(1, 1, height, width).float() / 255


def as_mask(source: File | np.ndarray | Tensor, role: str = "mask") -> Tensor:
    """Whatever holds a mask, as a tensor: the one way by which masks come in.

    Args:
        source: a file's path, an open binary file, a Pillow picture, a NumPy array (H, W), or a tensor
            (1, 1, H, W). Numbers are bool, levels from 0 to 255 (uint8), 0 and 1 of any kind, or floats in
            [0, 1].
        role: what the mask is, for messages: "style_mask".

    Returns:
        float32 tensor (1, 1, H, W), in [0, 1], on the CPU.

    Raises:
        ImageError: it is no mask, cannot be read, has another shape or range, or holds NaN.
    """
    if is_file(source):
        return load_mask(source)
    return check_mask(as_tensor(source, role, channels=1), role).cpu()


def fit_mask(mask: Tensor, image: Tensor, role: str | None = None) -> Tensor:
    """A mask in the size of the picture that it belongs to.

    Args:
        mask: (1, 1, H, W), in [0, 1], or another tensor that `as_mask` takes.
        image: (1, 3, H', W') of the same proportions.
        role: what the mask is, for messages, in the user's language: "the mask sky.png".

    Returns:
        (1, 1, H', W'), in [0, 1].

    Raises:
        ImageError: the mask has other proportions, another shape, values outside [0, 1], or is 0 everywhere.
    """
    role = tr("the mask") if role is None else role
    mask = check_mask(mask, role)
    if mask.max() == 0:
        raise ImageError(tr("{role} is 0 (black) everywhere: make it white where it should count",
                            role=role))
    (high, wide), (height, width) = mask.shape[2:], image.shape[2:]
    slack = 0.03 * wide * height + max(wide, width)         # 3 %, and rounding to whole pixels
    if abs(high * width - wide * height) > slack:
        # Translators: {role} is "the mask" or the like; {its_ratio} is a width divided by a height
        raise ImageError(tr("{role} is {its_width}x{its_height} px, {its_ratio:.3g} times as wide as high, "
                            "but its picture {ratio:.3g} times ({width}x{height} px here): both must have "
                            "the same proportions", role=role, its_width=wide, its_height=high,
                            its_ratio=wide / high, ratio=width / height, width=width, height=height))
    return layer_mask(mask, height, width)


def layer_mask(mask: Tensor, height: int, width: int) -> Tensor:
    """A mask in the size of a layer: each of its positions gets the share of its area that is white.

    Args:
        mask: (1, 1, H, W), in [0, 1].
        height, width: of the layer's activations.

    Returns:
        (1, 1, height, width), in [0, 1].

    Source: Gatys et al. 2017, section 4.1, who shrink their guidance channels to each layer. Area averages
        keep the white share of the whole picture.
    """
    # `picture > 0.5` is a mask of True and False
    mask = mask if mask.is_floating_point() else mask.float()
    if tuple(mask.shape[2:]) == (height, width):
        return mask
    return F.interpolate(mask, (height, width), mode="area")


def layer_guide(mask: Tensor | None, height: int, width: int) -> Tensor | None:
    """What a layer's activations are multiplied by: T = sqrt(mask / mean(mask)), so that sum T^2 = H*W.

    Args:
        mask: (N, 1, H, W), 0 or more; or None for everywhere.
        height, width: of the layer's activations.

    Returns:
        T, (N, 1, height, width); None without a mask.

    Raises:
        ValueError: the mask is 0 everywhere.

    Source: Gatys et al. 2017, section 4.1. There sum T^2 = 1 and the Gram matrix is not divided; here
        `gram_matrix` divides by H*W. There T is the mask, here T^2 is: so a grey mask counts by its area.
    """
    if mask is None:
        return None
    mask = layer_mask(mask, height, width)
    share = mask.mean((2, 3), keepdim=True)              # how much of the picture is white
    if not (share > 0).all():
        raise ValueError(tr("the mask is 0 everywhere: there is nothing inside it to describe"))
    return (mask / share).sqrt()


def guide(features: Tensor, mask: Tensor | None) -> Tensor:
    """A layer's activations, each multiplied by T: their Gram matrix is that of the part inside the mask.

    Args:
        features: F, (N, C, H, W).
        mask: (1, 1, H', W') or (N, 1, H', W'), in [0, 1], of any size; or None for everywhere.

    Returns:
        (N, C, H, W).

    Raises:
        ValueError: the mask is 0 everywhere.

    Source: Gatys et al. 2017, eq. 2; see `layer_guide`.
    """
    guidance = layer_guide(mask, *features.shape[2:])
    return features if guidance is None else features * guidance.to(features)


def guided_gram(features: Tensor, mask: Tensor) -> Tensor:
    """The Gram matrix of a part of a picture: the mean over positions of F F^T, weighted by the mask.

    Args:
        features: F, (N, C, H, W).
        mask: (1, 1, H, W) or (N, 1, H, W), 0 or more, of the features' height and width: see `layer_mask`.

    Returns:
        (N, C, C). With a mask of ones it is `gram_matrix(features)`; with a mask of 0 and 1 the mean over the
        positions inside.

    Raises:
        ValueError: the mask has another size than the features, or is 0 everywhere.

    Source: Gatys et al. 2017, eq. 3 and 4, with the normalisation of `layer_guide`. The Gram matrices of a
        mask and of its complement, weighted by their areas, add up to that of the whole.
    """
    if features.ndim != 4:
        raise ValueError(tr("features must have shape (N, C, H, W), got {shape}",
                            shape=tuple(features.shape)))
    one_channel = mask.ndim == 4 and mask.shape[1] == 1
    if not one_channel or mask.shape[0] not in (1, len(features)) or mask.shape[2:] != features.shape[2:]:
        raise ValueError(tr("the mask must have shape {wanted}, got {shape}: use layer_mask",
                            wanted=(1, 1, *features.shape[2:]), shape=tuple(mask.shape)))
    return gram_matrix(guide(features, mask))
