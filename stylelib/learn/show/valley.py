"""Ways down a valley with two variables, seen from above."""
from collections.abc import Callable, Mapping

import matplotlib.pyplot as plt
import torch
from torch import Tensor

from .figures import WIDTH, check_named, finish

LEFT, RIGHT, BOTTOM, TOP = -3.2, 1.2, -1.0, 2.2


def descents(height: Callable[[Tensor], Tensor], paths: Mapping[str, Tensor],
             title: str | None = None) -> None:
    """Draw paths over a valley whose lowest point, a star, is at (0, 0).

    Args:
        height: of the ground above points (..., 2).
        paths: {caption: (steps + 1, 2) tensor}.
        title: of the whole figure.

    Raises:
        ValueError: no paths with captions.
    """
    check_named(paths, "descents")
    x, y = torch.meshgrid(torch.linspace(LEFT, RIGHT, 200), torch.linspace(BOTTOM, TOP, 200), indexing="xy")
    ground = height(torch.stack([x, y], dim=-1)).clamp(min=0.01).log().numpy()
    figure, axes = plt.subplots(1, len(paths), figsize=(WIDTH, WIDTH / len(paths) * 0.85), sharey=True,
                                squeeze=False, layout="constrained")
    for axis, (caption, path) in zip(axes.flat, paths.items()):
        axis.contourf(x.numpy(), y.numpy(), ground, levels=16, cmap="Blues_r")
        axis.plot(*path.numpy().T, "o-", color="crimson", markersize=3.5, linewidth=1.2)
        axis.plot(0, 0, "*", color="gold", markersize=14, markeredgecolor="black", markeredgewidth=0.5)
        axis.set(xlim=(LEFT, RIGHT), ylim=(BOTTOM, TOP), aspect="equal")
        axis.set_title(caption, fontsize=10)
    finish(figure, title)
