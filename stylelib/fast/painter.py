"""A network that paints in one pass: photo in, picture out."""
from collections.abc import Mapping, Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from ..engine.language import tr
from .layers import Layer, Residual


class Painter(nn.Module):
    """Photo and style -> picture, in one pass forward.

    The photo is halved twice, so that a kernel sees more of it and each channel costs less; a row of residual
    blocks repaints it there; then it is doubled twice. All three networks of this course have this form. They
    differ in their channels, and in what describes a style:

    - `train_fast` trains one with `numbers=1`: one style;
    - `many_styles` has 26 numbers, one for each style it knows: 1, 0, 0, ... is the first, mixtures work;
    - `any_style` has 100 numbers, which a second network, the `StylePredictor`, reads off a painting.

    Args:
        widths: channels of the first three layers.
        blocks: residual blocks.
        ends: channels of the last layers but one.
        numbers: how many numbers describe a style.
        plain_start: the first three layers have a bias instead of a normalisation, and gains and shifts have
            a part that all styles share.

    Source: Johnson, Alahi & Fei-Fei 2016, with an eighth to a quarter of its channels, mirrored borders,
        instance normalisation (Ulyanov et al. 2016) and enlarging before the convolution.
    """

    def __init__(self, widths: Sequence[int] = (8, 16, 32), blocks: int = 5, ends: Sequence[int] = (16, 8),
                 numbers: int = 1, plain_start: bool = False):
        super().__init__()
        first, start = widths[0], 0 if plain_start else numbers
        self.contract = nn.ModuleList(
            [Layer(3, first, 9, start, bias=plain_start)]
            + [Layer(before, after, 3, start, stride=2, bias=plain_start)
               for before, after in pairwise(widths)])
        self.blocks = nn.ModuleList(Residual(widths[-1], numbers, plain_start) for _ in range(blocks))
        self.expand = nn.ModuleList(
            [Layer(before, after, 3, numbers, enlarge=2, bias=plain_start)
             for before, after in pairwise([widths[-1], *ends])]
            + [Layer(ends[-1], 3, 9, numbers, bias=plain_start)])
        self.numbers = numbers

    def forward(self, photo: Tensor, style: Tensor | None = None) -> Tensor:
        """Paint.

        Args:
            photo: (N, 3, H, W), RGB, in [0, 1], any size from 16 px.
            style: (N or 1, numbers); None means the only style there is.

        Returns:
            (N, 3, H, W), in (0, 1).

        Raises:
            ValueError: style has another shape, or is missing where there are several.
        """
        height, width = photo.shape[2:]
        style = self._checked(style, photo)
        x = photo.contiguous(memory_format=torch.channels_last)     # faster, and with less memory
        for layer in self.contract:
            x = layer(x, style).relu_()
        for block in self.blocks:
            x = block(x, style)
        for layer in self.expand[:-1]:
            x = layer(x, style).relu()
        x = self.expand[-1](x, style).sigmoid()
        return x[:, :, :height, :width].contiguous()        # halved and doubled twice, 5 px have become 8

    def _checked(self, style, photo):
        if style is None and self.numbers == 1:
            return photo.new_ones(1, 1)
        if style is None:
            raise ValueError(tr("style must be (1 or {photos}, {numbers}), got none",
                                photos=len(photo), numbers=self.numbers))
        if style.ndim != 2 or style.shape[0] not in (1, len(photo)) or style.shape[1] != self.numbers:
            # Translators: a shape: rows, one for each photo, and columns, one for each number of a style
            raise ValueError(tr("style must be (1 or {photos}, {numbers}), got {shape}",
                                photos=len(photo), numbers=self.numbers, shape=tuple(style.shape)))
        return style.to(photo)


def painter_of(weights: Mapping[str, Tensor]) -> Painter:
    """The painter that these weights belong to: its form is read off their shapes.

    Raises:
        KeyError or RuntimeError: they are no painter's weights.
    """
    counts = {part: 1 + max(int(name.split(".")[1]) for name in weights if name.startswith(f"{part}."))
              for part in ("contract", "blocks", "expand")}
    widths = [len(weights[f"contract.{i}.conv.weight"]) for i in range(counts["contract"])]
    ends = [len(weights[f"expand.{i}.conv.weight"]) for i in range(counts["expand"] - 1)]
    numbers = weights["blocks.0.first.norm.gain.weight"].shape[1]
    with torch.device("meta"):
        painter = Painter(widths, counts["blocks"], ends, numbers,
                          plain_start="contract.0.norm.gain.weight" not in weights)
    painter.load_state_dict(dict(weights), assign=True)
    return painter
