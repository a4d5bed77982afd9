"""Say where: masks, and Gram matrices of a part of a picture.

A mask is a float32 tensor (1, 1, H, W), in [0, 1]: 1 (white) counts fully, 0 (black) not at all.
"""
import torch
import torch.nn.functional as F
from PIL import Image, ImageOps

from .images import ImageError, _name, _open, _to_rgb, check_positive_int
from .losses import gram_matrix


def load_mask(path, size=None):
    """Read a mask from a picture file: white is 1, black is 0, grey between them.

    Colours count by their brightness; transparent parts are black.

    Args:
        path: a file's path, or an open binary file.
        size: longest side in pixels of the result, as in `load_image`: the mask of a photo gets the photo's size.

    Returns:
        float32 tensor (1, 1, H, W), in [0, 1].

    Raises:
        ImageError: the file is missing, is no picture, is damaged, or is black everywhere.
        ValueError: size is no positive number of pixels.
    """
    if size is not None:
        check_positive_int("size", size, "number of pixels")
    picture = ImageOps.exif_transpose(_open(path))
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, "black"), picture)
    picture = _to_rgb(picture).convert("L")
    if picture.getextrema()[1] == 0:
        raise ImageError(f"the mask {_name(path)} is black everywhere: make it white where it should count")
    if size is not None and max(picture.size) > size:
        scale = size / max(picture.size)
        picture = picture.resize([max(1, round(side * scale)) for side in picture.size], Image.Resampling.BOX)
    width, height = picture.size
    levels = torch.frombuffer(bytearray(picture.tobytes()), dtype=torch.uint8)
    return levels.view(1, 1, height, width).float() / 255


def fit_mask(mask, image):
    """A mask in the size of the picture that it belongs to.

    Args:
        mask: (1, 1, H, W), in [0, 1].
        image: (1, 3, H', W') of the same proportions.

    Returns:
        (1, 1, H', W'), in [0, 1].

    Raises:
        ImageError: the mask has other proportions, another shape, values outside [0, 1], or is 0 everywhere.
    """
    if mask.ndim != 4 or mask.shape[:2] != (1, 1):
        raise ImageError(f"a mask must have shape (1, 1, H, W), got {tuple(mask.shape)}")
    if not (mask.min() >= 0 and mask.max() <= 1):
        raise ImageError(f"a mask must lie in [0, 1], this one goes from {mask.min():.3g} to {mask.max():.3g}")
    if mask.max() == 0:
        raise ImageError("the mask is 0 (black) everywhere: make it white where it should count")
    (high, wide), (height, width) = mask.shape[2:], image.shape[2:]
    if abs(high * width - wide * height) > 0.03 * wide * height + max(wide, width):      # 3 %, and rounding to whole pixels
        raise ImageError(f"the mask is {wide}x{high} px and its picture {width}x{height}: both must have the same proportions")
    return layer_mask(mask, height, width)


def layer_mask(mask, height, width):
    """A mask in the size of a layer: each of its positions gets the share of its area that is white.

    Args:
        mask: (1, 1, H, W), in [0, 1].
        height, width: of the layer's activations.

    Returns:
        (1, 1, height, width), in [0, 1].

    Source: Gatys et al. 2017, section 4.1, who shrink their guidance channels to each layer. Area averages keep
        the white share of the whole picture.
    """
    if tuple(mask.shape[2:]) == (height, width):
        return mask
    return F.interpolate(mask, (height, width), mode="area")


def layer_guide(mask, height, width):
    """What a layer's activations are multiplied with: T = sqrt(mask / mean(mask)), so that sum T^2 = H*W.

    Args:
        mask: (N, 1, H, W), 0 or more; or None for everywhere.
        height, width: of the layer's activations.

    Returns:
        T, (N, 1, height, width); None without a mask.

    Raises:
        ValueError: the mask is 0 everywhere.

    Source: Gatys et al. 2017, section 4.1. There sum T^2 = 1 and the Gram matrix is not divided; here `gram_matrix` divides by H*W.
        There T is the mask, here T^2 is: so a grey mask counts by its area.
    """
    if mask is None:
        return None
    mask = layer_mask(mask, height, width)
    share = mask.mean((2, 3), keepdim=True)              # how much of the picture is white
    if not (share > 0).all():
        raise ValueError("the mask is 0 everywhere: there is nothing inside it to describe")
    return (mask / share).sqrt()


def guide(features, mask):
    """A layer's activations, each multiplied with T: any Gram matrix of them is one of the part inside the mask.

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


def guided_gram(features, mask):
    """The Gram matrix of a part of a picture: the mean over positions of F F^T, weighted by the mask.

    Args:
        features: F, (N, C, H, W).
        mask: (1, 1, H, W) or (N, 1, H, W), 0 or more, of the features' height and width: see `layer_mask`.

    Returns:
        (N, C, C). With a mask of ones it is `gram_matrix(features)`; with a mask of 0 and 1 the mean over the positions inside.

    Raises:
        ValueError: the mask has another size than the features, or is 0 everywhere.

    Source: Gatys et al. 2017, eq. 3 and 4, with the normalisation of `layer_guide`. The Gram matrices of a mask and of its complement,
        weighted by their areas, add up to that of the whole.
    """
    if features.ndim != 4:
        raise ValueError(f"features must have shape (N, C, H, W), got {tuple(features.shape)}")
    if mask.ndim != 4 or mask.shape[1] != 1 or mask.shape[0] not in (1, len(features)) or mask.shape[2:] != features.shape[2:]:
        raise ValueError(f"the mask must have shape {(1, 1, *features.shape[2:])}, got {tuple(mask.shape)}: use layer_mask")
    return gram_matrix(guide(features, mask))
