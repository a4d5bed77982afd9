"""The slider between two styles, without a browser: moved and chosen from Python."""
import io

import pytest
import torch
from PIL import Image

from stylelib import ImageError, load_image
from stylelib.fast.ready import any_style, many_styles
from stylelib.images import resize_image
from stylelib.learn.widgets import style_slider

from ..conftest import DATA, PHOTO

SIZE = 64


@pytest.fixture(scope="module")
def photo():
    return load_image(PHOTO, SIZE)


def test_built_in_styles_are_mixed_in_their_numbers(photo):
    panel = style_slider(PHOTO, [4, 9, 17], SIZE)
    painter = many_styles()
    for percent, weights in ((0, {4: 1.0}), (30, {4: 0.7, 9: 0.3}), (100, {9: 1.0})):
        panel.mix.value = percent
        style = torch.zeros(1, 26)
        for number, weight in weights.items():
            style[0, number] = weight
        assert torch.allclose(panel.picture, painter(photo, style), atol=1e-5)
    assert [panel.first.value, panel.second.value] == ["style 4", "style 9"]


def test_paintings_are_mixed_in_their_numbers(photo):
    names = ("mosaic", "starry_night")
    paintings = {name: load_image(DATA / "style" / f"{name}.jpg", 128) for name in names}
    panel = style_slider(photo, paintings, SIZE)
    panel.mix.value = 25
    painter, predictor = any_style()
    first, second = (predictor(resize_image(paintings[name], 256, 256).clamp(0, 1)) for name in names)
    assert torch.allclose(panel.picture, painter(photo, 0.75 * first + 0.25 * second), atol=1e-4)
    pictures = (painter(photo, style) for style in (first, second))
    blended = torch.lerp(*pictures, 0.25)
    assert (panel.picture - blended).abs().mean() > 0.01            # no double exposure


def test_each_knob_repaints_and_says_what_is_shown(photo):
    panel = style_slider(photo, range(4), SIZE)
    shown = {panel.view.value}
    assert panel.view.alt == "The photo in 50 % style 0 and 50 % style 1"
    for knob, value, words in ((panel.mix, 20, "80 % style 0 and 20 % style 1"),
                               (panel.first, "style 3", "80 % style 3 and 20 % style 1"),
                               (panel.second, "style 2", "80 % style 3 and 20 % style 2")):
        knob.value = value
        assert words in panel.view.alt
        shown.add(panel.view.value)
    assert len(shown) == 4
    assert Image.open(io.BytesIO(panel.view.value)).size == (photo.shape[3], photo.shape[2])


def test_what_is_left_without_a_kernel(photo):
    panel = style_slider(photo, [1, 2], SIZE)
    assert repr(panel) == ("Slider from style 1 to style 2, with 2 styles to choose from; it needs a running "
                           "kernel.")
    still = Image.open(io.BytesIO(panel.still))
    assert still.format == "JPEG" and still.width > 4 * SIZE


@pytest.mark.parametrize("photo, styles, error, words", [
    (PHOTO, [3], ValueError, "two styles or more, got 1"),
    (PHOTO, [3, 26], ValueError, "there is no style 26: they are numbered from 0 to 25"),
    (PHOTO, [3, "mosaic"], ValueError, "there is no style 'mosaic'"),
    ("no.jpg", [3, 4], ImageError, "no.jpg"),
    (PHOTO, {"a": PHOTO, "b": "no.jpg"}, ImageError, "no.jpg"),
])
def test_wrong_arguments(photo, styles, error, words):
    with pytest.raises(error, match=words):
        style_slider(photo, styles, SIZE)
