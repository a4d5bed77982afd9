"""Drawings for an exhibition: the wall, shares of votes with their intervals, pictures on two scales."""
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.offsetbox import AnnotationBbox, OffsetImage
from matplotlib.patches import Rectangle
from PIL import Image

from ...engine.language import tr
from ...engine.lines import wrap
from ...engine.recipe import Recipe
from ...engine.tags import read_recipe
from ...images import load_image, to_pil
from ..series import read_series
from ..vote import vote_interval
from .figures import WIDTH, check_named, finish

WALL, FRAME, MAT, INK = "#e8e2d6", "#2b2622", "#fffdf8", "#2b2622"
LINE, LETTERS = 0.17, 14.0      # inches, of a line of a label; letters of it in an inch
BOLD = 10.5                     # letters of a picture's title in an inch
HEADING, LARGE = 0.22, 8.0      # inches, of a line of the series' title; letters of it in an inch
GAP, MAT_WIDTH = 0.45, 0.11     # inches, between pictures, and of the white around them
BLUE, GREY = "#0072b2", "0.55"
THUMB = 0.95                    # inches, of the longer side of a small picture
DOTS, POINTS = 100, 72          # of an inch, on the screen and in Matplotlib


# ------------------------------------------------------------------------------------------------------ wall

def wall(folder: str | os.PathLike[str]) -> None:
    """Draw a series as it will hang: title and statement, the pictures in a row, their labels below.

    Args:
        folder: with pictures that carry their recipes, and a series.json, see `read_series`.

    Raises:
        ValueError: there is no such folder, no picture, or (ImageError) one that cannot be read.
    """
    series = read_series(Path(folder))
    if not series.files:
        raise ValueError(tr("show.wall needs pictures, and {folder} has none", folder=folder))
    shown = [np.asarray(to_pil(load_image(path))) for path in series.files]
    width = (WIDTH - GAP * (len(shown) + 1)) / len(shown)
    heights = [width * picture.shape[0] / picture.shape[1] for picture in shown]
    labels = [_label(read_recipe(path), series.titles.get(path.name, path.name), width)
              for path in series.files]
    heading, statement = _heading(series.words)
    above = HEADING * len(heading) + LINE * 1.25 * len(statement) + 0.53
    below = LINE * max(len(title) + len(lines) for title, lines in labels) + 0.3
    total = above + max(heights) + below
    figure, axis = plt.subplots(figsize=(WIDTH, total))
    figure.subplots_adjust(0, 0, 1, 1)
    figure.set_facecolor(WALL)
    axis.set(xlim=(0, WIDTH), ylim=(0, total))
    axis.axis("off")
    _write_heading(axis, heading, statement, total)
    for i, (picture, height, (title, lines)) in enumerate(zip(shown, heights, labels)):
        left, bottom = GAP + i * (width + GAP), below + (max(heights) - height) / 2
        _hang(axis, picture, (left, bottom, width, height))
        axis.text(left, below - 0.28, "\n".join(title), fontsize=10, weight="bold", color=INK, va="top",
                  linespacing=1.15)
        axis.text(left, below - 0.28 - LINE * len(title), "\n".join(lines), fontsize=9, color=INK, va="top",
                  linespacing=1.25)
    finish(figure, None)


