"""The flow of the whole method as one drawing, with real pictures, feature maps and Gram matrices."""
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch, Rectangle
from torch import Tensor
from torch.nn import Module

from ...engine.language import mark, tr
from ...images import as_picture, to_pil
from ...losses import gram_matrix
from ...networks import load_network
from ...objective import default_layers
from .figures import WIDTH, finish

HEIGHT = 3.4                                                    # inches, as all numbers below
ROWS = {"photo": 2.72, "picture": 1.68, "painting": 0.64}       # the middle of each picture
PILES = {("maps", "photo"): 2.94, ("maps", "picture"): 2.14,    # the middle of each pile
         ("tables", "picture"): 1.31, ("tables", "painting"): 0.55}
NAMES = {("maps", "photo"): mark("features\n$P$"), ("maps", "picture"): mark("features\n$F$"),
         ("tables", "picture"): mark("Gram\nmatrix $G$"), ("tables", "painting"): mark("Gram\nmatrix $A$")}
COLOURS = {"maps": "tab:blue", "tables": "chocolate", "network": "0.4", "back": "crimson"}
CAPTIONS = {"photo": (mark("photo"), "maps"), "picture": (mark("picture in the making"), "back"),
            "painting": (mark("painting"), "tables")}             # and whose colour the frame has
LAYERS, CHANNELS = 3, 24            # sheets in a pile; rows and columns of a Gram matrix that are shown


def flow(photo: Any, painting: Any, picture: Any, network: Module | None = None) -> None:
    """Draw style transfer from left to right: pictures, network, features, losses, and the way back.

    The feature maps and the tables (parts of Gram matrices) are those of these very pictures, in the content
    layer and in three of the style layers.

    Args:
        photo: what gives the content: anything that `as_picture` takes.
        painting: what gives the style.
        picture: the one that is being made, as large as the photo.
        network: what describes them; None loads the course's VGG-19.

    Raises:
        ValueError: the picture is not as large as the photo, or (ImageError) one of the three is no picture.
    """
    given = {role: as_picture(source, role) for role, source in
             {"photo": photo, "picture": picture, "painting": painting}.items()}
    if given["picture"].shape != given["photo"].shape:
        raise ValueError(tr("the picture that is being made must be as large as the photo, got {picture} for "
                            "{photo}", picture=tuple(given["picture"].shape),
                            photo=tuple(given["photo"].shape)))
    features = _describe(given, network or load_network())
    figure, axis = plt.subplots(figsize=(WIDTH, HEIGHT))
    figure.subplots_adjust(0, 0, 1, 1)
    _draw_pictures(axis, given)
    _draw_network(axis)
    _draw_features(axis, features)
    _draw_losses(axis)
    _draw_way_back(axis)
    axis.set(xlim=(0, WIDTH), ylim=(0, HEIGHT), aspect="equal")
    axis.axis("off")
    finish(figure, None)


def _describe(given: Mapping[str, Tensor], network: Module) -> dict[tuple[str, str], list[Tensor]]:
    """Maps of photo and picture, tables of picture and painting, as PILES names them."""
    content, style = (list(layers) for layers in default_layers(network))
    style = style[:LAYERS]
    with torch.no_grad():
        seen = {role: network(image, [content[0], *style]) for role, image in given.items()}
    inside = seen["photo"][content[0]][0, :, 1:-1, 1:-1]        # some channels see little but the border
    lively = inside.flatten(1).std(1).topk(LAYERS).indices
    strong = {layer: gram_matrix(seen["painting"][layer])[0].diagonal().topk(CHANNELS).indices
              for layer in style}
    return {(what, role):
            [*seen[role][content[0]][0, lively]] if what == "maps" else
            [gram_matrix(seen[role][layer][:, strong[layer]])[0].sqrt() for layer in style]
            for what, role in PILES}


def _draw_pictures(axis: Axes, given: Mapping[str, Tensor]) -> None:
    for role, image in given.items():
        caption, owner = CAPTIONS[role]
        wide, tall = _place(axis, np.asarray(to_pil(image)), (0.92, ROWS[role]), (1.2, 0.76), COLOURS[owner])
        _write(axis, (0.92, ROWS[role] + tall / 2 + 0.11), tr(caption))
        _arrow(axis, [(0.95 + wide / 2, ROWS[role]), (1.88, ROWS[role])], COLOURS["network"])


