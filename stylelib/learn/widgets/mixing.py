"""Two styles under one slider, painted anew while it moves: a network that paints in one pass is so quick."""
from collections.abc import Mapping, Sequence
from typing import Any

import ipywidgets
import torch
from torch import Tensor

from ...engine.language import tr
from ...fast.painter import Painter
from ...fast.predictor import SEEN
from ...fast.ready import STYLES, any_style, many_styles
from ...images import as_picture, resize_image
from .page import Picture
from .pictures import jpeg, sheet
from .still import Panel

WIDE = {"description_width": "initial"}
STOPS = (0, 25, 50, 75, 100)        # percent: what the still picture shows


def style_slider(photo: Any, styles: Sequence[int] | Mapping[str, Any] = range(STYLES), size: int = 256,
                 width: int = 480) -> "StyleSlider":
    """A photo in a mixture of two styles, which a slider sets; the picture is painted anew at each move.

    What is mixed are the numbers that describe the styles, not two pictures.

    Args:
        photo: whatever `as_picture` takes.
        styles: numbers of the 26 built-in styles; or {name: painting}, for the network that paints in any
            style. The first two are chosen at the beginning.
        size: longest side of the picture in pixels.
        width: on the screen, in pixels.

    Returns:
        StyleSlider, to be given to `display`.

    Raises:
        ImageError: photo or a painting is no picture.
        ValueError: fewer than two styles, or a number that is none.
    """
    if len(styles) < 2:
        raise ValueError(tr("a mixture needs two styles or more, got {count}", count=len(styles)))
    image = as_picture(photo, "photo", size)
    painter, numbers = _paintings(styles) if isinstance(styles, Mapping) else _built_in(styles)
    return StyleSlider(image, painter, numbers, width)


class StyleSlider(Panel):
    """The panel that `style_slider` makes.

    Attributes:
        view: shows the picture.
        first, second: lists to choose a style from; their values are names.
        mix: its value is the share of the second style in percent.
        picture: what is shown, (1, 3, H, W).
    """

    def __init__(self, photo: Tensor, painter: Painter, numbers: Mapping[str, Tensor], width: int):
        self.photo, self.painter, self.numbers = photo, painter, numbers
        names = list(numbers)
        self.view = Picture(layout={"width": f"{width}px", "max_width": "100%"})
        self.first, self.second = (
            ipywidgets.Dropdown(options=names, value=name, description=words, style=WIDE,
                                layout={"width": "auto"})
            for name, words in zip(names, (tr("from"), tr("to"))))
        self.mix = ipywidgets.IntSlider(50, 0, 100, description=tr("mixture in %"), style=WIDE,
                                        layout={"width": f"{width}px"})
        row = ipywidgets.HBox([self.first, self.second], layout={"flex_flow": "row wrap", "grid_gap": "12px"})
        super().__init__([self.view, row, self.mix], self._still_picture(names),
                         tr("Slider from {first} to {second}, with {count} styles to choose from; it needs "
                            "a running kernel.", first=names[0], second=names[1], count=len(names)))
        for knob in (self.first, self.second, self.mix):
            knob.observe(self._show, "value")
        self._show()

    def mixture(self, first: str, second: str, percent: int) -> Tensor:
        """The photo in a mixture of two styles: (1, 3, H, W)."""
        numbers = torch.lerp(self.numbers[first], self.numbers[second], percent / 100)
        with torch.no_grad():
            return self.painter(self.photo, numbers)

    def _still_picture(self, names):
        pictures = [self.mixture(names[0], names[1], percent) for percent in STOPS]
        columns = [names[0], *(f"{percent} %" for percent in STOPS[1:-1]), names[1]]
        return sheet([pictures], 180, column_names=columns)[0]

    def _show(self, change=None):
        first, second, percent = self.first.value, self.second.value, self.mix.value
        self.picture = self.mixture(first, second, percent)
        self.view.value = jpeg(self.picture, 92)
        self.view.alt = tr("The photo in {rest} % {first} and {percent} % {second}", rest=100 - percent,
                           first=first, percent=percent, second=second)


def _built_in(styles):
    """(painter, {name: numbers}) of built-in styles."""
    if wrong := [style for style in styles if style not in range(STYLES)]:
        raise ValueError(tr("there is no style {style!r}: they are numbered from 0 to {last}", style=wrong[0],
                            last=STYLES - 1))
    return many_styles(), {tr("style {number}", number=style): torch.eye(STYLES)[style:style + 1]
                           for style in styles}


def _paintings(styles):
    """(painter, {name: numbers}) of paintings."""
    painter, predictor = any_style()
    seen = {str(name): as_picture(painting, str(name)) for name, painting in styles.items()}
    with torch.no_grad():
        return painter, {name: predictor(resize_image(painting, SEEN, SEEN).clamp(0, 1))
                         for name, painting in seen.items()}
