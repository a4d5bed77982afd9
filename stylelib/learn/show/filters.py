"""Filters drawn: one that slides over a patch of numbers, and a sheet of many."""
import matplotlib.pyplot as plt
import torch
from matplotlib.patches import Rectangle
from torch import Tensor
from torch.nn import functional

from ...engine.language import tr
from .figures import WIDTH, finish

FRAME = "darkorange"        # of the values below the filter, and of their sum
EDGE = "deepskyblue"        # between the patch and the zeros around it
GAP = 1.7           # between two tables of numbers, in cells


def sliding_filter(patch: Tensor, kernel: Tensor, at: tuple[int, int], title: str | None = None) -> None:
    """Draw one position of a filter that slides over a patch: values, weights, products, and the map.

    The patch gets zeros around it (padding), so that the map is as large as the patch.

    Args:
        patch: (H, W), values from 0 to 1; some 7 x 7 fit.
        kernel: the filter's weights, (k, k) with an odd k.
        at: (row, column) of the value in the map that is worked out, from 0.
        title: of the figure.

    Raises:
        ValueError: other shapes, or a position outside of the map.
    """
    _check(patch, kernel, at)
    patch, kernel, (row, column), size = patch.detach().float(), kernel.detach().float(), at, len(kernel)
    padded = functional.pad(patch, [size // 2] * 4)
    products = padded[row:row + size, column:column + size] * kernel
    answers = functional.conv2d(padded[None, None], kernel[None, None])[0, 0]       # (H, W)
    axis, corners = _draw_tables({tr("the patch, with zeros around it"): padded, tr("the filter"): kernel,
                                  tr("products"): products, tr("the map"): answers}, title)
    _frame(axis, (size // 2, size // 2), patch.shape, EDGE)
    _frame(axis, (column, row), kernel.shape, FRAME)
    _frame(axis, (corners[3][0] + column, corners[3][1] + row), (1, 1), FRAME)
    for sign, (left, _) in zip("×=→", corners[1:]):
        axis.text(left - GAP / 2, len(padded) / 2, sign, ha="center", va="center", fontsize=16)
    left, top = corners[2]
    axis.text(left + size / 2, top + size + 0.35, tr("sum: {sum}", sum=_digits(products.sum())),
              ha="center", va="top", fontsize=11, color=FRAME, weight="bold")
    finish(axis.figure, title)


def filter_sheet(filters: Tensor, columns: int = 8) -> Tensor:
    """Filters of three colours as one picture, with white lines around them.

    Args:
        filters: (N, 3, k, k), in the order red, green, blue.
        columns: filters in a row.

    Returns:
        (1, 3, H, W) in [0, 1]: each filter scaled to its own largest weight, mid-grey for zero.

    Raises:
        ValueError: filters of another shape.
    """
    shape = tuple(filters.shape) if isinstance(filters, Tensor) else type(filters).__name__
    if not isinstance(filters, Tensor) or len(shape) != 4 or shape[1] != 3 or not len(filters):
        raise ValueError(tr("filters must be a tensor of shape (N, 3, k, k), got {shape}", shape=shape))
    columns = min(columns, len(filters))
    largest = filters.abs().amax((1, 2, 3), keepdim=True).clamp_min(1e-12)
    framed = functional.pad(0.5 + 0.5 * filters / largest, (0, 1, 0, 1), value=1.0)
    missing = -len(framed) % columns                            # the last row may be shorter
    framed = functional.pad(framed, (0, 0, 0, 0, 0, 0, 0, missing), value=1.0)
    rows = [torch.cat(list(row), dim=2) for row in framed.split(columns)]
    return functional.pad(torch.cat(rows, dim=1), (1, 0, 1, 0), value=1.0)[None]


def _check(patch, kernel, at):
    """A ValueError unless the filter can be drawn there."""
    if patch.ndim != 2 or kernel.ndim != 2:
        raise ValueError(tr("patch and kernel must be tables (rows, columns), got {patch} and {kernel}",
                            patch=tuple(patch.shape), kernel=tuple(kernel.shape)))
    if kernel.shape[0] != kernel.shape[1] or len(kernel) % 2 == 0:
        raise ValueError(tr("the filter must be square with an odd side, got {shape}",
                            shape=tuple(kernel.shape)))
    if not all(0 <= place < side for place, side in zip(at, patch.shape)):
        raise ValueError(tr("at must be a (row, column) of the patch of {shape}, got {at}",
                            shape=tuple(patch.shape), at=at))


def _draw_tables(tables, title):
    """Tables side by side, the first in grey, and the (left, top) corner of each; the unit is one cell."""
    tall, widths = len(next(iter(tables.values()))), [table.shape[1] for table in tables.values()]
    wide = sum(widths) + GAP * (len(widths) - 1)
    height = WIDTH * (tall + 1) / wide + (0.35 if title else 0)
    axis = plt.figure(figsize=(WIDTH, height), layout="constrained").add_subplot()
    corners, left = [], 0.0
    for caption, table in tables.items():
        corners.append((left, (tall - len(table)) / 2))
        _write_numbers(axis, corners[-1], table, signed=left > 0)
        axis.text(left + table.shape[1] / 2, corners[-1][1] - 0.35, caption, ha="center", fontsize=10)
        left += table.shape[1] + GAP
    axis.set(xlim=(-0.05, wide + 0.05), ylim=(tall + 0.05, -0.95), aspect="equal")
    axis.axis("off")
    return axis, corners


def _write_numbers(axis, corner, table, signed):
    """Numbers on colours: from black to white, or from blue for negative to red for positive."""
    (left, top), (rows, columns) = corner, table.shape
    limit = 1.6 * (float(table.abs().max()) or 1.0)             # pale enough for black numbers
    colours = dict(cmap="RdBu_r", vmin=-limit, vmax=limit) if signed else dict(cmap="gray", vmin=0, vmax=1)
    axis.imshow(table.numpy(), extent=(left, left + columns, top + rows, top), interpolation="nearest",
                **colours)
    for row, numbers in enumerate(table.tolist()):
        for column, value in enumerate(numbers):
            _frame(axis, (left + column, top + row), (1, 1), "0.6", linewidth=0.5)
            axis.text(left + column + 0.5, top + row + 0.5, _digits(value), ha="center", va="center",
                      fontsize=9, color="black" if signed or value > 0.5 else "white")


def _frame(axis, corner, sides, color, linewidth=3.0):
    """Around some rows and columns."""
    rows, columns = sides
    axis.add_patch(Rectangle(corner, columns, rows, fill=False, edgecolor=color, linewidth=linewidth))


def _digits(value):
    """One digit behind the point, none for whole numbers; never "-0"."""
    text = f"{float(value):.1f}".removesuffix(".0")
    return "0" if text == "-0" else text.replace("-", "−")
