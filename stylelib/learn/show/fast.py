"""Drawings of networks that paint: a training, a map of styles, a race to a low loss, a judge's verdicts."""
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from PIL import Image, ImageOps
from torch import Tensor

from ...engine.language import mark, tr, tr_count
from ...engine.lines import width_of
from ...images import to_pil
from ..judge import Verdicts
from .figures import WIDTH, check_named, finish, set_log_scale, term_name

TERMS = {"content": ("#0072b2", "-"), "style": ("#d55e00", "--")}       # as in the playground
DASHES = ("-", "--", "-.", ":")
SMOOTH = 25                 # iterations: the losses of single crops jump, their mean shows the trend
LONG = 50                   # evaluations, or seconds: from here on a race has a logarithmic axis for them
MAP_HEIGHT = 5.6            # inches
LARGE, SMALL = 0.92, 0.48   # inches: the longest side of a picture on a map
TOUCH = 0.01                # inches by which boxes may cover each other: they have a wider rim
LINE, LETTER = 0.2, 0.075   # inches: height of a line of text, width of a letter
RIGHT, WRONG = "#009e73", "#d55e00"


# --------------------------------------------------------------------------------------------------- training

def training(pictures: Mapping[int, Any], losses: Iterable[Mapping[str, float]],
             title: str | None = None) -> None:
    """Draw a training: what the network painted after some iterations, and its losses below.

    Args:
        pictures: {iteration: picture}, of one photo; a picture is whatever `show.pictures` takes.
        losses: {term: loss} of each iteration, the first is 1. A thin line joins all values, a thick one
            their mean over 25 iterations, since crops differ more than iterations do.
        title: of the figure.

    Raises:
        ValueError: no pictures, or no losses.
    """
    check_named(pictures, "training", "{iteration: picture}")
    history = list(losses)
    if not history:
        raise ValueError(tr("show.training needs the losses of each iteration, got none"))
    shown = {count: _pixels(picture) for count, picture in pictures.items()}
    aspect = max(image.shape[0] / image.shape[1] for image in shown.values())
    film = WIDTH / len(shown) * aspect + 0.35
    figure = plt.figure(figsize=(WIDTH, film + 2.6), layout="constrained")
    parts: Any = figure.subfigures(2, 1, height_ratios=[film, 2.6])
    above, below = parts
    axes = above.subplots(1, len(shown), squeeze=False)[0]
    for axis, (count, image) in zip(axes, shown.items()):
        axis.imshow(image, interpolation="lanczos")
        words = tr_count("after {n} iteration", "after {n} iterations", count) if count else tr("before")
        axis.set_title(words, fontsize=10)
        axis.axis("off")
    _draw_losses(below.subplots(), history, list(shown))
    finish(figure, title)


def _draw_losses(axis: Axes, history: Sequence[Mapping[str, float]], marks: Sequence[int]) -> None:
    counts = np.arange(1, len(history) + 1)
    for name in dict.fromkeys(name for losses in history for name in losses):
        color, dashes = TERMS.get(name, ("0.3", "-."))
        values = np.array([losses.get(name, np.nan) for losses in history], dtype=float)
        axis.plot(counts, values, color=color, linewidth=0.6, alpha=0.35)
        axis.plot(counts, _smooth(values), dashes, color=color, linewidth=2.2,
                  label=term_name(name))
    for count in marks:
        axis.axvline(max(count, 1), color="0.5", linewidth=0.8, zorder=0)
    set_log_scale(axis)
    axis.set_xlim(1, len(history) + 0.5)
    axis.set_xlabel(tr("iteration"), fontsize=10)
    axis.set_ylabel(tr("loss"), fontsize=10)
    axis.grid(alpha=0.3)
    axis.legend(loc="upper right", fontsize=10)


def _smooth(values: np.ndarray) -> np.ndarray:
    """The mean of each value and those around it; fewer at the ends."""
    half = SMOOTH // 2
    return np.array([values[max(0, i - half):i + half + 1].mean() for i in range(len(values))])


