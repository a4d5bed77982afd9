"""Pictures: from a file to a tensor and back.

Everywhere in this package a picture is a float32 tensor of shape (1, 3, H, W): one picture, red green blue, H rows of
W pixels, values in [0, 1].
"""
import contextlib
import io
import os
import tempfile
import warnings
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, ImageOps

MIN_SIDE = 16               # VGG halves a picture four times on its way to conv5_1: 16 px become 1
MAX_PIXELS = 80_000_000     # an 80-megapixel photo needs about 1 GB as a float tensor
FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP", ".tif": "TIFF", ".tiff": "TIFF", ".bmp": "BMP"}


class ImageError(ValueError):
    """A picture that cannot be read, used or written. The message says why, and what to do."""


def load_image(path, size=None):
    """Read a picture file as a tensor.

    The camera's rotation (EXIF) is applied, transparent parts are laid on white, and grey, palette, CMYK and 16-bit
    pictures become RGB.

    Args:
        path: a file's path, or an open binary file.
        size: longest side in pixels of the result, at least 16. A larger picture is shrunk to it with its proportions
            kept; a smaller one stays as it is. None keeps the original size.

    Returns:
        float32 tensor (1, 3, H, W), RGB, in [0, 1].

    Raises:
        ImageError: the file is missing, is no picture, is damaged, is smaller than 16 px on a side (before or after
            shrinking) or has more than 80 million pixels.
        ValueError: size is no positive number of pixels.
    """
    if size is not None:
        check_positive_int("size", size, "number of pixels")
    picture = _to_rgb(_open(path))
    if size is not None and max(picture.size) > size:
        scale = size / max(picture.size)
        shape = [max(1, round(side * scale)) for side in picture.size]
        picture = picture.resize(shape, Image.Resampling.LANCZOS)
    if min(picture.size) < MIN_SIDE:
        width, height = picture.size
        raise ImageError(f"{_name(path)} is {width}x{height} px here; the network needs at least {MIN_SIDE} px a side: "
                         "use a larger picture or a larger size")
    return from_pil(picture)


def save_image(image, path):
    """Write a picture to a file; its ending (.png, .jpg, .webp, .tif, .bmp) chooses the format.

    Values outside [0, 1] are clamped. The file appears whole or not at all: it is written under another name first.

    Args:
        image: tensor (1, 3, H, W), RGB.
        path: where to write; an existing file is replaced.

    Raises:
        ImageError: unknown ending, missing or read-only folder, or an image of another shape or with NaN in it.
    """
    path = check_output(path)
    picture = to_pil(image)
    with _temporary_file(path) as temporary:
        # 4:4:4 keeps the colour of thin brush strokes, which JPEG's default would average over 2x2 pixels
        options = {"quality": 95, "subsampling": 0} if FORMATS[path.suffix.lower()] == "JPEG" else {}
        picture.save(temporary, FORMATS[path.suffix.lower()], **options)
        os.replace(temporary, path)


def check_output(path):
    """Find out before the work whether a picture can be written to `path`; return it as a Path.

    Raises:
        ImageError: unknown ending, a folder in its place, or a folder that is missing or cannot be written to.
    """
    path = Path(path)
    if path.suffix.lower() not in FORMATS:
        raise ImageError(f"cannot tell the picture format of {str(path)!r}: end its name in {', '.join(FORMATS)}")
    if path.is_dir():
        raise ImageError(f"{path} is a folder: give the name of a picture file")
    if not path.parent.is_dir():
        raise ImageError(f"the folder {path.parent} does not exist: create it or choose another")
    with _temporary_file(path):
        return path


def resize_image(image, height, width):
    """Scale a picture to height x width pixels (bicubic, with antialiasing when it shrinks).

    Args:
        image: tensor (1, 3, H, W).

    Returns:
        tensor (1, 3, height, width); may slightly leave the range of `image`, as bicubic curves do.
    """
    return F.interpolate(image, (height, width), mode="bicubic", antialias=True, align_corners=False)


