"""What a style may be given as: a painting, a number, a mixture of numbers, a network, or a file of one."""
import copy
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from numbers import Integral
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import Module

from ..engine.checks import check_number
from ..engine.language import tr
from ..images import as_picture
from ..scene import Painting, scaled
from ..style.masks import layer_mask
from .painter import Painter
from .predictor import SEEN, StylePredictor
from .ready import ENDING, STYLES, any_style, load_painter, many_styles, trained


@lru_cache(maxsize=2)
def any_style_on(device: torch.device) -> tuple[Painter, StylePredictor]:
    """`any_style` on a device, read once: for painting, not to be changed."""
    painter, predictor = any_style()
    return painter.to(device), predictor.to(device)


@lru_cache(maxsize=2)
def many_styles_on(device: torch.device) -> Painter:
    """`many_styles` on a device, likewise."""
    return many_styles().to(device)


@dataclass(frozen=True, eq=False)
class Hand:
    """Who paints: a network, and which of its styles.

    Attributes:
        painter: the network.
        numbers: the style, (1, K).
        predictor: the network that reads these numbers off a painting, or off a photo; None if none can.
    """

    painter: Painter
    numbers: Tensor
    predictor: StylePredictor | None = None


def hand_of(style: Any, device: torch.device) -> Hand | None:
    """Who paints in a style; None if the style is a painting, or is nothing that is known here.

    Args:
        style: a number, {number: weight}, a Painter with one style, its file, or the name of one that ships
            with the package. A picture file of that name goes first. Or a Hand, as it is.
        device: to paint on.

    Raises:
        ValueError: no such number, weights that make no mixture, a network with several styles.
        NetworkError: a file that holds no network.
    """
    if isinstance(style, Hand):
        return style
    if isinstance(style, Mapping) or (isinstance(style, Integral) and not isinstance(style, bool)):
        return Hand(many_styles_on(device), _row(style, device))
    if isinstance(style, (str, os.PathLike)) and _is_network(style):
        style = load_painter(style)
    if not isinstance(style, Painter):
        return None
    if style.numbers != 1:
        raise ValueError(tr("a painter must have one style to be used like this, got one with {numbers}: "
                            "give {{number: weight}} for the {styles} built-in styles, or a painting",
                            numbers=style.numbers, styles=STYLES))
    weight = next(style.parameters())
    as_it_is = (weight.device, weight.dtype) == (device, torch.float32)
    return Hand(style if as_it_is else copy.deepcopy(style).to(device, torch.float32),
                torch.ones(1, 1, device=device))


def hand_of_painting(painting: Any, device: torch.device) -> Hand:
    """Who paints like a painting, looked at once for many photos.

    Args:
        painting: whatever `as_picture` takes.
        device: to paint on.

    Raises:
        ImageError: it cannot be read, or is too small.
    """
    with torch.no_grad():
        return hand_after(Painting(as_picture(painting, "style", 2 * SEEN)).on(device), device)


def hand_after(painting: Painting, device: torch.device) -> Hand:
    """Who paints like a painting: the network for any style."""
    painter, predictor = any_style_on(device)
    return Hand(painter, style_numbers(painting, predictor), predictor)


def style_numbers(painting: Painting, predictor: Module) -> Tensor:
    """A painting's style in 100 numbers, (1, 100).

    Of a painting with a `part` only the rectangle around it is looked at, and there each position counts by
    the mask. What is more than twice as long as high, or the other way round, is laid out with its mirror
    images: squeezed into the network's square, its strokes would all point one way.
    """
    weight = next(predictor.parameters())
    image, part = painting.image.to(weight), painting.part
    if part is not None:
        rows, columns = (part[0, 0].amax(axis).nonzero() for axis in (1, 0))
        place = (..., slice(rows[0, 0], rows[-1, 0] + 1), slice(columns[0, 0], columns[-1, 0] + 1))
        image, part = image[place], _squarer(part[place])
        part = layer_mask(part.to(weight), SEEN, SEEN)
    return predictor(scaled(_squarer(image), SEEN, SEEN), part)


def _squarer(image):
    """A long picture with its mirror image below it, or beside it, until it is less than twice as long."""
    for axis, other in ((2, 3), (3, 2)):
        while 2 * image.shape[axis] <= image.shape[other]:
            image = torch.cat([image, image.flip(axis)], axis)
    return image


def _is_network(style):
    """Whether a name means a network: it ends like one, or ships with the package and is no file."""
    name = os.fspath(style)
    return isinstance(name, str) and (name.lower().endswith(ENDING)
                                      or (name in trained() and not Path(name).exists()))


def _row(style, device):
    """A number, or {number: weight} -> the row of 26 numbers, whose sum is 1."""
    weights = {style: 1.0} if isinstance(style, Integral) else style
    row = torch.zeros(1, STYLES, device=device)
    for number, weight in weights.items():
        known = isinstance(number, Integral) and not isinstance(number, bool)
        if not known or not 0 <= number < STYLES:
            raise ValueError(tr("a built-in style must be a number from 0 to {last}, got {number!r}",
                                last=STYLES - 1, number=number))
        row[0, int(number)] = check_number(tr("the weight of style {number}", number=number), weight)
    if not row.sum() > 0:
        raise ValueError(tr("one of the weights of the built-in styles must be above 0, got {weights}",
                            weights=dict(weights)))
    return row / row.sum()


