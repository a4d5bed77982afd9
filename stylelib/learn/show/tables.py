"""Activations laid out as a table, small tables with names, and what an entry of a Gram matrix stands for."""
from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn.functional as F
from matplotlib.patches import ConnectionPatch, Rectangle
from torch import Tensor

from ...engine.language import mark, tr
from ...images import to_pil
from .figures import WIDTH, finish

WIDE = 7.5                  # inches: two channels and their product
PATCHES = 4                 # below each map
CELL = 0.5                  # height of a number's cell in inches
DIM = 0.1                   # what is left of the painting where a channel is silent


def unrolled(block: Tensor, names: Sequence[str], positions: Sequence[str], width: float = WIDTH) -> None:
    """Draw how a small block of activations becomes a table: each map, read line by line, is a row.

    Args:
        block: (C, H, W) activations.
        names: of the C channels.
        positions: names of the H*W positions, line by line.
        width: of the figure in inches.

    Raises:
        ValueError: there are not as many names as channels, or positions.
    """
    block = block.detach().float().cpu()
    channels, height, columns = block.shape
    _check_count(names, channels, mark("{names} names for {count} channels: {list}"))
    _check_count(positions, height * columns, mark("{names} names for {count} positions: {list}"))
    figure, axes = plt.subplots(channels, 2, figsize=(width, 1.25 * channels + 0.6), squeeze=False,
                                width_ratios=[1, 2.4], layout="constrained")
    for (left, right), values, name in zip(axes, block, names):
        for axis, shown in ((left, values), (right, values.flatten()[None])):
            _draw_numbers(axis, shown, float(block.max()))
            axis.set_aspect("equal")
        left.set_yticks([(height - 1) / 2], [name], fontsize=12)
        figure.add_artist(ConnectionPatch((1.05, 0.5), (-0.02, 0.5), "axes fraction", axesA=left, axesB=right,
                                          arrowstyle="-|>", mutation_scale=22, color="0.4", linewidth=2))
    axes[0, 0].set_title(tr("the block: {maps} maps of {height} x {width}", maps=channels, height=height,
                            width=columns), fontsize=12)
    axes[0, 1].set_title(tr("the table F: {rows} rows, {columns} columns", rows=channels,
                            columns=height * columns), fontsize=12)
    axes[-1, 1].set_xticks(range(height * columns), positions, fontsize=11)
    finish(figure, None)