def from_pil(picture):
    """Pillow picture -> float32 tensor (1, 3, H, W), RGB, in [0, 1]."""
    rows = torch.from_numpy(np.array(picture.convert("RGB")))    # (H, W, 3), uint8
    return rows.permute(2, 0, 1)[None].float().div(255).contiguous()


def to_pil(image):
    """Tensor (1, 3, H, W) or (3, H, W), clamped to [0, 1] -> 8-bit RGB Pillow picture."""
    image = image.detach().float().cpu()
    if image.ndim == 4 and len(image) == 1:
        image = image[0]
    if image.ndim != 3 or len(image) != 3:
        raise ImageError(f"a picture has shape (1, 3, H, W), got {tuple(image.shape)}")
    if not image.isfinite().all():
        raise ImageError("the picture contains NaN or infinite values: the optimisation that made it diverged")
    levels = image.clamp(0, 1).mul(255).round().byte()
    return Image.fromarray(levels.permute(1, 2, 0).numpy())      # (H, W, 3)


def check_positive_int(name, value, unit):
    """Raise a ValueError that quotes `value`, unless it is a whole number above zero."""
    if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
        raise ValueError(f"{name} must be a positive {unit}, got {value!r}")


def _name(path):
    return str(getattr(path, "name", path) if hasattr(path, "read") else path)


def _open(path):
    """Decode a file with Pillow, turning each of its many ways to fail into an ImageError."""
    try:
        data = path.read() if hasattr(path, "read") else Path(path).read_bytes()
    except FileNotFoundError:
        raise ImageError(f"no such file: {path}") from None
    except IsADirectoryError:
        raise ImageError(f"{path} is a folder, not a picture") from None
    except OSError as error:
        raise ImageError(f"cannot read {_name(path)} ({error.strerror}): check its permissions") from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)    # our own limit follows
            picture = Image.open(io.BytesIO(data))
        width, height = picture.size                 # known from the header, before anything is decoded
        if width * height > MAX_PIXELS:
            raise Image.DecompressionBombError(f"{width}x{height}")
        picture.load()
        return picture
    except Image.DecompressionBombError:
        raise ImageError(f"{_name(path)} has more than {MAX_PIXELS // 10**6} million pixels: shrink it first") from None
    except Image.UnidentifiedImageError:
        raise ImageError(f"{_name(path)} is not a picture that can be read: use a JPEG, PNG, WebP or TIFF file") from None
    except Exception as error:      # a damaged file makes Pillow's decoders raise almost anything
        raise ImageError(f"{_name(path)} is damaged and cannot be decoded ({error}): get a fresh copy") from None


def _to_rgb(picture):
    """Any Pillow picture, turned upright -> RGB."""
    picture = ImageOps.exif_transpose(picture)
    if picture.mode == "F":
        raise ImageError("pictures of floating-point numbers have no agreed range: convert it to 8 or 16 bits")
    if picture.mode.startswith("I"):                 # 16-bit grey; Pillow's own conversion would clip it to white
        grey = np.asarray(picture).astype(np.float64) / 65535 * 255
        picture = Image.fromarray(grey.clip(0, 255).round().astype(np.uint8))
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
    return picture.convert("RGB")


@contextlib.contextmanager
def _temporary_file(path):
    """A new empty file beside `path`; gone at the end, unless it was renamed to `path` meanwhile."""
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=path.suffix, dir=path.parent)
    except OSError as error:
        raise ImageError(f"cannot write to the folder {path.parent} ({error.strerror}): choose another") from None
    os.close(handle)
    umask = os.umask(0)
    os.umask(umask)
    os.chmod(temporary, 0o666 & ~umask)              # mkstemp makes private files; a picture is an ordinary one
    try:
        yield temporary
    except OSError as error:
        raise ImageError(f"cannot write {path} ({error.strerror or error}): choose another place") from None
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
