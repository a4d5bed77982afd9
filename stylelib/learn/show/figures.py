"""The figures that every notebook draws: pictures, curves and tables of colour."""
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from ...engine.inputs import ImageError, held
from ...engine.language import mark, tr
from ...images import to_pil

WIDTH = 9.0                 # inches; 100 dots each
TERMS = (mark("content"), mark("style"), mark("smoothness"))         # of a loss


def pictures(images: Mapping[str, Any], columns: int | None = None, title: str | None = None,
             width: float = WIDTH, zoom: str | None = None) -> None:
    """Show pictures side by side, each with its caption above.

    Args:
        images: {caption: picture}; a picture is a tensor (1, 3, H, W) in [0, 1], or (H, W) for shades of
            grey, which are stretched from their smallest to their largest value; or a Pillow picture, a NumPy
            array (H, W, 3), a `Result` or a `Step`. Captions may have several lines.
        columns: pictures in a row; None puts up to four.
        title: of the whole figure.
        width: of the whole figure in inches.
        zoom: None smooths small pictures; "pixels" shows each pixel as a square.

    Raises:
        ValueError: no pictures with captions, or (ImageError) one that cannot be shown.
    """
    shown = _drawable(images)
    columns = columns or min(4, len(shown))
    rows = math.ceil(len(shown) / columns)
    aspect = max(image.shape[0] / image.shape[1] for image in shown.values())
    caption_lines = max(caption.count("\n") + 1 for caption in shown)
    cell = width / columns
    height = rows * (cell * aspect + 0.2 * caption_lines) + (0.35 if title else 0)
    figure, axes = plt.subplots(rows, columns, figsize=(width, height), squeeze=False, layout="constrained")
    for axis in axes.flat:
        axis.axis("off")
    for axis, (caption, image) in zip(axes.flat, shown.items()):
        # the map is for (H, W) only
        axis.imshow(image, cmap="gray", interpolation="nearest" if zoom == "pixels" else "lanczos")
        axis.set_title(caption, fontsize=9)
    finish(figure, title)


def _drawable(images):
    """{caption: array (H, W, 3) or (H, W)}, or a clear ImageError that names the caption."""
    check_named(images, "pictures", "{'caption': picture}")
    arrays = {}
    for caption, image in images.items():
        image = held(image)
        try:
            grey = isinstance(image, (torch.Tensor, np.ndarray)) and image.ndim == 2
            # Pillow has no grey beyond 0..255: those go to Matplotlib as they are
            values = torch.as_tensor(image).detach().float().cpu() if grey else to_pil(image)
            arrays[str(caption)] = np.asarray(values)
        except ImageError as error:
            raise ImageError(f"{caption!r}: {error}") from None
    return arrays


def check_named(values: Any, what: str, example: str = "{'name': values}") -> None:
    """A ValueError unless it is a dict with something in it.

    Args:
        values: what a function of `show` was given.
        what: the function's name.
        example: how to write it right.
    """
    if not isinstance(values, dict) or not values:
        raise ValueError(
            tr("show.{function} needs names: write {example}, got an empty dict", function=what,
               example=example) if isinstance(values, dict) else
            tr("show.{function} needs names: write {example}, got a {type}", function=what, example=example,
               type=type(values).__name__))


def term_name(name: str) -> str:
    """What a curve is called: the terms of a loss in the reader's language, other names as they are."""
    return tr(name) if name in TERMS else name


def curves(series: Mapping[str, Any], title: str | None = None, x: str | None = None,
           y: str | None = None, log: bool = True) -> None:
    """Draw curves over a common axis.

    Args:
        series: {name: values} or {name: (xs, values)}.
        title: of the figure.
        x, y: names of the axes; None says "step" and "loss".
        log: logarithmic y axis.
    """
    check_named(series, "curves")
    figure, axis = plt.subplots(figsize=(WIDTH * 0.85, 3.0), layout="constrained")
    styles = ["-", "--", "-.", ":"]                   # told apart without colours as well
    for i, (name, values) in enumerate(series.items()):
        xs, values = values if isinstance(values, tuple) else (range(1, len(values) + 1), values)
        axis.plot(xs, values, styles[i % 4], label=term_name(name), linewidth=1.8)
    if log:
        set_log_scale(axis)
    axis.set_xlabel(tr("step") if x is None else x)
    axis.set_ylabel(tr("loss") if y is None else y)
    axis.grid(alpha=0.3)
    # beside the curves: "best" jumps when they change a little
    figure.legend(loc="outside right center", fontsize=9)
    finish(figure, title)


