"""Ways to paint a film: each frame for itself, steadily, or by optimisation that looks back.

    for picture in paint_frames(photos, film_way("steady", "painting.jpg", size=256)):
        ...

A way keeps nothing in mind. What it needs of the past is handed to it, so that a film can be continued after
an interruption, and scenes can be painted in any order.
"""
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.nn import Module

from ..engine.checks import check_choice, check_number, check_positive_int, check_share
from ..engine.devices import as_device, placed
from ..engine.language import mark
from ..engine.memory import choose_loss, in_plain_words
from ..fast.paint import paint_fast
from ..fast.styles import hand_of, hand_of_painting
from ..images import as_picture
from ..networks import load_network
from ..objective import STYLE_TO_CONTENT, default_layers
from ..optimize import optimize
from ..prepare import make_scene
from ..settings import Settings
from ..transfer import loss_of
from .cuts import is_cut
from .flow import METHODS, motion, warp
from .temporal import JUMPS, long_term, temporal_loss

WAYS = ("fast", "steady", "optimise")
REPAINTED = 0.1         # share of the picture that `steady` paints anew where nothing was hidden
NEIGHBOURHOOD = 6       # px: how far around a pixel its new and its old painting are compared
FIRST = 4               # times as many steps for a frame that has none before it
LEVELS = 255

Before = Sequence[tuple[Tensor, Tensor]]        # (photo, picture) of earlier frames, the latest last


class Way(Protocol):
    """A way to paint a film."""

    @property
    def reach(self) -> int:
        """How many frames before it looks at."""

    def paint(self, photo: Tensor, before: Before) -> Tensor:
        """Paint a frame.

        Args:
            photo: (1, 3, H, W), in [0, 1].
            before: (photo, picture) of the frames before it in the same scene, the latest last; none at the
                beginning of a scene. Only the last `reach` of them matter.

        Returns:
            (1, 3, H, W), in [0, 1], rounded to 8 bits a colour: what a PNG file gives back.
        """


def film_way(way: str, style: Any, size: int = 512, *, strength: float = 1.0,  # noqa: PLR0913 (all knobs)
             repaint: float = REPAINTED, steps: int = 16, style_weight: float = 1.0,
             temporal_weight: float = 300.0, flow: str = "auto", network: Module | None = None,
             device: Any = "auto") -> Way:
    """A way to paint a film.

    Args:
        way: "fast", each frame in one pass of a network, for itself; "steady", the same, but what was painted
            in the frame before moves with its things; "optimise", by optimisation that starts from the frame
            before and is held to it by a temporal loss: slow, and the best.
        style: for "optimise" a painting, or a list of them; else also what `paint_fast` takes.
        size: longest side of the film in pixels: how finely a painting is looked at.
        strength: of "fast" and "steady", from 0, the film itself, to 1.
        repaint: of "steady": which share of each frame is painted anew where the old painting fits the new
            one worst; 1 is "fast".
        steps: of "optimise": updates of each frame; the first frame of a scene gets four times as many.
        style_weight: of "optimise": 0.3 keeps more of the film, 3 takes more of the painting.
        temporal_weight: of "optimise": 0 only starts from the frame before; 300 calms, 3000 hardly lets it
            change.
        flow: how motion is found, see `optical_flow`.
        network: of "optimise", see `stylize`.
        device: "auto" takes a GPU if there is one; or "cpu", "cuda", "mps".

    Raises:
        ImageError: a painting that cannot be read or is too small.
        ValueError: any other argument out of range.
    """
    check_choice("way", way, WAYS)
    check_choice("flow", flow, METHODS)
    settings = Settings(size=size, style_weight=style_weight, device=device)
    if way == "optimise":
        steps = check_positive_int("steps", steps, mark("number of updates"))
        temporal_weight = check_number("temporal_weight", temporal_weight)
        return Optimised(_paintings(style, settings.size), settings, steps, temporal_weight, flow, network)
    one_pass = OnePass(_hands(style, as_device(device)), check_share("strength", strength), device)
    if way == "fast":
        return one_pass
    return Steady(one_pass, check_share("repaint", repaint), flow)


def paint_frames(photos: Iterable[Tensor], way: Way) -> Iterator[Tensor]:
    """Paint a film frame by frame; at a cut, a new scene begins.

    Args:
        photos: (1, 3, H, W) each, in [0, 1], all of one size; read one by one.
        way: from `film_way`.

    Returns:
        Generator of pictures like the photos.
    """
    before: list[tuple[Tensor, Tensor]] = []
    last = None
    for photo in photos:
        if last is not None and is_cut(last, photo):
            before = []
        picture = way.paint(photo, before)
        yield picture
        last, before = photo, [*before, (photo, picture)][-way.reach:] if way.reach else []


@dataclass(frozen=True, eq=False)
class OnePass:
    """Each frame in one pass of a network, for itself: at once, but it flickers.

    Attributes:
        hands: who paints, one `Hand` or more.
        strength: from 0 to 1.
        device: to paint on.
    """

    hands: list[Any]
    strength: float = 1.0
    device: Any = "auto"
    reach: int = 0

    def paint(self, photo: Tensor, before: Before = ()) -> Tensor:
        """See `Way`."""
        size = max(photo.shape[2:])
        return rounded(paint_fast(photo, self.hands, size, strength=self.strength, device=self.device).image)


