"""What panels are built from: boxes, buttons and sliders that look and behave alike in each of them."""
from collections.abc import Callable
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


def html() -> ipywidgets.HTML:
    """An empty place for words."""
    return ipywidgets.HTML()