def _heading(words: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """(lines of title and artist, lines of the statement)"""
    name = " · ".join(str(words[key]) for key in ("title", "artist") if words.get(key))
    return (wrap(name, int((WIDTH - 2 * GAP) * LARGE)) or [""],
            wrap(str(words.get("statement", "")), 95))


def _write_heading(axis: Axes, heading: list[str], statement: list[str], top: float) -> None:
    axis.text(WIDTH / 2, top - 0.2, "\n".join(heading), fontsize=13, weight="bold", color=INK, ha="center",
              va="top", linespacing=1.15)
    axis.text(WIDTH / 2, top - 0.28 - HEADING * len(heading), "\n".join(statement), fontsize=10, color=INK,
              ha="center", va="top", linespacing=1.3)


def _hang(axis: Axes, picture: np.ndarray, place: tuple[float, float, float, float]) -> None:
    """A picture in a white mat and a thin frame, with its shadow on the wall."""
    left, bottom, width, height = place
    for grown, shift, colour, alpha in ((MAT_WIDTH + 0.03, 0.05, "black", 0.13),
                                        (MAT_WIDTH + 0.03, 0.0, FRAME, 1.0), (MAT_WIDTH, 0.0, MAT, 1.0)):
        axis.add_patch(Rectangle((left - grown + shift, bottom - grown - shift), width + 2 * grown,
                                 height + 2 * grown, facecolor=colour, alpha=alpha, linewidth=0))
    axis.imshow(picture, extent=(left, left + width, bottom, bottom + height), interpolation="lanczos",
                aspect="auto", zorder=3)


def _label(recipe: Recipe | None, title: str, width: float) -> tuple[list[str], list[str]]:
    """Lines of a label's title, and of what is below: which painting, which photo, and whose they are."""
    letters = int(width * LETTERS)
    name = wrap((recipe and recipe.title) or title, int(width * BOLD))
    if recipe is None:
        return name, wrap(tr("Nobody says how it was made."), letters)
    # Translators: on a wall label, "After Vincent van Gogh, The Starry Night (1889) (public domain)."
    told = [*(tr("After {painting}", painting=_told(recipe, name)) for name in recipe.paintings),
            tr("Photo: {photo}", photo=_told(recipe, recipe.photo))]
    return name, [line for each in told for line in wrap(each, letters)]


def _told(recipe, name):
    credit = recipe.credits.get(name)
    if credit is None:
        return tr("{picture}.", picture=name)
    what, rights = tr(credit.what), re.sub(r" \([^)]*\)|（[^）]*）", "", tr(credit.rights))       # no remarks
    if rights:
        return tr("{picture} ({rights}).", picture=what, rights=rights)
    return tr("{picture}.", picture=what)


# ----------------------------------------------------------------------------------------------------- shares

def shares(counts: Mapping[str, tuple[int, int]], chance: float | None = 0.5, title: str | None = None,
           x: str | None = None) -> None:
    """Draw shares as points, each with the interval in which the true one lies.

    Args:
        counts: {name: (wins, of how many)}.
        chance: where who guesses would stand, as a line; None draws none.
        title: of the figure.
        x: what the share is of; None says "share".

    Raises:
        ValueError: no counts.
    """
    check_named(counts, "shares", "{'name': (8, 12)}")
    figure, axis = plt.subplots(figsize=(WIDTH * 0.85, 0.36 * len(counts) + 0.85), layout="constrained")
    for i, (wins, votes) in enumerate(counts.values()):
        low, high = vote_interval(wins, votes)
        axis.plot([low, high], [i, i], color=BLUE, linewidth=5, alpha=0.35, solid_capstyle="butt")
        axis.plot([wins / votes], [i], "o", color=BLUE, markersize=8)
        axis.annotate(tr("{wins} of {votes}", wins=wins, votes=votes), (1.01, i), fontsize=10, va="center",
                      annotation_clip=False)
    if chance is not None:
        axis.axvline(chance, color=GREY, linestyle="--", linewidth=1.2, zorder=0)
    axis.set(xlim=(0, 1), ylim=(len(counts) - 0.5, -0.5), yticks=range(len(counts)))
    axis.set_yticklabels(counts, fontsize=10)
    axis.xaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %")
    axis.set_xlabel(tr("share") if x is None else x, fontsize=10)
    axis.spines[["top", "right", "left"]].set_visible(False)
    axis.tick_params(axis="y", length=0)
    finish(figure, title)


# ------------------------------------------------------------------------------------------------- two scales

def two_scales(points: Mapping[str, tuple[float, float]], pictures: Mapping[str, Any], x: str, y: str,
               title: str | None = None) -> None:
    """Draw pictures where their two numbers put them.

    Args:
        points: {name: (number on x, number on y)}.
        pictures: {name: picture}; the same names. One that is not named stands as its name only.
        x, y: what the numbers are.
        title: of the figure.

    Raises:
        ValueError: no points, or a picture without a point.
    """
    check_named(points, "two_scales", "{'name': (0.7, 0.4)}")
    if odd := set(pictures) - set(points):
        raise ValueError(tr("show.two_scales has a picture, but no point, of {names}",
                            names=", ".join(map(str, odd))))
    figure, axis = plt.subplots(figsize=(WIDTH, 5.0), layout="constrained")
    for name, place in points.items():
        axis.plot(*([value] for value in place), "o", color=GREY, markersize=4)
        if name in pictures:
            _thumbnail(axis, pictures[name], place)
        below = POINTS * (THUMB / 2 * _tallness(pictures[name]) + 0.12) if name in pictures else -8
        axis.annotate(str(name), place, xytext=(0, -below), fontsize=9, textcoords="offset points",
                      ha="center", va="center", zorder=5)
    axis.set_xlabel(x, fontsize=10)
    axis.set_ylabel(y, fontsize=10)
    axis.margins(0.12, 0.2)
    axis.grid(alpha=0.3)
    finish(figure, title)


def _tallness(picture):
    """Its height, where the longer side is 1."""
    width, height = to_pil(picture).size
    return height / max(width, height)


def _thumbnail(axis, picture, place):
    image = to_pil(picture)
    sides = [round(2 * DOTS * THUMB * side / max(image.size)) for side in image.size]
    box = OffsetImage(np.asarray(image.resize(sides, Image.Resampling.LANCZOS)), zoom=POINTS / (2 * DOTS))
    axis.add_artist(AnnotationBbox(box, place, pad=0.1, bboxprops={"edgecolor": "0.4", "linewidth": 0.8}))
