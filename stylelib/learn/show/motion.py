"""Drawings of motion: a flow as arrows and as colours, its error, and what cannot be known."""
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.colors import hsv_to_rgb
from torch import Tensor

from ...images import to_pil
from .figures import WIDTH, finish

ARROWS = 16                 # along the width
PALE = 0.55                 # how much white lies over a frame with something drawn on it
HIDDEN = "#d55e00"
LEFT_OUT = 3                # px at the border: what enters or leaves there has no flow that could be found


def optical_flow(frame: Any, flow: Tensor, truth: Tensor | None = None, title: str | None = None) -> None:
    """Draw a flow: as arrows over the frame, and in colours, where the hue is the direction.

    Args:
        frame: (1, 3, H, W), in [0, 1].
        flow: (1, 2, H, W), in pixels, x first.
        truth: the true flow, likewise: it and the error are drawn below.
        title: of the figure.

    Raises:
        ValueError: a flow has not the frame's size.
    """
    pixels = np.asarray(to_pil(frame)) / 255
    flows = [_checked(given, pixels) for given in (flow, *(() if truth is None else (truth,)))]
    longest = max(float(np.quantile(np.hypot(*values), 0.99)) for values in flows) or 1.0
    lines = len(flows)
    figure, axes = plt.subplots(lines, 2, squeeze=False, layout="constrained",
                                figsize=(WIDTH, lines * (WIDTH / 2 * pixels.shape[0] / pixels.shape[1]
                                                         + 0.3)))
    _draw_arrows(axes[0, 0], pixels, flows[0])
    _draw_colors(axes[0, 1], flows[0], longest, "the same in colours" if lines == 1 else "found")
    if lines == 2:
        _draw_error(axes[1, 0], np.hypot(*(flows[0] - flows[1])), longest)
        _draw_colors(axes[1, 1], flows[1], longest, "true")
    finish(figure, title)


def _checked(flow, pixels):
    values = flow.detach().float().cpu().numpy()
    if values.shape != (1, 2, *pixels.shape[:2]):
        raise ValueError(f"show.optical_flow needs a flow (1, 2, {pixels.shape[0]}, {pixels.shape[1]}) for "
                         f"this frame, got {values.shape}")
    return values[0]


def _pale(pixels):
    return PALE + (1 - PALE) * pixels


def _draw_arrows(axis, pixels, flow):
    height, width = pixels.shape[:2]
    step = width // ARROWS or 1
    y, x = np.mgrid[step // 2:height:step, step // 2:width:step]
    u, v = flow[:, y, x]
    longest = float(np.quantile(np.hypot(u, v), 0.95)) or 1.0
    factor = max(1, round(1.4 * step / longest))
    _frame(axis, _pale(pixels))
    axis.quiver(x, y, u * factor, v * factor, angles="xy", scale_units="xy", scale=1, width=0.004,
                color="black", headwidth=4, headlength=4.5, headaxislength=4)
    axis.set(xlim=(-0.5, width - 0.5), ylim=(height - 0.5, -0.5))
    axis.set_title("arrows, " + (f"{factor} times as long as the flow" if factor > 1
                                 else "as long as the flow"), fontsize=10)


def flow_colors(flow: np.ndarray, longest: float) -> np.ndarray:
    """Colours of a flow: hue for its direction, white where nothing moves.

    Args:
        flow: (2, ...), x first, y down.
        longest: the length from which on colours are full.

    Returns:
        (..., 3) in [0, 1].
    """
    hue = (np.arctan2(-flow[1], flow[0]) / (2 * np.pi)) % 1
    strength = np.clip(np.hypot(*flow) / longest, 0, 1)
    return hsv_to_rgb(np.stack([hue, strength, 1 - 0.15 * strength], axis=-1))


def _draw_colors(axis, flow, longest, name):
    _frame(axis, flow_colors(flow, longest))
    axis.set_title(name, fontsize=10)
    high = flow.shape[2] / flow.shape[1]
    wheel = axis.inset_axes((0.985 - 0.3 / high, 0.02, 0.3 / high, 0.3))
    x, y = np.meshgrid(np.linspace(-1.3, 1.3, 131), np.linspace(-1.3, 1.3, 131))
    colors = flow_colors(np.stack([x, y]), 1.0)
    distance = np.hypot(x, y)
    colors = np.concatenate([colors, (distance <= 1)[..., None]], axis=-1)
    wheel.add_patch(plt.Circle((65, 65), 64, facecolor="white", edgecolor="0.4", linewidth=0.8))
    wheel.imshow(colors, interpolation="bilinear", zorder=2)
    wheel.text(65, 65, f"{longest:.2g} px", ha="center", va="center", fontsize=9, zorder=3)
    wheel.axis("off")


def _draw_error(axis, error, longest):
    inner = error[LEFT_OUT:-LEFT_OUT, LEFT_OUT:-LEFT_OUT]
    drawn = axis.imshow(error, cmap="magma_r", vmin=0, vmax=max(1.0, longest / 2), interpolation="nearest")
    axis.set(xticks=[], yticks=[])
    axis.set_title(f"error: half of all pixels below {float(np.median(inner)):.2f} px, "
                   f"mean {inner.mean():.2f} px", fontsize=10)
    bar = axis.figure.colorbar(drawn, ax=axis, shrink=0.85, extend="max")
    bar.set_label("px", fontsize=9)
    bar.ax.tick_params(labelsize=9)


def hidden(frame: Any, warped: Any, mask: Tensor, title: str | None = None) -> None:
    """Show what of a frame is known from the one before: both, and a mask over the frame.

    Args:
        frame: (1, 3, H, W), in [0, 1].
        warped: the frame before, brought along to this one, likewise.
        mask: (1, 1, H, W), 1 where it can be trusted.
        title: of the figure.

    Raises:
        ValueError: the mask has not the frame's size.
    """
    now, before = (np.asarray(to_pil(picture)) / 255 for picture in (frame, warped))
    if tuple(mask.shape) != (1, 1, *now.shape[:2]):
        raise ValueError(f"show.hidden needs a mask (1, 1, {now.shape[0]}, {now.shape[1]}) for this frame, "
                         f"got {tuple(mask.shape)}")
    unknown = 1 - torch.as_tensor(mask).detach().float().cpu().numpy()[0, 0]
    figure, axes = plt.subplots(1, 3, figsize=(WIDTH, WIDTH / 3 * now.shape[0] / now.shape[1] + 0.3),
                                layout="constrained")
    share = f"{unknown.mean():.0%}" if unknown.mean() >= 0.005 or not unknown.any() else "less than 1%"
    for axis, picture, name in zip(axes, (now, before, _pale(now)), (
            "the frame", "the one before, brought along", f"not known: {share}")):
        _frame(axis, picture)
        axis.set_title(name, fontsize=10)
    if unknown.any():
        axes[2].imshow(np.array([0.835, 0.369, 0.0]) * np.ones((*unknown.shape, 1)), alpha=0.7 * unknown,
                       interpolation="nearest")
        for axis in axes[1:]:
            axis.contour(unknown, levels=[0.5], colors=HIDDEN, linewidths=0.8)
    finish(figure, title)


def _frame(axis: Axes, pixels: np.ndarray) -> None:
    axis.imshow(pixels, interpolation="lanczos")
    axis.set(xticks=[], yticks=[])
    axis.spines[:].set(color="0.6", linewidth=0.6)
