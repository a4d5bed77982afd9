"""Drawings of motion: a flow as arrows and as colours, its error, and what cannot be known."""
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.colors import hsv_to_rgb, to_rgb
from torch import Tensor

from ...engine.language import tr
from ...images import to_pil
from .figures import WIDTH, finish

ARROWS = 16                 # along the width
PALE = 0.55                 # how much white lies over a frame with something drawn on it
HIDDEN = "#d55e00"
KEY = 0.28                  # of a picture's height: the wheel of colours
LEFT_OUT = 3                # px at the border: what enters or leaves there has no flow that could be found


def optical_flow(frame: Any, flow: Tensor, truth: Tensor | None = None, title: str | None = None) -> None:
    """Draw a flow: as arrows over the frame, and in colours, where the hue is the direction.

    Args:
        frame: (1, 3, H, W), in [0, 1].
        flow: (1, 2, H, W), in pixels, x first.
        truth: the true flow, likewise: it and the error are drawn too.
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
                                                         + 0.25)))
    _draw_arrows(axes[0, 0], pixels, flows[0])
    # Translators: the flow's colours, and the wheel of colours in a corner that explains them
    words = (tr("in colours; rim of the wheel: {longest:.2g} px", longest=longest) if lines == 1 else
             tr("found; rim of the wheel: {longest:.2g} px", longest=longest))
    _draw_colors(axes[-1, 0] if lines == 2 else axes[0, 1], flows[0], longest, words)
    if lines == 2:
        _draw_error(axes[0, 1], np.hypot(*(flows[0] - flows[1])), longest)
        _draw_colors(axes[1, 1], flows[1], longest, tr("true"))
    finish(figure, title)


def _checked(flow, pixels):
    values = torch.as_tensor(flow).detach().float().cpu().numpy()
    if values.shape != (1, 2, *pixels.shape[:2]):
        raise ValueError(tr("show.optical_flow needs a flow (1, 2, {height}, {width}) for this frame, got "
                            "{shape}", height=pixels.shape[0], width=pixels.shape[1], shape=values.shape))
    return values[0]


def _pale(pixels):
    return PALE + (1 - PALE) * pixels


def _grey(pixels):
    """Without colours, so that a mark's colour is the only one."""
    return np.repeat(pixels.mean(2, keepdims=True), 3, axis=2)


def _draw_arrows(axis, pixels, flow):
    height, width = pixels.shape[:2]
    step = width // ARROWS or 1
    y, x = np.mgrid[step // 2:height:step, step // 2:width:step]
    u, v = flow[:, y, x]
    longest = float(np.quantile(np.hypot(u, v), 0.95)) or 1.0
    factor = max(1, round(step / longest))
    _frame(axis, _pale(pixels))
    axis.quiver(x, y, u * factor, v * factor, angles="xy", scale_units="xy", scale=1, width=0.004,
                color="black", headwidth=4, headlength=4.5, headaxislength=4)
    axis.set(xlim=(-0.5, width - 0.5), ylim=(height - 0.5, -0.5))
    axis.set_title(tr("arrows, {factor} times as long as the flow", factor=factor) if factor > 1 else
                   tr("arrows, as long as the flow"), fontsize=10)


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
    wide = KEY * flow.shape[1] / flow.shape[2]
    wheel = axis.inset_axes((0.985 - wide, 0.02, wide, KEY))
    x, y = np.meshgrid(np.linspace(-1.3, 1.3, 131), np.linspace(-1.3, 1.3, 131))
    colors = flow_colors(np.stack([x, y]), 1.0)
    distance = np.hypot(x, y)
    colors = np.concatenate([colors, (distance <= 1)[..., None]], axis=-1)
    wheel.add_patch(plt.Circle((65, 65), 64, facecolor="white", edgecolor="0.4", linewidth=0.8))
    wheel.imshow(colors, interpolation="bilinear", zorder=2)
    wheel.axis("off")


def _draw_error(axis, error, longest):
    inner = error[LEFT_OUT:-LEFT_OUT, LEFT_OUT:-LEFT_OUT]
    most = max(1.0, longest / 2)
    drawn = axis.imshow(error, cmap="magma_r", vmin=0, vmax=most, interpolation="nearest")
    axis.set(xticks=[], yticks=[])
    axis.spines[:].set(color="0.6", linewidth=0.6)
    axis.set_title(tr("error: half of all below {half:.2f} px, mean {mean:.2f} px",
                      half=float(np.median(inner)), mean=inner.mean()), fontsize=10)
    place = axis.inset_axes((0.64, 0.04, 0.34, 0.2))
    place.set(xticks=[], yticks=[], facecolor=(1, 1, 1, 0.85))
    bar = axis.figure.colorbar(drawn, cax=place.inset_axes((0.12, 0.58, 0.64, 0.26)),
                               orientation="horizontal")
    bar.set_ticks([0, most], labels=["0", f"≥ {most:.2g} px"], fontsize=9)
    bar.ax.tick_params(length=0, pad=2)


def hidden(frame: Any, warped: Any, mask: Tensor, title: str | None = None) -> None:
    """Show what of a frame is known from the one before: both, and a mask over the frame.

    Args:
        frame: (1, 3, H, W), in [0, 1].
        warped: the frame before, brought along to this one, likewise.
        mask: (1, 1, H, W), 1 where it can be trusted.
        title: of the figure.

    Raises:
        ValueError: the other picture or the mask has not the frame's size.
    """
    now, before = (np.asarray(to_pil(picture)) / 255 for picture in (frame, warped))
    height, width = now.shape[:2]
    if before.shape != now.shape or tuple(mask.shape) != (1, 1, height, width):
        raise ValueError(tr("show.hidden needs pictures (1, 3, {height}, {width}) and a mask (1, 1, "
                            "{height}, {width}) for this frame, got {wide}x{tall} px and {mask}",
                            height=height, width=width, wide=before.shape[1], tall=before.shape[0],
                            mask=tuple(mask.shape)))
    unknown = 1 - torch.as_tensor(mask).detach().float().cpu().numpy()[0, 0]
    figure, axes = plt.subplots(1, 3, figsize=(WIDTH, WIDTH / 3 * now.shape[0] / now.shape[1] + 0.3),
                                layout="constrained")
    _draw_hidden(axes, now, before, unknown)
    finish(figure, title)


def _draw_hidden(axes, now, before, unknown):
    missing = (tr("not known from it: {share:.0%}", share=unknown.mean())
               if unknown.mean() >= 0.005 or not unknown.any() else tr("not known from it: less than 1%"))
    for axis, picture, name in zip(axes, (now, before, _pale(_grey(now))), (
            tr("the frame"), tr("the one before, brought along"), missing)):
        _frame(axis, picture)
        axis.set_title(name, fontsize=10)
    if unknown.any():
        axes[2].imshow(np.full((*unknown.shape, 3), to_rgb(HIDDEN)), alpha=0.85 * unknown,
                       interpolation="nearest")
    if unknown.min() < 0.5 < unknown.max():
        for color, width in (("white", 2.4), (HIDDEN, 1.2)):        # the edge, on dark and bright
            axes[1].contour(unknown, levels=[0.5], colors=color, linewidths=width)


def _frame(axis: Axes, pixels: np.ndarray) -> None:
    axis.imshow(pixels, interpolation="lanczos")
    axis.set(xticks=[], yticks=[])
    axis.spines[:].set(color="0.6", linewidth=0.6)