@dataclass(frozen=True, eq=False)
class Steady:
    """The picture of the frame before, moved along the flow, and painted anew where it must be.

    That is where something was hidden, and where the old painting fits the new one worst. A mean of both
    would be as calm, but soft: strokes that lie on other strokes blur. Measured at 256 px on two clips with
    three styles: a mean with 0.8 of the old picture has 0.64 to 0.80 of the sharpness of frames painted each
    for itself, this one with a tenth painted anew 0.87 to 0.95, at the same flicker.

    Attributes:
        one_pass: paints anew.
        repaint: which share of each frame at least, from 0 to 1.
        flow: see `optical_flow`.
    """

    one_pass: OnePass
    repaint: float = REPAINTED
    flow: str = "auto"
    reach: int = 1

    def paint(self, photo: Tensor, before: Before = ()) -> Tensor:
        """See `Way`."""
        new = self.one_pass.paint(photo)
        if not before:
            return new
        photo_before, picture = before[-1]
        flow, seen = motion(photo, photo_before, self.flow)
        old = warp(picture, flow)
        keep = seen * _soft(_fits(new, old, self.repaint))
        return rounded(torch.lerp(new, old, keep))


@dataclass(frozen=True, eq=False)
class Optimised:
    """Style transfer of each frame, which starts from the frames before it and is held to them.

    Attributes:
        paintings: (1, 3, H, W) each.
        settings: size, style_weight and device are used.
        steps: updates of a frame that has others before it.
        temporal_weight: of `temporal_loss`, beside the weighted content and style losses of `stylize`.
        flow: see `optical_flow`.
        network: None means the VGG-19 of the paper.

    Source: Ruder, Dosovitskiy and Brox 2016, sections 4.1 to 4.3. Departures: relative losses, and what was
        hidden starts from the picture of one pass instead of from the photo.
    """

    paintings: list[Tensor]
    settings: Settings
    steps: int = 16
    temporal_weight: float = 300.0
    flow: str = "auto"
    network: Module | None = None
    reach: int = max(JUMPS)

    def paint(self, photo: Tensor, before: Before = ()) -> Tensor:
        """See `Way`."""
        device = as_device(self.settings.device)
        network = placed(load_network() if self.network is None else self.network, device, "float32")
        scene = make_scene(photo, self.paintings, replace(self.settings, size=max(photo.shape[2:])),
                           network=network)
        content, style = default_layers(network)
        make_loss = choose_loss(network, scene, content_layers=content, style_layers=style,
                                style_weight=self.settings.style_weight * STYLE_TO_CONTENT)
        past = _past(photo, before, self.flow)
        start = scene.start
        for warped, weight in past:
            start = torch.lerp(start, warped, weight)
        loss = self._with_past(loss_of(scene.on(device), make_loss),
                               [(warped.to(device), weight.to(device)) for warped, weight in past])
        steps = self.steps if past else FIRST * self.steps
        for step in in_plain_words(optimize(start.to(device), loss, steps), scene.size):
            image = step.image
        return rounded(image.cpu())

    def _with_past(self, loss, past):
        """The loss of a style transfer, and the temporal loss."""
        def with_past(image):
            terms = loss(image)
            if past and self.temporal_weight:
                terms["temporal"] = self.temporal_weight * sum(temporal_loss(image, *frame) for frame in past)
            return terms
        return with_past


def rounded(image: Tensor) -> Tensor:
    """A picture with the 256 levels of a file, (N, 3, H, W), in [0, 1]."""
    return (image.clamp(0, 1) * LEVELS).round() / LEVELS


def _past(photo, before, method):
    """[(an earlier picture brought along, where it counts)], the nearest first."""
    frames = [before[-jump] for jump in JUMPS if jump <= len(before)]
    motions = [motion(photo, photo_then, method) for photo_then, _ in frames]
    weights = long_term([seen for _, seen in motions])
    return [(warp(picture, flow).clamp(0, 1), weight)
            for (_, picture), (flow, _), weight in zip(frames, motions, weights)]


def _fits(new, old, repaint):
    """1 where the old painting is as good as the new one: all but the worst share; (1, 1, H, W)."""
    difference = _around((new - old).abs().mean(1, keepdim=True), NEIGHBOURHOOD)
    return (difference <= difference.flatten().quantile(1 - repaint)).to(new.dtype)


def _soft(mask):
    """A mask with a soft edge, so that no seam is seen."""
    return _around(mask, 1)


def _around(values, radius):
    """The mean around each position, twice over, so that near ones count more."""
    radius = min(radius, min(values.shape[2:]) - 1)
    for _ in range(2):
        values = F.avg_pool2d(F.pad(values, [radius] * 4, mode="reflect"), 2 * radius + 1, stride=1)
    return values


def _paintings(style, size):
    return [as_picture(painting, "style", size) for painting in _listed(style)]


def _hands(style, device):
    return [hand_of(one, device) or hand_of_painting(one, device) for one in _listed(style)]


def _listed(style):
    return list(style) if isinstance(style, list | tuple) else [style]
