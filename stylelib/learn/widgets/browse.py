"""Pictures to compare: two under one slider, and many on two."""
from collections.abc import Mapping
from typing import Any

import ipywidgets
import torch
from torch import Tensor

from ...engine.inputs import ImageError
from ...engine.language import tr
from .page import Picture
from .pictures import framed, jpeg, sheet
from .still import Panel

WIDE = {"description_width": "initial"}


class BeforeAfter(Panel):
    """The panel that `before_after` makes.

    Attributes:
        view: shows the picture.
        slider: its value is the share of the first picture in percent.
    """

    view: Picture
    slider: ipywidgets.IntSlider


class ContactSheet(Panel):
    """The panel that `contact_sheet` makes.

    Attributes:
        view, overview: show the large picture, and all of them.
        first, second: the sliders.
    """

    view: Picture
    overview: Picture
    first: ipywidgets.SelectionSlider
    second: ipywidgets.SelectionSlider


def before_after(first: Tensor, second: Tensor, names: tuple[str, str] | None = None,
                 width: int = 480) -> BeforeAfter:
    """Two pictures in one place; a slider moves the border between them.

    Args:
        first, second: pictures (1, 3, H, W) of one size.
        names: what to call them; None says "before" and "after".
        width: on the screen, in pixels.

    Returns:
        BeforeAfter, to be given to `display`.

    Raises:
        ImageError: the pictures differ in size.
    """
    if first.shape != second.shape:
        raise ImageError(tr("both pictures must have the same shape, got {first} and {second}",
                            first=tuple(first.shape), second=tuple(second.shape)))
    left, right = names or (tr("before"), tr("after"))
    view = _view(width)
    slider = ipywidgets.IntSlider(50, 0, 100, description=f"{left} | {right}", readout=False,
                                  style=WIDE, layout={"width": f"{width}px"})

    def show(change=None):
        border = round(first.shape[3] * slider.value / 100)
        mixed = torch.cat([first[..., :border], second[..., border:]], dim=3)
        if 0 < border < first.shape[3]:
            mixed[..., border - 1:border] = 1.0
        view.value = jpeg(mixed, 92)
        view.alt = tr("{left} on the left, {right} on the right; the border at {percent} %", left=left,
                      right=right, percent=slider.value)

    slider.observe(show, "value")
    show()
    still, _ = sheet([[first, second]], cell=max(first.shape[2:]), column_names=[left, right])
    panel = BeforeAfter([view, slider], still, tr("Slider between two pictures: {left} and {right}",
                                                  left=left, right=right))
    panel.view, panel.slider = view, slider
    return panel


def contact_sheet(pictures: Mapping[tuple[Any, Any], Tensor], names: tuple[str, str] | None = None,
                  width: int = 420, cell: int = 110) -> ContactSheet:
    """Many pictures, made before, on two sliders: one for each knob that was turned.

    Args:
        pictures: {(value of the first knob, value of the second): picture (1, 3, H, W)}, a full table.
        names: of the two knobs; None says "row" and "column".
        width: of the large picture on the screen, in pixels.
        cell: longest side of a small picture on the sheet, in pixels.

    Returns:
        ContactSheet, to be given to `display`.

    Raises:
        ValueError: a combination of two values has no picture.
    """
    rows, columns = (list(dict.fromkeys(key[i] for key in pictures)) for i in range(2))
    missing = [(row, column) for row in rows for column in columns if (row, column) not in pictures]
    if missing or not pictures:
        raise ValueError(tr("there must be a picture for every pair of values; missing: {pairs}",
                            pairs=missing[:3]) if missing else
                         tr("there must be a picture for every pair of values; missing: all"))
    names = names or (tr("row"), tr("column"))
    first, second = (_slider(name, values, width) for name, values in zip(names, (rows, columns)))
    view, overview = _view(width), _view(None)
    overview.alt = tr("All these pictures on one sheet, the large one framed")
    canvas, places = sheet([[pictures[row, column] for column in columns] for row in rows], cell,
                           [f"{names[0]} {_text(row)}" for row in rows],
                           [f"{names[1]} {_text(column)}" for column in columns])
    large = {key: jpeg(picture, 92) for key, picture in pictures.items()}

    def show(change=None):
        place = places[rows.index(first.value)][columns.index(second.value)]
        view.value, overview.value = large[first.value, second.value], jpeg(framed(canvas, place))
        view.alt = f"{names[0]} {first.label}, {names[1]} {second.label}"

    for slider in (first, second):
        slider.observe(show, "value")
    show()
    body = ipywidgets.HBox([ipywidgets.VBox([view, first, second]), overview],
                           layout={"flex_flow": "row wrap", "align_items": "flex-start", "grid_gap": "16px"})
    panel = ContactSheet([body], canvas, tr(
        "Contact sheet: {row} {rows}; {column} {columns}", row=names[0], rows=", ".join(map(_text, rows)),
        column=names[1], columns=", ".join(map(_text, columns))))
    panel.view, panel.overview, panel.first, panel.second = view, overview, first, second
    return panel


def _slider(name, values, width):
    return ipywidgets.SelectionSlider(options=[(_text(value), value) for value in values], description=name,
                                      style=WIDE, layout={"width": f"{width}px"})


def _view(width):
    layout = {"width": f"{width}px" if width else "auto", "max_width": "100%"}
    return Picture(layout=layout)


def _text(value):
    return f"{value:g}" if isinstance(value, float) else str(value)
