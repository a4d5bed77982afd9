"""Paint in one pass."""
import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from ..engine.checks import check_number, check_share
from ..engine.devices import as_device
from ..engine.language import tr
from ..engine.memory import free_bytes, needs_too_much, too_little
from ..engine.terminal import is_out_of_memory
from ..images import as_picture
from ..prepare import COLORS, make_scene
from ..scene import Scene, scaled
from ..settings import Settings
from .painter import Painter
from .predictor import SEEN
from .styles import hand_after, hand_of

if TYPE_CHECKING:
    from ..transfer import Result

DEFAULTS = Settings()
ONE_PASS = 512          # px: in a larger picture, painted once, the networks' strokes are too fine to be seen
FINE = 384              # px: a start smaller than this is painted at this size and shrunk
SMALLEST = 32           # px: a side that is not halved any more
PHOTOS = 5              # there are at most this many pictures of the full size beside what a layer needs
MATCHED = ("covariance", "histogram")       # ways to keep colours that change the painting


def paint_fast(photo: Any, style: Any, size: int = DEFAULTS.size, *, strength: float = 1.0,  # noqa: PLR0913
               shares: Sequence[float] | None = None, mask: Any = None, style_mask: Any = None,
               style_scale: float = 1.0, keep_colors: bool | str = False,
               device: Any = DEFAULTS.device) -> "Result":
    """Paint the photo in a style at once, with a network that was trained to do so.

    Args:
        photo: whatever `as_picture` takes: a file, a Pillow picture, an array, a tensor.
        style: a painting, likewise; a number from 0 to 25, one of the built-in styles (see `contact_sheet`);
            {number: weight}, a mixture of them; a Painter that `train_fast` has trained, its file, or the
            name of one that ships with the package. Or a list of these.
        size: longest side of the result in pixels. A smaller photo is not enlarged.
        strength: from 0, the photo, to 1. A painting's style is mixed with the photo's own style; with other
            styles the finished picture is mixed with the photo.
        shares: how much of each of several styles; None is equally much.
        mask: where to paint, in the photo's proportions (whatever `as_mask` takes): white where the style
            applies, black where the photo stays, grey for a mixture. With several styles a list of masks.
        style_mask: which part of the painting to look at, likewise in the painting's proportions.
        style_scale: length of the strokes: 2 makes them twice as long, 0.5 half as long. At 1, they have up
            to 512 px the same length in pixels, and above it the same part of the picture.
        keep_colors: as in `Settings`. What has no painting to be recoloured is recoloured when it is painted.
        device: as in `Settings`.

    Returns:
        Result, with an empty history.

    Raises:
        ImageError: a picture that cannot be read or is too small, or a mask that does not fit.
        NetworkError: a network's file that is missing or damaged.
        ValueError: any other argument out of range.
        MemoryError: this size needs more memory than is free.

    Source: Ghiasi et al. 2017 for paintings, Dumoulin, Shlens & Kudlur 2017 for the built-in styles,
        Johnson, Alahi & Fei-Fei 2016 for networks with one style. Above 512 px, and for longer strokes, from
        coarse to fine, see `paint_coarse_to_fine`: their strokes have a fixed length in pixels.
    """
    from ..transfer import Result  # here, because a transfer may begin with `instant`
    strength, device = check_share("strength", strength), as_device(device)
    style_scale = check_number("style_scale", style_scale, above=True)
    photo = as_picture(photo, "photo", size)
    styles = list(style) if isinstance(style, list | tuple) else [style]
    hands = [hand_of(one, device) for one in styles]
    settings = Settings(size=size, init="content", style_shares=shares, keep_colors=keep_colors,
                        # the network that looks at a painting wants it large, however small the result
                        style_scale=max(1.0, 2 * SEEN / max(photo.shape[2:])))
    scene = make_scene(photo, _paintings(styles, hands, photo), settings, mask, style_mask)
    if style_mask is not None:
        _check_parts(hands, scene)
    image = _at_once(scene.on(device), hands, strength, style_scale, keep_colors)
    return Result(scene.shown(image.cpu()), [], start="fast")


def instant(scene: Scene) -> Tensor:
    """The scene's photo in the manner of its paintings, in one pass: what `init="fast"` starts from.

    The networks' strokes have a fixed length in pixels, and in a small picture they bury what is small. So
    it is painted larger, and shrunk. By the yardstick of tests/benchmarks its loss was 21 % lower at 128 px,
    and 5 % at 256 px (medians of ten pairs); after three steps at 128 px still 10 %, after ten 1 %.

    Args:
        scene: several paintings without masks are mixed in their numbers; with masks, each is painted, and
            the pictures are mixed by masks and shares.

    Returns:
        (1, 3, H, W), in [0, 1]; `scene.shown` still mixes in the photo, or its colours.
    """
    return _at_once(scene, [None] * len(scene.paintings), style_scale=min(1.0, max(scene.size) / FINE))


