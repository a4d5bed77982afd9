"""What panels are built from: boxes, buttons and sliders that look and behave alike in each of them."""
from collections.abc import Callable, Iterable
from typing import Any

import ipywidgets

LABEL = {"description_width": "92px"}


def box(kind: type[ipywidgets.Box], classes: str, *children: ipywidgets.Widget) -> ipywidgets.Box:
    """A box of widgets with these CSS classes, separated by spaces."""
    made = kind(children)
    for name in classes.split():
        made.add_class(name)
    return made


def button(text: str, icon: str, tooltip: str, action: Callable[[], Any]) -> ipywidgets.Button:
    """A button that calls `action`, without arguments, when it is pressed."""
    made = ipywidgets.Button(description=text, icon=icon, tooltip=tooltip)
    made.on_click(lambda _: action())
    return made


def stops(title: str, words: str, values: Iterable[Any], value: Any,
          **settings: Any) -> ipywidgets.SelectionSlider:
    """A slider that stops at these values only.

    Args:
        title: stands beside it.
        words: what it shows of a value, as for `str.format`: "{} px".
        values, value: where it stops, and where it stands.
        settings: others of the widget.
    """
    options = [(words.format(stop), stop) for stop in sorted(values)]
    made = ipywidgets.SelectionSlider(options=options, value=value, description=title, style=LABEL,
                                      **settings)
    made.words = words
    return made


def stand_at(slider: ipywidgets.SelectionSlider, value: Any) -> None:
    """Move a slider of `stops` to a value, where it need not have stopped before."""
    values = {stop for _, stop in slider.options}
    if value not in values:
        slider.options = [(slider.words.format(stop), stop) for stop in sorted({*values, value})]
    slider.value = value


def html() -> ipywidgets.HTML:
    """An empty place for words."""
    return ipywidgets.HTML()
