"""Pictures: from a file to a tensor and back.

Everywhere in this package a picture is a float32 tensor of shape (1, 3, H, W): one picture, red green blue, H
rows of W pixels, values in [0, 1].
"""
import os
import shutil
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from .engine.checks import check_size, with_hint
from .engine.inputs import (
    FAR,
    ImageError,
    as_tensor,
    check_picture,
    check_range,
    fit_sides,
    out_of_range,
    shape_hint,
)
from .engine.language import tr
from .engine.reading import File, is_file, name_of, read_picture
from .engine.recipe import Recipe
from .engine.tags import options_for
from .engine.writing import FORMATS, check_output, temporary_file

MIN_SIDE = 16               # VGG halves a picture four times on its way to conv5_1: 16 px become 1


def load_image(path: File, size: int | None = None) -> Tensor:
    """Read a picture file as a tensor.

    The camera's rotation (EXIF) is applied, colours are converted from the file's profile to sRGB,
    transparent parts are laid on white, and grey, palette, CMYK and 16-bit pictures become RGB. Of an
    animation this is the first frame.

    Args:
        path: a file's path, an open binary file, or a Pillow picture.
        size: longest side in pixels of the result, at least 16. A larger picture is shrunk to it with its
            proportions kept; a smaller one stays as it is. None keeps the original size.

    Returns:
        float32 tensor (1, 3, H, W), RGB, in [0, 1].

    Raises:
        ImageError: the file is missing, is no picture, is damaged, is smaller than 16 px on a side (before or
            after shrinking) or has more than 80 million pixels.
        ValueError: size is no positive number of pixels.
    """
    size = check_size(size)
    picture = read_picture(path)
    sides = fit_sides(picture.size, size)
    if picture.size != sides:
        picture = picture.resize(sides, Image.Resampling.LANCZOS)
    _check_side(*sides, name_of(path))
    return from_pil(picture)


def as_picture(source: Any, role: str = "picture", size: int | None = None) -> Tensor:
    """Whatever holds a picture, as a tensor: every picture comes in through this function.

    Args:
        source: a file's path, an open binary file, a Pillow picture, a NumPy array (H, W, 3) or (H, W), a
            tensor (1, 3, H, W), or a Result or Step that holds one. Values are levels from 0 to 255 (uint8)
            or floats in [0, 1].
        role: what the picture is, for messages: "content".
        size: longest side in pixels of the result, as in `load_image`.

    Returns:
        float32 tensor (1, 3, H, W), RGB, in [0, 1], on the CPU.

    Raises:
        ImageError: it is no picture, cannot be read, has another shape or range, holds NaN, or is smaller
            than 16 px on a side.
        ValueError: size is no positive number of pixels.
    """
    size = check_size(size)
    if is_file(source):
        return load_image(source, size)
    image = check_picture(as_tensor(source, role), role).cpu()
    height, width = fit_sides(image.shape[2:], size)
    _check_side(width, height, role)
    return image if image.shape[2:] == (height, width) else resize_image(image, height, width).clamp(0, 1)


def save_image(image: Any, path: str | os.PathLike[str], recipe: Recipe | None = None) -> None:
    """Write a picture to a file; its ending (.png, .jpg, .webp, .tif, .bmp) chooses the format.

    Floats outside [0, 1] are clamped. The file appears whole or not at all: it is written under another name
    first.

    Args:
        image: tensor (1, 3, H, W), RGB, floats in [0, 1] or uint8 from 0 to 255.
        path: where to write; an existing file is replaced.
        recipe: how it was made, to be kept in the file (in any format but BMP); `read_recipe` finds it there.

    Raises:
        ImageError: unknown ending, missing or read-only folder, or an image of another shape or range or with
            NaN in it.
    """
    picture, target = to_pil(image), check_output(path)
    kind = FORMATS[os.path.splitext(path)[1].lower()]
    with temporary_file(target) as temporary:
        # 4:4:4 keeps the colour of thin brush strokes, which JPEG's default would average over 2x2 pixels
        options = {"quality": 95, "subsampling": 0} if kind == "JPEG" else {}
        picture.save(temporary, kind, **options, **options_for(recipe, kind))
        if target.exists():
            shutil.copymode(target, temporary)       # who may read the old file may read the new one
        os.replace(temporary, target)


def resize_image(image: Tensor, height: int, width: int) -> Tensor:
    """Scale a picture to height x width pixels (bicubic, with antialiasing when it shrinks).

    Args:
        image: tensor (1, 3, H, W).

    Returns:
        tensor (1, 3, height, width); may slightly leave the range of `image`, as bicubic curves do.
    """
    return F.interpolate(image, (height, width), mode="bicubic", antialias=True, align_corners=False)


def from_pil(picture: Image.Image) -> Tensor:
    """Pillow picture -> float32 tensor (1, 3, H, W), RGB, in [0, 1]."""
    rows = torch.from_numpy(np.array(picture.convert("RGB")))    # (H, W, 3), uint8
    return rows.permute(2, 0, 1)[None].float().div(255).contiguous()


def to_pil(image: Any) -> Image.Image:
    """Tensor (1, 3, H, W) or (3, H, W) -> 8-bit RGB Pillow picture.

    Floats are clamped to [0, 1], uint8 are levels from 0 to 255. A NumPy array (H, W, 3) and a Pillow picture
    are understood as well.

    Raises:
        ImageError: no picture, another shape, NaN, or floats that are far from [0, 1] on average.
    """
    if isinstance(image, Image.Image):
        return image.convert("RGB")
    image = as_tensor(image, tr("the picture")).detach().cpu()
    image = image[None] if image.ndim == 3 and len(image) == 3 else image
    if image.ndim != 4 or image.shape[:2] != (1, 3):
        problem = tr("a picture has shape (1, 3, H, W), got {shape}", shape=tuple(image.shape))
        raise ImageError(with_hint(problem, shape_hint(image.shape)))
    image = image.float() if image.is_floating_point() else check_range(image, tr("the picture"))
    if not image.isfinite().all():
        raise ImageError(tr("the picture contains NaN or infinite values: the optimisation that made it "
                            "diverged"))
    if image.abs().mean() > FAR:
        raise ImageError(out_of_range(tr("the picture"), float(image.min()), float(image.max())))
    levels = image.clamp(0, 1).mul(255).round().byte()
    return Image.fromarray(levels[0].permute(1, 2, 0).numpy())      # (H, W, 3)


def _check_side(width, height, name):
    if min(width, height) < MIN_SIDE:
        raise ImageError(tr("{name} is {width}x{height} px here; the network needs at least {least} px a "
                            "side: use a larger picture or a larger size",
                            name=name, width=width, height=height, least=MIN_SIDE))
