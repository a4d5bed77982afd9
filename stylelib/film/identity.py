"""What a film is painted from, told by content: files may have been moved, or changed, between two starts."""
import hashlib
import os
from collections.abc import Mapping
from numbers import Integral
from typing import Any

from torch.nn import Module

from ..images import as_picture

BLOCK = 2**20           # bytes that are read at once


def file_identity(path: str | os.PathLike[str]) -> str:
    """A file's size and SHA-256, as one text."""
    digest, size = hashlib.sha256(), 0
    with open(os.path.expanduser(path), "rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
            size += len(block)
    return f"{size} bytes {digest.hexdigest()}"


def style_identity(style: Any) -> Any:
    """What tells one style from another, as JSON can hold it.

    Args:
        style: a painting, a number, {number: weight}, a network, the name of one, or a list of these.
    """
    if isinstance(style, list | tuple):
        return [style_identity(one) for one in style]
    if isinstance(style, Mapping):
        return {str(number): float(weight) for number, weight in style.items()}
    if isinstance(style, Integral):
        return {str(int(style)): 1.0}
    if isinstance(style, str | os.PathLike):
        known = os.path.isfile(os.path.expanduser(style))
        return file_identity(style) if known else os.fspath(style)
    tensors = style.state_dict().values() if isinstance(style, Module) else [as_picture(style, "style")]
    digest = hashlib.sha256()
    for tensor in tensors:
        digest.update(tensor.detach().float().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()
