"""What comes in: the shape and range of the tensors and arrays that hold a picture or a mask.

A picture has three channels, a mask has one; all else is the same for both.
"""
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from .checks import with_hint
from .language import mark, tr

SLACK = 0.2                 # how far bicubic curves may leave [0, 1] when a picture is resized
# an average level that no picture painted in [0, 1] has, even if its pixels were not clamped
FAR = 2.0
# Translators: {role} is what somebody gave as a picture or mask: an argument's name or "the picture"
WANTED = {3: mark("{role} must be a picture (a file, a tensor (1, 3, H, W), a NumPy array (H, W, 3) or a "
                  "Pillow picture), got {given}"),
          1: mark("{role} must be a mask (a file, a tensor (1, 1, H, W), a NumPy array (H, W) or a Pillow "
                  "picture), got {given}")}


class ImageError(ValueError):
    """A picture that cannot be read, used or written. The message says why, and what to do."""


def fit_sides(sides: Sequence[int], size: int | None) -> tuple[int, int]:
    """The two sides of a picture, in their proportions, such that neither is longer than `size`.

    Args:
        sides: in pixels, in either order.
        size: in pixels; None keeps the sides as they are.
    """
    first, second = sides
    longest = max(sides)
    if size is None or longest <= size:
        return first, second
    scale = size / longest
    return max(1, round(first * scale)), max(1, round(second * scale))


def held(source: object) -> object:
    """The picture that a Result or a Step holds; anything else as it is."""
    inside = getattr(source, "image", None)
    return inside if isinstance(inside, Tensor) else source


def as_tensor(source: object, role: str, channels: int = 3) -> Tensor:
    """A tensor as it is; an array as a tensor (1, channels, H, W). Its numbers are not checked yet.

    Args:
        source: a tensor, or a NumPy array: (H, W, 3) or (H, W) for a picture, (H, W) or (H, W, 1) for a mask.
        role: what it is, for messages: "content".
        channels: 3 for a picture, 1 for a mask.

    Raises:
        ImageError: something else, or an array of another shape.
    """
    source = held(source)
    if isinstance(source, Tensor):
        return source
    if not isinstance(source, np.ndarray):
        raise ImageError(_not_wanted(source, role, channels))
    values = _from_array(source, role)
    if values.ndim == 2:
        return values.expand(1, channels, -1, -1).contiguous()
    if values.ndim == 3 and values.shape[2] == channels:
        return values.permute(2, 0, 1)[None].contiguous()
    if values.ndim == 4 and values.shape[:2] == (1, channels):
        return values
    wanted = (mark("{role} must be an array of shape (H, W, 3) or (H, W), got {shape}") if channels == 3 else
              mark("{role} must be an array of shape (H, W) or (H, W, 1), got {shape}"))
    problem = tr(wanted, role=role, shape=source.shape)
    raise ImageError(with_hint(problem, _array_hint(source.shape, channels)))


def check_picture(image: Tensor, role: str = "picture") -> Tensor:
    """A tensor that is a picture, as float32 in [0, 1].

    Args:
        image: tensor (1, 3, H, W), RGB, floats in [0, 1] or uint8 from 0 to 255. Floats may leave [0, 1] by
            0.2, as resizing can do, and are clamped.
        role: what the picture is, for messages.

    Returns:
        float32 tensor (1, 3, H, W), in [0, 1], on the device of `image`, without its gradient.

    Raises:
        ImageError: another shape or range, or NaN. The message says what to do.
    """
    _check_shape(image, role, 3)
    return check_range(image, role)


def check_mask(mask: Tensor, role: str = "mask") -> Tensor:
    """A tensor that is a mask, as float32 in [0, 1].

    Args:
        mask: tensor (1, 1, H, W): bool, 0 and 1 of any kind, or numbers as `check_picture` takes them.
        role: what the mask is, for messages.

    Returns:
        float32 tensor (1, 1, H, W), in [0, 1], on the device of `mask`, without its gradient.

    Raises:
        ImageError: another shape or range, NaN, or no numbers at all. The message says what to do.
    """
    _check_shape(mask, role, 1)
    if not mask.numel():
        raise ImageError(tr("{role} is empty: its shape is {shape}", role=role, shape=tuple(mask.shape)))
    zeros_and_ones = not mask.is_floating_point() and mask.min() >= 0 and mask.max() <= 1
    return check_range(mask.float() if zeros_and_ones else mask, role)


