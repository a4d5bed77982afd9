"""From files and arrays to a `Scene`: all pictures read, checked and brought to their sizes."""
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor
from torch.nn import Module

from .engine.language import tr
from .engine.reading import MAX_PIXELS, name_of
from .images import MIN_SIDE, as_picture
from .objective import SQUEEZENET_LAYERS, STYLE_LAYERS
from .scene import Painting, Scene, scaled, start_picture
from .settings import INITS, Settings
from .style.colors import luminance, match_histogram, match_luminance, match_mean_covariance
from .style.masks import as_mask, fit_mask

FAST_SIZE = 128         # px: smaller pictures gain too little from a start that is painted in one pass


def make_scene(content: Any, style: Any, settings: Settings, mask: Any = None,
               style_mask: Any = None, network: Module | None = None) -> Scene:
    """Read all pictures of a transfer.

    Args:
        content: the photo: whatever `as_picture` takes.
        style: the painting, likewise, or a list of paintings.
        settings: its size, style_scale, style_shares, keep_colors, init and seed are used, and for the init
            "auto" its layers and style_weight, too.
        mask: for each painting where on the photo it applies, whatever `as_mask` takes; or None.
        style_mask: for each painting which part of it to take, likewise.
        network: the one that will describe them; None means the VGG-19 of the paper.

    Returns:
        Scene.

    Raises:
        ImageError: a picture that cannot be read or is too small, or a mask that does not fit.
        ValueError: masks or shares that are not one for each painting.
    """
    photo = as_picture(content, "content", settings.size)
    images = [read_painting(painting, max(photo.shape[2:]), settings.style_scale)
              for painting in _listed(style)]
    masks = _fitted(mask, [photo] * len(images), "mask")
    parts = _fitted(style_mask, images, "style_mask")
    shares = settings.style_shares or (1.0,) * len(images)
    if len(shares) != len(images):
        raise ValueError(tr("there must be one share for each painting, got {count} for {paintings}",
                            count=len(shares), paintings=len(images)))
    images = [COLORS[settings.keep_colors](image, photo) for image in images]
    colors = photo if settings.keep_colors in (True, "luminance") else None
    photo = photo if colors is None else _grey(photo)
    init = choose_start(settings, max(photo.shape[2:]), network)
    scene = Scene(photo, photo, list(map(Painting, images, shares, masks, parts)), _covered(masks), colors,
                  init if isinstance(init, str) and init in INITS else "picture")
    start = _instant(scene) if scene.init == "fast" else start_picture(init, photo, images[0], settings.seed)
    return replace(scene, start=start if colors is None else _grey(start))


def choose_start(settings: Settings, size: int, network: Module | None = None) -> Any:
    """`settings.init`, where "auto" has become "fast" or "content".

    Whoever chooses layers, or a network with random weights, wants to see what these do: then nothing may be
    in the start that comes from elsewhere. Otherwise the fast start was ahead with VGG-19 and SqueezeNet:
    after 15 evaluations at 128 px, with two pairs of pictures, the loss was 0.43 to 0.78 times that from the
    photo with each statistic but patches, where it was 0.89 and 1.05 times. At 64 px there was little to
    gain: 0.96 to 1.12 times after 100 steps, with five pairs.

    Args:
        settings: its init, layers and style_weight are used.
        size: longest side of the result in pixels.
        network: the one that will describe the pictures; None means the VGG-19 of the paper.
    """
    if not isinstance(settings.init, str) or settings.init != "auto":
        return settings.init
    usual = (settings.content_layers is settings.style_layers is None and settings.style_weight > 0
             and size >= FAST_SIZE)
    layers = getattr(network, "layers", ()) if getattr(network, "trained", False) else ()
    measured = network is None or any({*names} <= {*layers} for names in (STYLE_LAYERS, SQUEEZENET_LAYERS[1]))
    return "fast" if usual and measured else "content"


def _instant(scene):
    from .fast.paint import instant  # here, because it makes scenes itself
    with torch.device("cpu"):       # whatever the user's default is
        return instant(scene)


def read_painting(source: Any, longest: int, scale: float = 1.0) -> Tensor:
    """A painting, `scale` times as large as at 1, where it is as long as the result, but never enlarged.

    Args:
        source: whatever `as_picture` takes.
        longest: longest side of the result in pixels.
        scale: above 0.

    Raises:
        ImageError: it cannot be read, or is too small.
        ValueError: it would become too large.
    """
    painting = as_picture(source, "style", round(longest * max(scale, 1)))
    sides = painting.shape[2:]
    factor = scale * min(max(sides), longest) / max(sides)
    height, width = (round(side * max(factor, MIN_SIDE / min(sides))) for side in sides)
    if height * width > MAX_PIXELS:
        raise ValueError(tr("style_scale {scale:g} would make the painting {width}x{height} px: take a "
                            "smaller one", scale=scale, width=width, height=height))
    return scaled(painting, height, width)


def _grey(image):
    return luminance(image).expand_as(image)


def _grey_like(painting, photo):
    """The painting in grey, with the photo's range of brightness."""
    return match_luminance(luminance(painting), luminance(photo)).expand_as(painting)


# What keep_colors does with a painting before the transfer
COLORS = {False: lambda painting, photo: painting, True: _grey_like, "luminance": _grey_like,
          "covariance": match_mean_covariance, "histogram": match_histogram}


def _listed(style):
    """One painting or a list of paintings -> a list."""
    paintings = list(style) if isinstance(style, list | tuple) else [style]
    if not paintings:
        raise ValueError(tr("style must be a painting or a list of paintings, got an empty list"))
    return paintings


def _fitted(masks, pictures, role):
    """None, one mask, or a list with one for each picture -> a list of masks of their sizes, or None each."""
    masks = list(masks) if isinstance(masks,
                                      list | tuple) else [masks] * (len(pictures) if masks is None else 1)
    if len(masks) != len(pictures):
        raise ValueError(tr("there must be one {argument} for each painting, got {count} for {paintings}",
                            argument=role, count=len(masks), paintings=len(pictures)))
    return [mask if mask is None else fit_mask(as_mask(mask, role), picture, _called(mask, role))
            for mask, picture in zip(masks, pictures)]


def _called(mask, role):
    """What messages call a mask: its argument's name, and that of its file, if it has one."""
    file = name_of(mask, "")
    return (tr("the {argument} {file}", argument=role, file=file) if file else
            tr("the {argument}", argument=role))


def _covered(masks):
    """Where any painting applies, (1, 1, H, W) in [0, 1]; None for everywhere."""
    if any(mask is None for mask in masks):
        return None
    covered = sum(masks).clamp(max=1)
    return None if covered.min() > 0.99 else covered