def tables(given: Mapping[str, tuple[Tensor, Sequence[str], Sequence[str]]], columns: int | None = None,
           digits: str = ".3g") -> None:
    """Show small tables of numbers with names, all cells of the same size.

    Args:
        given: {caption: (table, names of its rows, names of its columns)}.
        columns: tables in a row; None puts all of them there.
        digits: format of the numbers.

    Raises:
        ValueError: a table has not as many names as rows, or columns.
    """
    if not given:
        raise ValueError(tr("show.tables needs {example}, got an empty dict",
                            example="{caption: (table, names of rows, of columns)}"))
    columns = columns or len(given)
    rows = -(-len(given) // columns)
    for table, down, across in given.values():
        _check_count(down, table.shape[0], mark("{names} names for {count} rows: {list}"))
        _check_count(across, table.shape[1], mark("{names} names for {count} columns: {list}"))
    shapes = [table.shape for table, *_ in given.values()]
    widths = [max(across for _, across in shapes[i::columns]) for i in range(columns)]
    heights = [max(down for down, _ in shapes[i * columns:(i + 1) * columns]) for i in range(rows)]
    size = 1.9 * CELL * sum(widths) + 0.9 * columns, CELL * sum(heights) + 0.8 * rows
    figure, axes = plt.subplots(rows, columns, figsize=size, squeeze=False, width_ratios=widths,
                                height_ratios=heights, layout="constrained")
    for axis in axes.flat:
        axis.axis("off")
    for axis, (caption, (table, down, across)) in zip(axes.flat, given.items()):
        axis.axis("on")
        _draw_numbers(axis, table.detach().float().cpu(), float(table.detach().max()), digits)
        axis.set_yticks(range(len(down)), down, fontsize=11)
        axis.set_xticks(range(len(across)), across, fontsize=11)
        axis.set_title(caption, fontsize=12)
    finish(figure, None)


def together(painting: Tensor, block: Tensor, pair: Sequence[int], patch: int,
             title: str | None = None) -> None:
    """Show what one entry of a Gram matrix means: where two channels are active, and where both are at once.

    Above, the painting is bright where the first channel is active, where the second is, and where their
    product is large. Below are the patches of the painting where each is largest.

    Args:
        painting: (1, 3, H, W).
        block: its activations in one layer, (1, C, h, w), after the ReLU.
        pair: the two channels.
        patch: side of the patches in pixels: the layer's receptive field.
        title: of the whole figure.
    """
    picture = np.asarray(to_pil(painting)) / 255
    size = picture.shape[:2]
    a, b = (block[0, channel].detach().float().cpu() for channel in pair)
    agreement = float((a * b).mean() / (a.square().mean() * b.square().mean()).sqrt())
    shown = {tr("channel {number}", number=pair[0]): a / a.max(),
             tr("channel {number}", number=pair[1]): b / b.max(),
             tr("both at once: {agreement:.2f}", agreement=agreement): (a * b / a.max() / b.max()).sqrt()}
    high = WIDE / 3 * size[0] / size[1]
    figure, axes = plt.subplots(2, 3, figsize=(WIDE, high + 1.1), height_ratios=[high, WIDE / 3 / PATCHES],
                                layout="constrained")
    for (above, below), (caption, values) in zip(axes.T, shown.items()):
        above.imshow(picture * _light(values, size), interpolation="lanczos")
        above.set_title(caption, fontsize=12)
        corners = largest(values, PATCHES, patch, size)
        for top, left in corners:
            above.add_patch(Rectangle((left, top), patch, patch, fill=False, edgecolor="white"))
        below.imshow(_strip([picture[top:top + patch, left:left + patch] for top, left in corners]),
                     interpolation="lanczos")
        for axis in (above, below):
            axis.axis("off")
    finish(figure, title)


def largest(values: Tensor, count: int, side: int, size: tuple[int, int]) -> list[tuple[int, int]]:
    """Where a map is largest: (top, left) corners of squares in a picture that do not overlap much.

    Args:
        values: (h, w) map of the picture.
        count: how many squares.
        side: of a square, in pixels.
        size: (H, W) of the picture.
    """
    left_over = values.detach().clone().float()
    down, across = size[0] / values.shape[0], size[1] / values.shape[1]         # pixels per position
    corners = []
    for _ in range(count):
        y, x = divmod(int(left_over.argmax()), values.shape[1])
        top, left = (min(max(round((at + 0.5) * step - side / 2), 0), whole - side)
                     for at, step, whole in ((y, down, size[0]), (x, across, size[1])))
        corners.append((top, left))
        tall, wide = int(side / down), int(side / across)
        left_over[max(y - tall, 0):y + tall + 1, max(x - wide, 0):x + wide + 1] = -torch.inf
    return corners


def _light(values, size):
    """How much of each pixel is left, (H, W, 1), where a map's values go from 0 to 1."""
    light = F.interpolate(values[None, None], size, mode="bilinear").clamp(0, 1).sqrt()[0, 0, :, :, None]
    return (DIM + (1 - DIM) * light).numpy()


def _strip(patches):
    """Patches side by side, with a white seam between them."""
    framed = [np.pad(patch, ((0, 0), (1, 1), (0, 0)), constant_values=1) for patch in patches]
    return np.concatenate(framed, axis=1)


def _draw_numbers(axis, values, top, digits=".3g"):
    """A small table of colours with its numbers, without ticks."""
    axis.imshow(values.numpy(), cmap="viridis", vmin=0, vmax=top, aspect="auto")
    axis.set(xticks=[], yticks=[])
    axis.tick_params(length=0)
    for edge in axis.spines.values():
        edge.set_visible(False)
    for y, numbers in enumerate(values.tolist()):
        for x, value in enumerate(numbers):
            axis.text(x, y, f"{value:{digits}}", ha="center", va="center", fontsize=14,
                      color="white" if value < top / 2 else "black")


def _check_count(names, count, complaint):
    if len(names) != count:
        raise ValueError(tr(complaint, names=len(names), count=count, list=", ".join(names)))
