"""Paint in one pass."""
from functools import lru_cache

import torch
from torch import Tensor
from torch.nn import Module

from ..scene import Painting, Scene, scaled
from .predictor import SEEN
from .ready import any_style

any_style = lru_cache(maxsize=1)(any_style)


def instant(scene: Scene) -> Tensor:
    """The scene's photo in the manner of its paintings, in one pass: what `init="fast"` starts from.

    Args:
        scene: several paintings without masks are mixed in their numbers; with masks, each is painted, and
            the pictures are mixed by masks and shares.

    Returns:
        (1, 3, H, W), in [0, 1]; `scene.shown` still mixes in the photo, or its colours.
    """
    painter, predictor = any_style()
    with torch.no_grad():
        styles = [style_numbers(painting, predictor) for painting in scene.paintings]
        shares = torch.tensor([painting.share for painting in scene.paintings])
        if all(painting.mask is None for painting in scene.paintings):
            mixed = (torch.cat(styles) * (shares / shares.sum())[:, None]).sum(0, keepdim=True)
            return painter(scene.photo, mixed)
        pictures = torch.cat([painter(scene.photo, style) for style in styles])
    height, width = scene.size
    masks = torch.cat([scene.photo.new_ones(1, 1, height, width) if painting.mask is None else painting.mask
                       for painting in scene.paintings]) * shares.view(-1, 1, 1, 1)
    # Where no mask applies, any picture will do: the photo covers it
    return (pictures * masks).sum(0, keepdim=True) / masks.sum(0, keepdim=True).clamp(min=1e-6)


def style_numbers(painting: Painting, predictor: Module) -> Tensor:
    """A painting's style in 100 numbers, (1, 100)."""
    return predictor(scaled(painting.image, SEEN, SEEN))
