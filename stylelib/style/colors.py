"""Brightness and colour: what a transfer needs to keep the photo's own colours (notebook 06).

Two ways: take only brightness from the painting (`with_colors_of`, at the end), or give the painting the
photo's colours before the transfer begins (`match_mean_covariance`, `match_histogram`).
"""
import torch
from torch import Tensor

from ..engine.language import tr

# Below this standard deviation, two grey levels, a direction of colour holds only rounding and JPEG noise
QUIET = 2 / 255
RED_GREEN_BLUE = (0.299, 0.587, 0.114)    # how bright each primary looks (ITU-R BT.601, the Y of YIQ)


def luminance(image: Tensor) -> Tensor:
    """Brightness of each pixel.

    Args:
        image: (N, 3, H, W), RGB.

    Returns:
        (N, 1, H, W), in the range of `image`.

    Source: the Y of YIQ, as in Gatys et al. 2017, section 5.1.
    """
    # in whole numbers the weights would be 0
    image = image if image.is_floating_point() else image.float()
    weights = image.new_tensor(RED_GREEN_BLUE).view(1, 3, 1, 1)
    return (image * weights).sum(dim=1, keepdim=True)


def match_luminance(image: Tensor, reference: Tensor) -> Tensor:
    """Give `image` the mean and the spread of brightness of `reference`.

    Args:
        image, reference: brightness, (N, 1, H, W) each, sizes may differ.

    Returns:
        (N, 1, H, W), in [0, 1].

    Source: Gatys et al. 2017, eq. 10.
    """
    spread = reference.std() / image.std().clamp(min=1e-6)
    return ((image - image.mean()) * spread + reference.mean()).clamp(0, 1)


def with_colors_of(image: Tensor, photo: Tensor) -> Tensor:
    """Brightness from `image`, hue and colourfulness from `photo`.

    Args:
        image, photo: (N, 3, H, W), RGB, in [0, 1], of one size.

    Returns:
        (N, 3, H, W), in [0, 1].

    Source: luminance-only transfer, Gatys et al. 2017, section 5.1. Changing Y alone in YIQ adds the same
        number to red, green and blue, so no conversion is needed.
    """
    return (photo + luminance(image) - luminance(photo)).clamp(0, 1)


def match_mean_covariance(image: Tensor, reference: Tensor) -> Tensor:
    """Give `image` the mean colour of `reference` and its covariance.

    The covariance says how strongly the colours vary, and which of them vary together.

    Args:
        image: the painting, (1, 3, H, W), RGB, in [0, 1].
        reference: the photo, likewise; sizes may differ.

    Returns:
        (1, 3, H, W), in [0, 1]. Mean and covariance match exactly before values are clamped to this range.

    Raises:
        ValueError: a picture has another shape.

    Source: see `color_map`.
    """
    matrix, offset = color_map(image, reference)
    mapped = torch.einsum("ij,njhw->nihw", matrix, image) + offset.view(1, 3, 1, 1)
    return mapped.clamp(0, 1)


def color_map(image: Tensor, reference: Tensor) -> tuple[Tensor, Tensor]:
    """The linear map of colours A x + b after which `image` has the mean and the covariance of `reference`.

    Args:
        image, reference: (1, 3, H, W) each, RGB.

    Returns:
        A, (3, 3), and b, (3,).

    Raises:
        ValueError: a picture has another shape.

    Source: Gatys et al. 2017, section 5.2, asks for any A with A S A^T = C, where S is the covariance of
        `image` and C that of `reference`; a rotation of colours stays free. Cholesky factors give an A that
        depends on the order of the channels; the symmetric roots C^1/2 S^-1/2 (image analogies) do not, but
        stretch more than they need to. We take the A that moves colours least, S^-1/2 (S^1/2 C S^1/2)^1/2
        S^-1/2 (Pitie & Kokaram 2007). Over all pairs of this course's pictures it keeps the painting's lights
        and darks best: the correlation of brightness before and after is at least 0.94, against 0.76 and
        0.87. Directions in which `image` hardly varies, such as the colours of a grey one, are dropped:
        stretching them would only amplify noise.
    """
    mean, S = _mean_and_covariance("image", image)
    wanted_mean, C = _mean_and_covariance("reference", reference)
    root, inverse = _matrix_power(S, 0.5), _matrix_power(S, -0.5)
    matrix = inverse @ _matrix_power(root @ C @ root, 0.5) @ inverse
    offset = wanted_mean - matrix @ mean
    return matrix.to(image), offset.to(image)


def match_histogram(image: Tensor, reference: Tensor) -> Tensor:
    """Give each of red, green and blue in `image` the same distribution of values as in `reference`.

    Args:
        image: the painting, (1, 3, H, W), RGB, in [0, 1].
        reference: the photo, likewise; sizes may differ.

    Returns:
        (1, 3, H, W), in [0, 1].

    Raises:
        ValueError: a picture has another shape.

    Source: Gonzalez & Woods, Digital Image Processing, section 3.3, by scikit-image. Each channel on its own:
        which values come together in a pixel is not matched, so colours can appear that the reference does
        not have.
    """
    from skimage.exposure import match_histograms  # here, because it takes a while to import and few need it

    _check_picture("image", image)
    _check_picture("reference", reference)
    # (H, W, 3)
    rows = [picture[0].detach().permute(1, 2, 0).cpu().numpy() for picture in (image, reference)]
    matched = torch.from_numpy(match_histograms(*rows, channel_axis=-1))
    return matched.permute(2, 0, 1)[None].to(image).clamp(0, 1).contiguous()


def _mean_and_covariance(name, image):
    """Of the colours of all pixels: (3,) and (3, 3), in double precision: small numbers get inverted."""
    _check_picture(name, image)
    pixels = image[0].flatten(1).cpu().double()         # (3, H*W); Apple's GPUs have no doubles
    mean = pixels.mean(1)
    centred = pixels - mean[:, None]
    return mean, centred @ centred.T / pixels.shape[1]


def _matrix_power(symmetric, power):
    """A symmetric matrix to a power, by its eigenvalues; a negative one leaves quiet directions at 0."""
    values, directions = torch.linalg.eigh(symmetric)
    quiet = values < QUIET**2 if power < 0 else values <= 0
    powers = values.masked_fill(quiet, 1.0).pow(power).masked_fill(quiet, 0.0)
    return directions * powers @ directions.T


def _check_picture(name, image):
    if not isinstance(image, Tensor):
        raise ValueError(tr("{argument} must be a tensor (1, 3, H, W), got a {kind}",
                            argument=name, kind=type(image).__name__))
    if not image.is_floating_point():
        raise ValueError(tr("{argument} holds {kind} numbers: make floats in [0, 1] of them first",
                            argument=name, kind=str(image.dtype).removeprefix("torch.")))
    if image.ndim != 4 or image.shape[:2] != (1, 3):
        raise ValueError(tr("{argument} must have shape (1, 3, H, W), got {shape}",
                            argument=name, shape=tuple(image.shape)))
