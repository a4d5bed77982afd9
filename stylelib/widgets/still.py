"""Widgets that leave something behind: a picture where no kernel runs, and a text that is the same after each run."""
import base64

import ipywidgets

from .page import Names


class Panel(ipywidgets.VBox):
    """A box of widgets that shows a still picture wherever it cannot live: on GitHub, in nbviewer, on paper.

    Args:
        children: the widgets.
        still: the bytes of a JPEG file.
        text: stands for the panel where there are no pictures either, and is what nbval compares.
    """

    def __init__(self, children, still, text, **settings):
        super().__init__([*children, Names()], **settings)
        self.add_class("stylelib-panel")
        self._still, self._text = still, text

    def _repr_mimebundle_(self, **settings):
        live = super()._repr_mimebundle_(**settings)
        return {**live, "text/plain": self._text, "image/jpeg": base64.b64encode(self._still).decode()}

    def __repr__(self):
        return self._text
