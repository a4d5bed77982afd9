"""Ways compared by numbers: a panel of bars for each number, and calm against sharp."""
from collections.abc import Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np

from ...engine.language import tr
from ...engine.lines import width_of
from ...images import to_pil
from .figures import WIDTH, check_named, finish

COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
MARKERS = "osD^vPX"
LETTER = 0.085              # inches, of a name beside the bars


def ways(numbers: Mapping[str, Mapping[str, float | None]], title: str | None = None) -> None:
    """Compare ways by several numbers: one panel of bars for each number, the number at its bar.

    Args:
        numbers: {way: {what is measured: number}}; None or a missing number is drawn as a dash.
        title: of the figure.

    Raises:
        ValueError: no ways, or nothing measured.
    """
    check_named(numbers, "ways", "{'way': {'flicker': 2.2}}")
    names = list(numbers)
    columns = list(dict.fromkeys(column for row in numbers.values() for column in row))
    if not columns:
        raise ValueError(tr("show.ways needs a number or more of each way, such as {example}",
                            example="{'way': {'flicker': 2.2}}"))
    room = LETTER * max(width_of(line) for name in names for line in name.split("\n"))
    lines = max(column.count("\n") + 1 for column in columns)
    figure, axes = plt.subplots(1, len(columns), squeeze=False, sharey=True, layout="constrained",
                                figsize=(min(WIDTH, room + 2.1 * len(columns)),
                                         0.34 * len(names) + 0.2 * lines + 0.6))
    for axis, column in zip(axes[0], columns):
        values = [numbers[name].get(column) for name in names]
        most = max([abs(value) for value in values if value is not None], default=0) or 1.0
        axis.barh(names, [value or 0 for value in values], color=[COLORS[i % len(COLORS)] for i in
                                                                  range(len(names))], height=0.66, alpha=0.85)
        for i, value in enumerate(values):
            axis.text((value or 0) + 0.03 * most, i, "–" if value is None else rounded(value), va="center",
                      fontsize=10)
        axis.set(xlim=(0, 1.38 * most), xticks=[])
        axis.set_title(column, fontsize=10)
        axis.spines[["top", "right", "bottom"]].set_visible(False)
        axis.tick_params(axis="y", labelsize=10, length=0)
    axes[0, 0].invert_yaxis()
    finish(figure, title)


def rounded(value: float) -> str:
    """Two digits, or all that stand before the point."""
    size = abs(value)
    return f"{value:.0f}" if size >= 9.95 else f"{value:.1f}" if size >= 0.995 else f"{value:.2f}"


def calm_and_sharp(points: Mapping[str, tuple[float, float]], pictures: Mapping[str, Any] | None = None,
                   own: tuple[float, float] | None = None, title: str | None = None) -> None:
    """Draw flicker against sharpness, a point for each way: the best are at the upper left.

    Args:
        points: {way: (flicker, sharpness)}.
        pictures: {way: a frame, or a part of one}, shown below.
        own: the clip's own flicker and sharpness.
        title: of the figure.

    Raises:
        ValueError: no points, or a picture without a point.
    """
    check_named(points, "calm_and_sharp", "{'way': (flicker, sharpness)}")
    shown = {name: np.asarray(to_pil(picture)) for name, picture in (pictures or {}).items()}
    if odd := set(shown) - set(points):
        raise ValueError(tr("show.calm_and_sharp has a picture, but no point, of {names}",
                            names=", ".join(sorted(odd))))
    below = 0.0
    if shown:
        below = WIDTH / len(shown) * max(p.shape[0] / p.shape[1] for p in shown.values()) + 0.3
    figure = plt.figure(figsize=(WIDTH, 3.0 + below), layout="constrained")
    parts: Any = figure.subfigures(2, 1, height_ratios=[3.0, below]) if shown else [figure]
    _draw_points(parts[0], points, own)
    if shown:
        below_axes = parts[1].subplots(1, len(shown), squeeze=False)[0]
        for axis, (name, picture) in zip(below_axes, shown.items()):
            axis.imshow(picture, interpolation="lanczos")
            axis.set_title(name, fontsize=10)
            axis.set(xticks=[], yticks=[])
            axis.spines[:].set(color=COLORS[list(points).index(name) % len(COLORS)], linewidth=3)
    finish(figure, title)


def _draw_points(figure, points, own):
    axis = figure.subplots()
    for i, (name, (flicker, sharpness)) in enumerate(points.items()):
        axis.plot([flicker], [sharpness], MARKERS[i % len(MARKERS)], color=COLORS[i % len(COLORS)],
                  markersize=10, label=name, clip_on=False)
    if own:
        axis.plot(*([value] for value in own), "*", color="0.4", markersize=16, clip_on=False,
                  label=tr("the clip itself"))
        axis.axvline(own[0], color="0.7", linewidth=0.8, zorder=0)
    axis.set_xlabel(tr("flicker (grey levels): ← calmer"), fontsize=10)
    axis.set_ylabel(tr("sharpness: sharper →"), fontsize=10)
    axis.margins(0.12)
    axis.set_xlim(left=0)
    axis.set_ylim(bottom=0)
    axis.grid(alpha=0.3)
    figure.legend(loc="outside right center", fontsize=10)
