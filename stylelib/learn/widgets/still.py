"""Widgets that leave something behind: a picture where no kernel runs, and a text that never changes."""
import base64
import functools
import weakref
from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets
from IPython import get_ipython
from IPython.display import display
from PIL.Image import Image

from ...engine.language import mark, tr
from .page import Gone, Names, Views
from .pictures import captioned, jpeg

# In JupyterLab it is seen above "Error displaying widget: model not found", and answers that
CAPTION = mark("A still picture. It comes alive in JupyterLab: run the cells down to this one.")
# {cell: (its run, the panels that it showed)}
_in_cells: dict[str, tuple[str, weakref.WeakSet]] = {}


class Panel(ipywidgets.VBox):
    """A box of widgets that leaves a still picture where it cannot live: on GitHub, on paper, the next day.

    The picture is an output of its own, which the page hides while the panel lives (see `Gone`). In one
    output with the panel, JupyterLab would take the panel, and without its kernel say "model not found"
    instead of showing the picture.

    Args:
        children: the widgets.
        still: Pillow picture, or a function that makes it when the panel is shown.
        text: stands for the panel where there are no pictures either, and is what nbval compares.
    """

    def __init__(self, children: Sequence[ipywidgets.Widget], still: Image | Callable[[], Image], text: str,
                 **settings: Any):
        super().__init__([*children, Names(), Gone(), Views(self.rest)], **settings)
        self.add_class("stylelib-panel")
        self._still, self._text = still, text

    @functools.cached_property
    def still(self) -> bytes:
        """The still picture, a JPEG file."""
        return jpeg(captioned(self._still() if callable(self._still) else self._still, tr(CAPTION)))

    def rest(self) -> None:
        """Called when nobody sees this panel any longer: what works in the background has to stop."""

    def _ipython_display_(self):
        _replace_those_of_this_cell(self)
        words = tr("Still picture of: {what}", what=self._text)
        still = {"image/jpeg": base64.b64encode(self.still).decode(), "text/plain": words}
        display(still, metadata={"image/jpeg": {"alt": words}}, raw=True)
        # ipywidgets shortens long texts
        display({**self._repr_mimebundle_(), "text/plain": self._text}, raw=True)

    def __repr__(self):
        return self._text


def _replace_those_of_this_cell(panel):
    """Let those rest that an earlier run of this cell showed.

    (A reloaded page may never have drawn them, and then says nothing of them.)
    """
    cell, run = _cell()
    if cell is None:
        return
    known_run, panels = _in_cells.get(cell, (None, None))
    if known_run != run:
        for old in panels or ():
            if old is not panel:
                old.rest()
        panels = weakref.WeakSet()
    panels.add(panel)
    _in_cells[cell] = run, panels


def _cell():
    """(the cell that runs, this run of it), as the page names them; (None, None) where it does not."""
    message = getattr(get_ipython(), "get_parent", dict)()
    return message.get("metadata", {}).get("cellId"), message.get("header", {}).get("msg_id")
