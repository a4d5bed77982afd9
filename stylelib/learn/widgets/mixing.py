"""Two styles under one slider, repainted while it moves: only a network that paints in one pass can do "
  "that."""
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ipywidgets
import torch
from torch import Tensor

from ...fast.predictor import SEEN
from ...fast.ready import STYLES, any_style, many_styles
from ...images import as_picture, resize_image
from .page import Picture
from .pictures import jpeg, sheet
from .still import Panel

WIDE = {"description_width": "initial"}
STOPS = (0, 25, 50, 75, 100)        # percent: what the still picture shows


class StyleSlider(Panel):
    """The panel that `style_slider` makes.

    Attributes:
        view: shows the picture.
        first, second: lists to choose a style from; their values are names.
        mix: its value is the share of the second style in percent.
        picture: what is shown, (1, 3, H, W).
    """

    view: Picture
    first: ipywidgets.Dropdown
    second: ipywidgets.Dropdown
    mix: ipywidgets.IntSlider
    picture: Tensor


def style_slider(photo: Any, styles: Sequence[int] | Mapping[str, Any] = range(STYLES), size: int = 256,
                 width: int = 480) -> StyleSlider:
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
    image = as_picture(photo, "photo", size)
    paint, numbers = _painter(styles)
    names = list(numbers)

    def mixture(first: str, second: str, percent: int) -> Tensor:
        return paint(image, torch.lerp(numbers[first], numbers[second], percent / 100))

    view = Picture(layout={"width": f"{width}px", "max_width": "100%"})
    first, second = (ipywidgets.Dropdown(options=names, value=name, description=words, style=WIDE,
                                         layout={"width": "auto"})
                     for name, words in zip(names, ("from", "to")))
    mix = ipywidgets.IntSlider(50, 0, 100, description="mixture in %", style=WIDE,
                               layout={"width": f"{width}px"})
    columns = [names[0], *(f"{percent} %" for percent in STOPS[1:-1]), names[1]]
    still, _ = sheet([[mixture(names[0], names[1], percent) for percent in STOPS]], 180, column_names=columns)
    row = ipywidgets.HBox([first, second], layout={"flex_flow": "row wrap", "grid_gap": "12px"})
    panel = StyleSlider([view, row, mix], still, f"Slider from {names[0]} to {names[1]}, with "
                                                 f"{len(names)} styles to choose from; it needs a "
                                                 f"running kernel.")
    panel.view, panel.first, panel.second, panel.mix = view, first, second, mix

    def show(change=None):
        panel.picture = mixture(first.value, second.value, mix.value)
        view.value = jpeg(panel.picture, 92)
        view.alt = f"The photo in {100 - mix.value} % {first.value} and {mix.value} % {second.value}"

    for knob in (first, second, mix):
        knob.observe(show, "value")
    show()
    return panel


def _painter(styles) -> tuple[Callable[[Tensor, Tensor], Tensor], dict[str, Tensor]]:
    """(photo and numbers -> picture, {name of a style: its numbers})."""
    if len(styles) < 2:
        raise ValueError(f"a mixture needs two styles or more, got {len(styles)}")
    with torch.no_grad():
        if isinstance(styles, Mapping):
            painter, predictor = any_style()
            seen = {str(name): as_picture(painting, str(name)) for name, painting in styles.items()}
            numbers = {name: predictor(resize_image(painting, SEEN, SEEN).clamp(0, 1))
                       for name, painting in seen.items()}
        else:
            painter = many_styles()
            if wrong := [style for style in styles if style not in range(STYLES)]:
                raise ValueError(f"there is no style {wrong[0]!r}: they are numbered from 0 to {STYLES - 1}")
            numbers = {f"style {style}": torch.eye(STYLES)[style:style + 1] for style in styles}

    def paint(photo: Tensor, style: Tensor) -> Tensor:
        with torch.no_grad():
            return painter(photo, style)
    return paint, numbers