def paint_coarse_to_fine(painter: Painter, photo: Tensor, numbers: Tensor, scale: float = 1.0) -> Tensor:
    """Paint with strokes of a chosen length.

    A network's strokes have a fixed length in pixels. So a smaller photo is painted first, where they are
    longer; the picture is enlarged, mixed with the photo, and painted again, which adds the finer strokes.

    Args:
        painter: the network.
        photo: (1, 3, H, W), in [0, 1].
        numbers: the style, (1, K).
        scale: how much longer the strokes become. Below 1 a larger photo is painted, and shrunk. Between
            powers of 2 the coarsest picture counts less.

    Returns:
        (1, 3, H, W), in [0, 1].
    """
    height, width = photo.shape[2:]
    if scale < 1:
        return scaled(painter(scaled(photo, round(height / scale), round(width / scale)), numbers),
                      height, width)
    if scale > 1 and min(height, width) >= 2 * SMALLEST:
        coarse = paint_coarse_to_fine(painter, scaled(photo, height // 2, width // 2), numbers,
                                      max(scale / 2, 1.0))
        coarse = scaled(coarse, height, width)
        photo = coarse.lerp_(photo, 1 - 0.5 * min(math.log2(scale), 1.0))
    return painter(photo, numbers)


@torch.no_grad()
def _at_once(scene, hands, strength=1.0, style_scale=1.0, keep_colors=False):
    """The scene painted: (1, 3, H, W). A hand that is None stands for the scene's painting."""
    device, shares = scene.photo.device, [painting.share for painting in scene.paintings]
    hands = [hand_after(painting, device) if hand is None else hand
             for painting, hand in zip(scene.paintings, hands)]
    masks = [painting.mask for painting in scene.paintings]
    if all(mask is None for mask in masks) and len({id(hand.painter) for hand in hands}) == 1:
        mixed = sum(share * hand.numbers for share, hand in zip(shares, hands)) / sum(shares)
        hands, masks, shares = [replace(hands[0], numbers=mixed)], [None], [1.0]
    painted, covered = 0, 0
    for hand, mask, share in zip(hands, masks, shares):
        weight = torch.full((1, 1, 1, 1), share, device=device) if mask is None else share * mask
        picture = _painted(scene, hand, strength, style_scale, keep_colors)
        painted, covered = painted + weight * picture, covered + weight
    # Where no mask applies, any picture will do: the photo covers it
    return painted / covered.clamp(min=1e-6)


def _painted(scene, hand, strength, style_scale, keep_colors):
    """The photo as one hand paints it."""
    photo, numbers = scene.photo, hand.numbers
    if hand.predictor is not None and strength < 1:
        numbers = torch.lerp(hand.predictor(scaled(photo, SEEN, SEEN)), numbers, strength)
    scale = style_scale * max(1.0, max(scene.size) / ONE_PASS)
    _check_memory(hand.painter, scene.size, min(scale, 1.0), photo.device)
    try:
        picture = paint_coarse_to_fine(hand.painter, photo, numbers, scale)
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        raise too_little(scene.size) from None
    if hand.predictor is not None:
        return picture
    if keep_colors in MATCHED:
        picture = COLORS[keep_colors](picture, photo)
    return torch.lerp(photo, picture, strength)


def _paintings(styles, hands, photo):
    """What stands in the scene as paintings; the photo, where a style has none."""
    return [style if hand is None else photo for style, hand in zip(styles, hands)]


def _check_parts(hands, scene):
    for hand, painting in zip(hands, scene.paintings):
        if hand is not None and painting.part is not None:
            raise ValueError(tr("style_mask must belong to a painting, and this style has none: leave it "
                                "out"))


def _check_memory(painter, size, scale, device):
    """Whether there is enough memory.

    Raises:
        MemoryError: with a size for which there is.
    """
    height, width = size
    # what goes into a layer of the full size, and what comes out: each is there twice, as 32-bit numbers
    channels = max(layer.conv.in_channels + layer.conv.out_channels
                   for layer in (painter.contract[0], painter.expand[-2]))
    needed = (4 * 2 * channels + 4 * 3 * PHOTOS) * height * width / scale**2
    free = free_bytes(device)
    if needed > free:
        fits = int(max(size) * (free / needed) ** 0.5)
        raise MemoryError(needs_too_much(size, needed / 2**30, free / 2**30, fits))
