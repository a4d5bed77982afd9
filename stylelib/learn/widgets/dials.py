"""The studio's knobs: all that can be turned between photo and picture, and presets that turn several."""
import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import ipywidgets

from ...engine.language import mark, tr
from .easel import Wish
from .galleries import Option
from .parts import LABEL, stand_at, stops

SIZES = (128, 192, 256, 384, 512)           # above, a picture takes longer than a hand on a slider waits
STROKES = (0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0)
COLORS = {mark("of the painting"): False, mark("of the photo"): "luminance",
          mark("the photo's, as an average"): "covariance", mark("the photo's, each shade"): "histogram"}
# {name: (what it turns, the question that it asks)}. `None` as second takes the next painting
PRESETS: dict[str, tuple[dict[str, Any], str]] = {
    mark("As painted"): ({}, mark("Which parts of the photo can you still name, and what tells you?")),
    mark("Fine strokes"): ({"strokes": 0.5}, mark("The colours stayed. Where did the large strokes go?")),
    mark("Huge strokes"): ({"strokes": 4.0},
                           mark("What is the smallest thing of the photo that survives?")),
    mark("Photo's colours"): ({"colors": "luminance"},
                              mark("Only brightness is painted. Is it still this painter?")),
    # Translators: a preset that paints with little strength
    mark("A hint"): ({"strength": 0.4}, mark("At which strength does a photo become a painting?")),
    mark("Half and half"): ({"second": None, "mixture": 0.5}, mark(
        "Two painters at one picture: whose strokes are these, and whose colours?"))}


class Dials(ipywidgets.VBox):
    """The knobs.

    Args:
        size: longest side of the picture at first, in pixels.
        turned: function without arguments, called after each turn; once, when several turn together.

    Attributes:
        strength, second, mixture, strokes, colors, size: the knobs.
        knobs: {name: knob} of them all.
    """

    def __init__(self, size: int, turned: Callable[[], None]):
        self._turned, self._quiet = turned, False
        # Translators: in the list "Mixed with"
        self._nothing = tr("nothing"), ""
        slider = {"style": LABEL, "continuous_update": True}
        self.strength = ipywidgets.FloatSlider(1.0, min=0, max=1, step=0.01, description=tr("Strength"),
                                               readout_format=".0%", **slider)
        self.second = ipywidgets.Dropdown(options=[self._nothing], value="", style=LABEL,
                                          description=tr("Mixed with"))
        self.mixture = ipywidgets.FloatSlider(0.5, min=0, max=1, step=0.01, description=tr("of that"),
                                              readout_format=".0%", disabled=True, **slider)
        self.strokes = stops(tr("Strokes"), "{:g} x", STROKES, 1.0)
        colors = [(tr(name), value) for name, value in COLORS.items()]
        self.colors = ipywidgets.Dropdown(options=colors, description=tr("Colours"), style=LABEL)
        self.size = stops(tr("Size"), "{} px", {*SIZES, size}, size)
        self.knobs = {"strength": self.strength, "second": self.second, "mixture": self.mixture,
                      "strokes": self.strokes, "colors": self.colors, "size": self.size}
        for knob in self.knobs.values():
            knob.observe(self._turn, "value")
        super().__init__(list(self.knobs.values()))
        self.add_class("dials")

    def wish(self, photo: str, painting: str, mask: str) -> Wish:
        """How the knobs stand."""
        values = {name: knob.value for name, knob in self.knobs.items()}
        for name in ("strength", "mixture"):
            values[name] = round(values[name], 4)
        return Wish(photo, painting, mask=mask, **values)

    def set(self, wish: Wish) -> None:
        """Turn all knobs at once."""
        with self.quiet():
            for name, knob in self.knobs.items():
                if name in ("strokes", "size"):
                    stand_at(knob, getattr(wish, name))
                else:
                    knob.value = getattr(wish, name)

    def preset(self, name: str, now: Wish, paintings: Sequence[Option]) -> tuple[Wish, str]:
        """(What a preset wishes, its question); the pictures, size and mask stay."""
        turned, question = PRESETS[name]
        second = turned.get("second", "")
        if second is None:
            values = [value for _, value in paintings]
            second = now.second or values[(values.index(now.painting) + 1) % len(values)]
        return replace(now, **{"strength": 1.0, "strokes": 1.0, "colors": False, **turned,
                               "second": second}), question

    def offer(self, paintings: Sequence[Option]) -> None:
        """What can be mixed in: all that the gallery holds."""
        options = (self._nothing, *paintings)
        if options != self.second.options:
            with self.quiet():
                value = self.second.value
                self.second.options = options
                self.second.value = value

    @contextlib.contextmanager
    def quiet(self) -> Iterator[None]:
        """Turn several knobs, and tell of it once or not at all."""
        before, self._quiet = self._quiet, True
        try:
            yield
        finally:
            self._quiet = before
            self.mixture.disabled = not self.second.value

    def _turn(self, change):
        if not self._quiet:
            self.mixture.disabled = not self.second.value
            self._turned()

