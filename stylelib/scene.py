"""What is painted: the photo, the paintings with their masks, and where the painting starts, at any size."""
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from .engine.checks import check_number
from .engine.inputs import ImageError
from .engine.language import tr
from .images import MIN_SIDE, as_picture, resize_image
from .margin import reflect
from .settings import INITS
from .style.colors import with_colors_of
from .style.masks import layer_mask

QUIET_NOISE = 0.05      # deviation of the noise to start from: full noise is still seen after 200 steps
FADED = 0.1             # contrast of the painting to start from: at 1, few steps give back nearly each pixel


@dataclass(frozen=True, eq=False)       # == on tensors gives no single True or False
class Painting:
    """A painting, and how it is used.

    Attributes:
        image: (1, 3, H, W), RGB, in [0, 1].
        share: how much of it, relative to the shares of the other paintings.
        mask: where on the photo it applies, (1, 1, height, width of the photo) in [0, 1]; None means
            everywhere.
        part: which part of the painting to take, (1, 1, H, W) in [0, 1]; None means all of it.

    Raises:
        ValueError: share is no number, 0 or more.
    """

    image: Tensor
    share: float = 1.0
    mask: Tensor | None = None
    part: Tensor | None = None

    def __post_init__(self):
        check_number(tr("a painting's share"), self.share)

    def at(self, height: int, width: int, shrink: float) -> "Painting":
        """This painting `shrink` times as large, for a photo of height x width."""
        image = _shrunk(self.image, shrink)
        return replace(self, image=image,
                       mask=self.mask if self.mask is None else layer_mask(self.mask, height, width),
                       part=self.part if self.part is None else layer_mask(self.part, *image.shape[2:]))

    def with_margin(self) -> "Painting":
        """This painting as the network sees it."""
        mask, part = (picture if picture is None else reflect(picture) for picture in (self.mask, self.part))
        return replace(self, image=reflect(self.image), mask=mask, part=part)

    def on(self, device: torch.device) -> "Painting":
        """This painting on a device."""
        mask, part = (picture if picture is None else picture.to(device)
                      for picture in (self.mask, self.part))
        return replace(self, image=self.image.to(device), mask=mask, part=part)


@dataclass(frozen=True, eq=False)
class Scene:
    """All pictures of a transfer.

    Attributes:
        photo: (1, 3, H, W), RGB, in [0, 1].
        start: the picture to begin with, likewise.
        paintings: one Painting or more.
        covered: where any painting applies, (1, 1, H, W) in [0, 1]; None means everywhere.
        colors: the photo whose colours are kept, on the CPU; None takes the paintings' colours.
        init: what `start` is: "content", "noise", "style", "fast" or "picture", one of the user's.
    """

    photo: Tensor
    start: Tensor
    paintings: Sequence[Painting]
    covered: Tensor | None = None
    colors: Tensor | None = None
    init: str = "content"

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) of the photo, and so of the result."""
        return self.photo.shape[2], self.photo.shape[3]

    def at(self, height: int, width: int) -> "Scene":
        """The same scene at a smaller size."""
        shrink = height / self.photo.shape[2]
        return replace(self, photo=scaled(self.photo, height, width), start=scaled(self.start, height, width),
                       paintings=[painting.at(height, width, shrink) for painting in self.paintings],
                       covered=self.covered
                       if self.covered is None else layer_mask(self.covered, height, width),
                       colors=self.colors if self.colors is None else scaled(self.colors, height, width))

    def on(self, device: torch.device) -> "Scene":
        """The same scene on a device."""
        return replace(self, photo=self.photo.to(device), start=self.start.to(device),
                       paintings=[painting.on(device) for painting in self.paintings],
                       covered=self.covered if self.covered is None else self.covered.to(device))

    def targets(self) -> tuple[Tensor, list[Painting]]:
        """(photo, paintings) as the network sees them: what a loss is made of."""
        return reflect(self.photo), [painting.with_margin() for painting in self.paintings]

    def seen(self, image: Tensor) -> Tensor:
        """What the loss sees of an image: the photo where all masks are black, so that no style leaks out.

        Where they are grey it sees the image, and a finished painting is mixed with the photo at the end. If
        it saw the mixture, the image behind a mask of 0.3 would have to overshoot threefold to show the
        style.
        """
        return image if self.covered is None else torch.lerp(self.photo, image, (self.covered > 0).to(image))

    def shown(self, image: Tensor) -> Tensor:
        """An image as the user sees it: mixed with the photo by the masks, with kept colours, on the CPU."""
        image = (image if self.covered is None else torch.lerp(self.photo, image, self.covered)).cpu()
        return image if self.colors is None else with_colors_of(image, self.colors)


def start_picture(init: Any, photo: Tensor, painting: Tensor, seed: int = 0) -> Tensor:
    """The picture to begin with, in the photo's size.

    Args:
        init: "content", "noise", "style", or whatever `as_picture` takes.
        photo, painting: (1, 3, H, W) each; sizes may differ.
        seed: of the noise.

    Raises:
        ImageError: init is something else.
    """
    height, width = photo.shape[2:]
    if isinstance(init, str) and init == "content":
        return photo
    if isinstance(init, str) and init == "noise":
        noise = torch.randn(photo.shape, generator=torch.Generator().manual_seed(int(seed)), device="cpu")
        return (0.5 + QUIET_NOISE * noise).clamp(0, 1)
    if isinstance(init, str) and init == "style":
        mean = painting.mean((2, 3), keepdim=True)
        return scaled(mean + FADED * (painting - mean), height, width)
    try:
        return scaled(as_picture(init, "init", max(height, width)), height, width)
    except ImageError as error:
        raise ImageError(tr("init must be {names} or a picture: {error}",
                            names=", ".join(INITS), error=error)) from None


def painting_weights(paintings: Sequence[Painting]) -> list[float]:
    """Each painting's part of the style loss. Where paintings apply, their shares sum to 1 on average.

    A guided Gram matrix is a mean over its mask. Its weight is the mask's area, so that a painting has the
    same strength at each position, however small its part of the photo.

    Raises:
        ValueError: all shares are 0.
    """
    shares, masks = [painting.share for painting in paintings], [painting.mask for painting in paintings]
    if not sum(shares):
        raise ValueError(tr("one of the shares in style_shares must be above 0, got {shares}", shares=shares))
    areas = [1.0 if mask is None else float(mask.mean()) for mask in masks]
    touched = [(mask > 0).float() for mask in masks if mask is not None]
    covered = float(torch.stack(touched).amax(0).mean()) if len(touched) == len(masks) else 1.0
    total = sum(share * area for share, area in zip(shares, areas)) / max(covered, 1e-12)
    return [share * area / max(total, 1e-12) for share, area in zip(shares, areas)]


def scaled(image: Tensor, height: int, width: int) -> Tensor:
    """A picture in another size, in [0, 1] again."""
    return image if image.shape[2:] == (height, width) else resize_image(image, height, width).clamp(0, 1)


def _shrunk(image, factor):
    """Both sides times `factor`, but none below what the network needs."""
    factor = max(factor, MIN_SIDE / min(image.shape[2:]))
    return scaled(image, *(round(side * min(factor, 1.0)) for side in image.shape[2:]))