def _draw_network(axis: Axes) -> None:
    """Its blocks, lower (fewer positions) and wider (more channels) from left to right."""
    _box(axis, (2.5, 1.7), (1.15, 3.0), COLOURS["network"], "")
    _write(axis, (2.5, 2.96), "VGG")
    _write(axis, (2.5, 0.45), tr("weights\nstay fixed"))
    left = 2.02
    for wide, tall in zip((0.07, 0.11, 0.15, 0.19, 0.19), (1.8, 1.45, 1.1, 0.8, 0.55)):
        axis.add_patch(Rectangle((left, 1.76 - tall / 2), wide, tall, facecolor="0.75", edgecolor="0.4"))
        left += wide + 0.06


def _draw_features(axis: Axes, features: Mapping[tuple[str, str], list[Tensor]]) -> None:
    """A pile for each, the first sheet on top, with its name."""
    for pile, y in PILES.items():
        what = pile[0]
        _arrow(axis, [(3.11, y), (3.5, y)], COLOURS["network"])
        for depth in reversed(range(LAYERS)):
            values = features[pile][depth].cpu().numpy()
            place = 3.97 + 0.11 * depth, y + 0.05 * (depth - 1)
            _place(axis, values, place, (0.86, 0.58), COLOURS[what])
        _write(axis, (4.68, y), tr(NAMES[pile]), COLOURS[what], "left")


def _draw_losses(axis: Axes) -> None:
    total = (8.2, 1.7)
    for what, role, other, words in (("maps", "photo", "picture", tr("content loss\n$F$ against $P$")),
                                     ("tables", "picture", "painting", tr("style loss\n$G$ against $A$"))):
        upper, lower = PILES[what, role], PILES[what, other]
        middle = (upper + lower) / 2
        for y, end in ((upper, middle + 0.12), (lower, middle - 0.12)):
            _arrow(axis, [(5.55, y), (5.98, end)], COLOURS[what])
        _box(axis, (6.55, middle), (1.06, 0.5), COLOURS[what], words)
        end = total[1] + (0.15 if what == "maps" else -0.15)
        _arrow(axis, [(7.11, middle), (7.58, end)], COLOURS[what])
    _box(axis, total, (1.2, 0.84), COLOURS["back"],
         tr("total loss\n$\\alpha\\,$content\n$+\\;\\beta\\,$style"))


def _draw_way_back(axis: Axes) -> None:
    y, x = 0.1, 0.12
    _arrow(axis, [(8.2, 1.28), (8.2, y), (x, y), (x, ROWS["picture"]), (0.3, ROWS["picture"])],
           COLOURS["back"])
    words = tr("gradient: how each pixel must change, so that the total falls")
    axis.text(5.6, y, f"  {words}  ", ha="center", va="center", fontsize=11, color=COLOURS["back"],
              backgroundcolor="white")


def _place(axis: Axes, array: np.ndarray, middle: tuple[float, float], room: tuple[float, float],
           edge: str) -> tuple[float, float]:
    """Draw an array into a room around a point; returns how wide and how tall it has become."""
    rows, columns = array.shape[:2]
    scale = min(room[0] / columns, room[1] / rows)
    wide, tall = scale * columns, scale * rows
    left, bottom = middle[0] - wide / 2, middle[1] - tall / 2
    axis.imshow(array, extent=(left, left + wide, bottom, bottom + tall), cmap="magma",
                interpolation="lanczos" if array.ndim == 3 else "nearest", zorder=2)
    axis.add_patch(Rectangle((left, bottom), wide, tall, fill=False, edgecolor=edge, linewidth=1.5, zorder=2))
    return wide, tall


def _box(axis: Axes, middle: tuple[float, float], size: tuple[float, float], edge: str, words: str) -> None:
    corner = middle[0] - size[0] / 2, middle[1] - size[1] / 2
    axis.add_patch(FancyBboxPatch(corner, *size, boxstyle="round,pad=0,rounding_size=0.08",
                                  facecolor="white", edgecolor=edge, linewidth=2))
    _write(axis, middle, words)


def _write(axis: Axes, place: tuple[float, float], words: str, colour: str = "black",
           align: str = "center") -> None:
    axis.text(*place, words, ha=align, va="center", fontsize=11, color=colour)


def _arrow(axis: Axes, places: Sequence[tuple[float, float]], colour: str) -> None:
    """A line through all places, with its head at the last."""
    axis.plot(*zip(*places[:-1]), color=colour, linewidth=2, solid_joinstyle="round", zorder=1)
    axis.annotate("", places[-1], places[-2],
                  arrowprops={"arrowstyle": "-|>", "color": colour, "linewidth": 2, "mutation_scale": 14,
                              "shrinkA": 0, "shrinkB": 0})