def check_range(values: Tensor, role: str) -> Tensor:
    """The numbers of a picture or mask -> float32 in [0, 1]; else an ImageError that quotes their range."""
    if values.dtype in (torch.uint8, torch.bool):
        return values.float() / (255 if values.dtype == torch.uint8 else 1)
    if not values.is_floating_point():
        raise ImageError(tr("{role} holds {kind} numbers: make levels from 0 to 255 x.to(torch.uint8), or "
                            "values in [0, 1] x.float()",
                            role=role, kind=str(values.dtype).removeprefix("torch.")))
    values = values.detach().float()
    if values.is_meta:          # a shape without content, by which memory is counted
        return values
    if not values.isfinite().all():
        raise ImageError(tr("{role} contains NaN or infinite values: look where they come from", role=role))
    low, high = (float(end) for end in values.aminmax()) if values.numel() else (0.0, 1.0)
    if low < -SLACK or high > 1 + SLACK:
        raise ImageError(out_of_range(role, low, high))
    return values if low >= 0 and high <= 1 else values.clamp(0, 1)


def shape_hint(shape: Sequence[int], channels: int = 3) -> str:
    """How a tensor of this shape becomes (1, channels, H, W), where one can guess; else ""."""
    return (_picture_hint if channels == 3 else _mask_hint)(tuple(shape))


def out_of_range(role: str, low: float, high: float) -> str:
    """What to say of values from `low` to `high`, and how they get into [0, 1], where one can guess."""
    if high > 10 and low > -SLACK * high:
        most = 255 if high <= (1 + SLACK) * 255 else 65535
        remedy = tr("divide by {most}", most=most) if high <= 65535 else tr("scale it to that range")
    elif low >= -1 - SLACK and high <= 1 + SLACK:
        remedy = tr("add 1 and divide by 2")
    elif low < -SLACK:
        remedy = tr("it seems to be prepared for a network, which this package does itself; give the picture "
                    "as it was before")
    else:
        remedy = _write("x.clamp(0, 1)")
    return tr("{role} goes from {low:.3g} to {high:.3g} and must lie in [0, 1]: {remedy}",
              role=role, low=low, high=high, remedy=remedy)


def _check_shape(values, role, channels):
    if not isinstance(values, Tensor):
        raise ImageError(_not_wanted(values, role, channels))
    if values.ndim != 4 or values.shape[:2] != (1, channels):
        problem = tr("{role} must have shape (1, {channels}, H, W), got {shape}",
                     role=role, channels=channels, shape=tuple(values.shape))
        raise ImageError(with_hint(problem, shape_hint(values.shape, channels)))


def _from_array(array, role):
    """A NumPy array of numbers as a tensor of its own, in a format that PyTorch knows."""
    if array.dtype.kind not in "buif":
        raise ImageError(tr("{role} must be an array of numbers, got one of {kind}",
                            role=role, kind=array.dtype))
    known = array.dtype.kind == "b" or array.dtype == np.uint8
    usual = np.float32 if array.dtype.kind == "f" else np.int64
    return torch.from_numpy(np.array(array, array.dtype if known else usual, order="C"))


def _picture_hint(shape):
    match shape:
        case (3, _, _):
            return _write("x[None]")
        case (_, _, 3):
            return _write("x.permute(2, 0, 1)[None]")
        case (_, 3, _, _):
            return tr("take one of them, {code}", code="x[:1]")
        case (1, _, _, 3):
            return _write("x.permute(0, 3, 1, 2)")
        case (1, 4, _, _):
            return tr("without its transparency it is {code}", code="x[:, :3]")
        case (1, 1, _, _) | (1, _, _) | (_, _):
            return _write("x.expand(1, 3, -1, -1)")
    return ""


def _mask_hint(shape):
    match shape:
        case (_, _, 3 | 4):
            return _write("x[None, None, :, :, 0]")
        case (1, _, _):
            return _write("x[None]")
        case (_, _):
            return _write("x[None, None]")
        case (1, _, _, _):
            return _write("x[:, :1]")
        case (_, 1, _, _):
            return tr("take one of them, {code}", code="x[:1]")
    return ""


def _array_hint(shape, channels):
    match shape:
        case (_, _, 3 | 4) if channels == 1:
            return _write("x[..., 0]")
        case (3, _, _) if channels == 3:
            return _write("x.transpose(1, 2, 0)")
        case (_, _, 4):
            return _write("x[..., :3]")
    return ""


def _not_wanted(source, role, channels):
    plain = source is None or isinstance(source, (int, float))
    # Translators: {kind} is a type of Python; this stands at the end of "... must be a picture, got {given}"
    given = repr(source) if plain else tr("a {kind}", kind=type(source).__name__)
    return tr(WANTED[channels], role=role, given=given)


def _write(code):
    return tr("write {code}", code=code)