# -------------------------------------------------------------------------------------------------------- map

def style_map(numbers: Mapping[str, Tensor], pictures: Mapping[str, Any], small: Sequence[str] = (),
              title: str | None = None) -> None:
    """Draw styles as a map: each picture where the two main directions of its numbers put it.

    Directions and share are found by a principal component analysis. Pictures that would cover each other are
    pushed apart; a line then leads to the place itself.

    Args:
        numbers: {name: (K,) or (1, K)}, the numbers that describe a style.
        pictures: {name: picture}; the same names.
        small: names of those that are drawn small and without their name, such as parts and mixtures.
        title: of the figure; None says how much of all differences the two directions hold.

    Raises:
        ValueError: fewer than three styles, or a name without a picture.
    """
    check_named(numbers, "style_map", "{'name': numbers}")
    if len(numbers) < 3 or set(numbers) != set(pictures):
        odd = ", ".join(sorted(map(str, set(numbers) ^ set(pictures))))
        raise ValueError(tr("show.style_map needs three styles or more, each with a picture; only one of "
                            "both has {names}", names=odd) if odd else
                         tr("show.style_map needs three styles or more, each with a picture; got {count}",
                            count=len(numbers)))
    table = torch.stack([value.detach().float().flatten() for value in numbers.values()])
    places, share = main_directions(table)
    figure, axis = plt.subplots(figsize=(WIDTH, MAP_HEIGHT))
    figure.subplots_adjust(0.01, 0.01, 0.99, 0.93)
    words = {name: "" if name in small else str(name).replace("_", " ") for name in numbers}
    sizes = np.array([_inches(pictures[name], LARGE if words[name] else SMALL) for name in numbers])
    boxes = np.array([np.maximum(size + [0, LINE], [LETTER * width_of(text), 0]) if text else size
                      for text, size in zip(words.values(), sizes)])
    room = np.array([WIDTH * 0.98, MAP_HEIGHT * 0.92])
    spots = _on_paper(places, room, sizes.max(0) + 0.3)
    middles = apart(spots, boxes + 0.06, room)
    for name, *place in zip(numbers, spots, middles, sizes):
        _draw_style(axis, pictures[name], place, words[name])
    axis.set(xlim=(0, room[0]), ylim=(0, room[1]), xticks=[], yticks=[])
    axis.spines[:].set_color("0.8")
    finish(figure, title or tr("two directions hold {share:.0%} of all differences between these styles",
                               share=share))


def main_directions(numbers: Tensor) -> tuple[np.ndarray, float]:
    """The two directions in which rows differ most: (N, K) -> ((N, 2) coordinates, share of the variance)."""
    centred = numbers - numbers.mean(0)
    left, sizes, _ = torch.linalg.svd(centred, full_matrices=False)
    places = left[:, :2] * sizes[:2]
    places = places * places[places.abs().argmax(0), [0, 1]].sign()     # a sign means nothing: fix one
    return places.cpu().numpy(), float(sizes[:2].square().sum() / sizes.square().sum())


