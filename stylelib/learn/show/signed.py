"""Maps of values with a sign: zero must look like zero, in all of them."""
import math
from collections.abc import Mapping

import matplotlib.pyplot as plt
from torch import Tensor

from .figures import WIDTH, check_named, finish


def signed(maps: Mapping[str, Tensor], title: str | None = None, columns: int | None = None,
           width: float = WIDTH) -> None:
    """Show maps whose values have a sign, on one scale: zero is white, above is red, below is blue.

    Args:
        maps: {caption: (height, width) tensor}.
        title: of the whole figure.
        columns: maps in a row; None puts up to four.
        width: of the whole figure in inches.

    Raises:
        ValueError: no maps with captions.
    """
    check_named(maps, "signed")
    shown = {caption: values.detach().float().cpu() for caption, values in maps.items()}
    columns = columns or min(4, len(shown))
    rows = math.ceil(len(shown) / columns)
    aspect = max(values.shape[0] / values.shape[1] for values in shown.values())
    height = rows * (0.92 * width / columns * aspect + 0.25) + (0.35 if title else 0)
    figure, axes = plt.subplots(rows, columns, figsize=(width, height), squeeze=False, layout="constrained")
    limit = max(float(values.abs().max()) for values in shown.values()) or 1.0
    for axis in axes.flat:
        axis.axis("off")
    for axis, (caption, values) in zip(axes.flat, shown.items()):
        drawn = axis.imshow(values.numpy(), cmap="RdBu_r", vmin=-limit, vmax=limit, interpolation="nearest")
        axis.set_title(caption, fontsize=10)
        _outline(axis)
    figure.colorbar(drawn, ax=axes, shrink=0.8, fraction=0.05)
    finish(figure, title)


def _outline(axis):
    """A thin frame, or a map of zeros would be invisible on a white page."""
    axis.axis("on")
    axis.set(xticks=[], yticks=[])
    for spine in axis.spines.values():
        spine.set(color="grey", linewidth=0.6)