def set_log_scale(axis: Axes) -> None:
    """A logarithmic y axis with plain numbers; over less than three decades also at 2 and 5."""
    axis.set_yscale("log")
    low, high = axis.get_ylim()
    between = ("2", "5") if high < 1000 * low else ()
    axis.yaxis.set_major_formatter("{x:g}")
    axis.yaxis.set_minor_formatter(lambda value, _: f"{value:g}" if f"{value:e}"[0] in between else "")


def losses(history: Iterable[Any], title: str | None = None) -> None:
    """Draw each loss term over the steps, on a logarithmic axis.

    Args:
        history: a Result's, or a list of Steps.
        title: of the figure.
    """
    steps = list(history)
    series = {}
    for name in dict.fromkeys(name for step in steps for name in step.losses):
        known = [step for step in steps if name in step.losses]
        series[name] = [step.index for step in known], [step.losses[name] for step in known]
    curves(series, title)


def heatmaps(matrices: Mapping[str, Tensor], title: str | None = None, columns: int | None = None,
             shared: bool | tuple[float, float] = False, values: bool | str = False,
             names: tuple[Sequence[str], Sequence[str]] | None = None, width: float = WIDTH) -> None:
    """Show matrices as tables of colour, each with its own scale beside it.

    Args:
        matrices: {caption: (rows, columns) tensor}.
        title: of the whole figure.
        columns: matrices in a row; None puts up to four.
        shared: one scale for all; (lowest, highest) sets it, so that two figures can be compared.
        values: write each number into its cell; a format such as ".2f" chooses the digits.
        names: (of the rows, of the columns) of every matrix, written beside and below it.
        width: of the whole figure in inches.
    """
    check_named(matrices, "heatmaps")
    columns = columns or min(4, len(matrices))
    rows = math.ceil(len(matrices) / columns)
    size = (width, rows * width / columns * 0.85 + 0.3)
    figure, axes = plt.subplots(rows, columns, figsize=size, squeeze=False, layout="constrained")
    low, high = shared if isinstance(shared, tuple) else (None, None)
    if shared is True:
        everything = torch.cat([matrix.detach().float().flatten() for matrix in matrices.values()])
        low, high = float(everything.min()), float(everything.max())
    for axis in axes.flat:
        axis.axis("off")
    for axis, (caption, matrix) in zip(axes.flat, matrices.items()):
        matrix = matrix.detach().float().cpu()
        drawn = axis.imshow(matrix, cmap="viridis", interpolation="nearest", vmin=low, vmax=high)
        axis.set_title(caption, fontsize=9)
        figure.colorbar(drawn, ax=axis, shrink=0.7)
        if names:
            _write_names(axis, *names)
        if values:
            middle = sum(drawn.get_clim()) / 2
            _write_values(axis, matrix, values if isinstance(values, str) else ".3g", middle)
    finish(figure, title)


def _write_names(axis, rows, columns):
    """Beside and below a matrix."""
    axis.axis("on")
    axis.set_yticks(range(len(rows)), rows, fontsize=8)
    axis.set_xticks(range(len(columns)), columns, fontsize=8)
    axis.tick_params(length=0)


def _write_values(axis, matrix, digits, middle):
    """Each number into its cell, in white where the cell is dark: below the middle of the colours."""
    for row, numbers in enumerate(matrix.tolist()):
        for column, value in enumerate(numbers):
            axis.text(column, row, f"{value:{digits}}", ha="center", va="center", fontsize=8,
                      color="white" if value < middle else "black")


def finish(figure: Figure, title: str | None) -> None:
    """Write a figure's title, and show it.

    Args:
        figure: as it is drawn.
        title: above it, or None.
    """
    if title:
        figure.suptitle(title, fontsize=11)
    plt.show()