def apart(spots: np.ndarray, sizes: np.ndarray, room: np.ndarray, rounds: int = 1500) -> np.ndarray:
    """Move boxes until none covers another, as little as that takes.

    Args:
        spots: (N, 2) where their middles should be.
        sizes: (N, 2) width and height of each.
        room: (2,) they stay between 0 and this.
        rounds: at most so many small moves of all.

    Returns:
        (N, 2) middles.
    """
    middles, low, high = spots.astype(float).copy(), sizes / 2, room - sizes / 2
    order = np.sign(np.arange(len(spots))[:, None] - np.arange(len(spots)))     # tells equal places apart
    random = np.random.default_rng(0)
    for i in range(rounds):
        offset = middles[:, None] - middles
        need = (sizes[:, None] + sizes) / 2 - np.abs(offset)
        covered = (need > TOUCH).all(2) & (order != 0)
        home = 0.03 * max(0.0, 1 - 3 * i / rounds)          # at first they are drawn back to their spots
        if not covered.any() and home == 0:
            break
        shorter = np.stack([need[..., 0] < need[..., 1], need[..., 0] >= need[..., 1]], 2)
        signs = np.where(offset == 0, order[..., None], np.sign(offset))
        push = np.where(covered[..., None] & shorter, need * signs, 0.0).sum(1)
        jammed = covered.any(1, keepdims=True) & (i > rounds // 2)
        shake = 0.03 * random.normal(size=middles.shape) * jammed
        middles = np.clip(middles + 0.35 * push + home * (spots - middles) + shake, low, high)
    return middles


def _on_paper(places, room, margin):
    """Coordinates in inches, so that all fit and both axes have one scale."""
    low, high = places.min(0), places.max(0)
    scale = ((room - margin) / np.maximum(high - low, 1e-9)).min()
    return room / 2 + (places - (low + high) / 2) * scale


def _draw_style(axis, picture, place, name):
    """place: (where it belongs, the middle of where it is drawn, its size), in inches."""
    spot, middle, size = place
    if (np.abs(spot - middle) > size / 2).any():
        axis.plot(*zip(spot, middle), color="0.5", linewidth=0.8, zorder=1)
        axis.plot(*spot, "o", color="0.3", markersize=3, zorder=1)
    middle = middle + [0, LINE / 2 if name else 0]
    _place(axis, picture, middle, size, "0.3" if name else "0.7")
    if name:
        axis.text(*middle - [0, size[1] / 2 + 0.04], name, fontsize=9, ha="center", va="top", zorder=4)


# ------------------------------------------------------------------------------------------------------- race

def loss_race(curves: Mapping[str, tuple[Sequence[float], Sequence[float]]],
              points: Mapping[str, tuple[float, float]] | None = None, x: str | None = None,
              levels: Sequence[float] = (), title: str | None = None) -> None:
    """Draw loss against time of several methods; losses, and long times, on a logarithmic axis.

    Args:
        curves: {name: (times, losses)}.
        points: {name: (time, loss)} of methods that give one picture, at once.
        x: what time is, such as "seconds"; None says "evaluations".
        levels: losses that are marked by a thin line.
        title: of the figure.

    Raises:
        ValueError: no curves.
    """
    check_named(curves, "loss_race", "{'name': (times, losses)}")
    figure, axis = plt.subplots(figsize=(WIDTH * 0.95, 3.6), layout="constrained")
    for i, (name, (times, losses)) in enumerate(curves.items()):
        axis.plot(times, losses, DASHES[i % 4], label=name, linewidth=2.2)
    for i, (name, (time, loss)) in enumerate((points or {}).items()):
        marker = "*oDs"[i % 4]
        axis.plot([time], [loss], marker, markersize=15 if marker == "*" else 9, color="black", label=name)
    for level in levels:
        axis.axhline(level, color="0.6", linewidth=0.8, zorder=0)
        axis.annotate(f"{level:g}", (1, level), xycoords=("axes fraction", "data"), xytext=(4, 0),
                      textcoords="offset points", va="center", fontsize=9, color="0.4")
    set_log_scale(axis)
    if max(max(times) for times, _ in curves.values()) > LONG:
        axis.set_xscale("log")
        axis.xaxis.set_major_formatter("{x:g}")
    axis.set_xlabel(tr("evaluations") if x is None else x, fontsize=10)
    axis.set_ylabel(tr("loss"), fontsize=10)
    axis.grid(alpha=0.3)
    figure.legend(loc="outside right center", fontsize=10)
    finish(figure, title)


# --------------------------------------------------------------------------------------------------- verdicts

def verdicts(said: Verdicts, paintings: Mapping[str, Any], photos: Mapping[str, Any] | None = None,
             title: str | None = None) -> None:
    """Draw what a judge said of many pictures: a row for what was right, a column for what it named.

    Args:
        said: from `Judge.table`.
        paintings: {name: picture} for the thumbnails.
        photos: the same; None leaves the table of photos out.
        title: of the figure; None says how often the judge was right, and how often one who guesses.

    Raises:
        ValueError: a thumbnail is missing.
    """
    # Translators: of how many pictures a judge named the right painting; guessing would get about {by_luck}
    of_paintings = mark("painting: {hits} of {total} right, by guessing {by_luck:.2g}")
    of_photos = mark("photo: {hits} of {total} right, by guessing {by_luck:.2g}")
    tables = [(of_paintings, said.paintings, said.styles, paintings)]
    if photos is not None:
        tables.append((of_photos, said.photos, said.contents, photos))
    for _, names, _, given in tables:
        if missing := [name for name in names if name not in given]:
            raise ValueError(tr("show.verdicts needs a picture of {names}", names=", ".join(missing)))
    width = WIDTH if len(tables) == 2 else WIDTH * 0.6
    figure, axes = plt.subplots(1, len(tables), figsize=(width, width / len(tables) + 0.35), squeeze=False)
    figure.subplots_adjust(0.01, 0.01, 0.99, 0.91, wspace=0.04)
    for axis, (words, names, counts, given) in zip(axes[0], tables):
        hits = int(counts.diagonal().sum())
        _draw_table(axis, [given[name] for name in names], counts.numpy())
        axis.set_title(tr(words, hits=hits, total=said.total, by_luck=said.total / len(names)), fontsize=11)
    finish(figure, title)


def _draw_table(axis: Axes, thumbnails: Sequence[Any], counts: np.ndarray) -> None:
    """Counts with a thumbnail before each row and above each column; 0 stays empty."""
    number, small = len(counts), np.array([0.88, 0.88])
    for i, picture in enumerate(thumbnails):
        _place(axis, picture, np.array([0, -i - 1.1]), small, "0.4", crop=True)
        _place(axis, picture, np.array([i + 1.1, 0]), small, "0.4", crop=True)
    for row, column in np.ndindex(number, number):
        count, whole = counts[row, column], max(counts[row].sum(), 1)
        color = (RIGHT if row == column else WRONG) if count else "0.94"
        axis.add_patch(Rectangle((column + 0.66, -row - 1.54), 0.88, 0.88, linewidth=0, facecolor=color,
                                 alpha=0.2 + 0.5 * count / whole if count else 1.0))
        if count:
            axis.text(column + 1.1, -row - 1.1, f"{count:g}", ha="center", va="center", fontsize=12)
    axis.text(0, 0, tr("named →\nright ↓"), fontsize=9, ha="center", va="center", color="0.3")
    axis.set(xlim=(-0.5, number + 0.6), ylim=(-number - 0.6, 0.5), aspect="equal")
    axis.axis("off")


# ----------------------------------------------------------------------------------------------------- shared

def _pixels(picture: Any) -> np.ndarray:
    return np.asarray(to_pil(getattr(picture, "image", picture)).convert("RGB"))


def _inches(picture, longest):
    """Width and height of a picture whose longest side has so many inches."""
    rows, columns = _pixels(picture).shape[:2]
    return np.array([columns, rows]) / max(rows, columns) * longest


def _place(axis: Axes, picture: Any, middle: np.ndarray, size: np.ndarray, edge: str,
           crop: bool = False) -> None:
    """Draw a picture into a box around a point; crop cuts it to the box's form."""
    shown = Image.fromarray(_pixels(picture))
    if crop:
        shown = ImageOps.fit(shown, (128, 128))
    left, bottom = middle - size / 2
    axis.imshow(np.asarray(shown), extent=(left, left + size[0], bottom, bottom + size[1]),
                interpolation="lanczos", zorder=3)
    axis.add_patch(Rectangle((left, bottom), *size, fill=False, edgecolor=edge, linewidth=0.8, zorder=3))
