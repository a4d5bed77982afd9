"""The drawing of the whole method shows the pictures it was given, and what the network says of them."""
import matplotlib
import numpy as np
import pytest
import torch

from stylelib import ImageError, load_network

matplotlib.use("agg")
from matplotlib import pyplot as plt

from stylelib.learn import show


@pytest.fixture(scope="module")
def network():
    return load_network("vgg19", None)


@pytest.fixture
def drawn(monkeypatch):
    """The axes of the figure that was shown."""
    monkeypatch.setattr(plt, "show", lambda: None)
    plt.close("all")
    yield lambda: plt.gcf().axes[0]
    plt.close("all")


def arrays(axis):
    """What is drawn, from left to right by the middle of each image."""
    return [image.get_array() for image in sorted(axis.images, key=lambda image: sum(image.get_extent()[:2]))]


def test_pictures_maps_and_tables(drawn, random, network):
    photo, painting, picture = random(1, 3, 48, 64), random(1, 3, 64, 48), random(1, 3, 48, 64)
    show.flow(photo, painting, picture, network)
    shown = arrays(drawn())
    colours, sheets = ([array for array in shown if array.ndim == dimensions] for dimensions in (3, 2))
    for given in (photo, painting, picture):
        levels = given[0].permute(1, 2, 0).mul(255).round().byte().numpy()
        assert any(np.array_equal(levels, array) for array in colours)
    assert sorted(array.shape for array in sheets) == [(6, 8)] * 6 + [(24, 24)] * 6
    maps = [torch.as_tensor(np.asarray(array)) for array in sheets if array.shape == (6, 8)]
    for image in (photo, picture):                      # three channels of the content layer each
        features = network(image, ["relu4_2"])["relu4_2"][0]
        assert sum(bool((features == values).all((1, 2)).any()) for values in maps) == 3


def test_the_same_picture_twice_has_the_same_maps_and_tables(drawn, random, network):
    image = random(1, 3, 32, 32)
    show.flow(image, image, image, network)
    sheets = [array for array in arrays(drawn()) if array.ndim == 2]
    for shape in ((4, 4), (24, 24)):
        pile = [np.asarray(array) for array in sheets if array.shape == shape]
        assert len(pile) == 6 and len({array.tobytes() for array in pile}) == 3


def test_nothing_overlaps(drawn, random, network):
    """All words stand inside the drawing, and apart from each other and from the pictures."""
    show.flow(random(1, 3, 64, 64), random(1, 3, 96, 32), random(1, 3, 64, 64), network)
    axis = drawn()
    axis.figure.canvas.draw()
    words = [text.get_window_extent() for text in axis.texts if text.get_text()]
    pictures = [image.get_window_extent() for image in axis.images]
    assert len(words) == 13
    for i, box in enumerate(words):
        assert axis.figure.bbox.x0 <= box.x0 and box.x1 <= axis.figure.bbox.x1
        assert not any(box.overlaps(other) for other in words[i + 1:] + pictures)
    assert min(text.get_fontsize() for text in axis.texts if text.get_text()) >= 10


def test_it_fits_on_a_first_screen(drawn, random, network):
    show.flow(*(random(1, 3, 32, 32) for _ in range(3)), network)
    wide, tall = drawn().figure.get_size_inches()
    assert wide == show.WIDTH and tall < 0.4 * wide


def test_what_cannot_be_drawn(drawn, random, network):
    image = random(1, 3, 32, 32)
    with pytest.raises(ValueError, match=r"as large as the photo, got \(1, 3, 32, 48\) for \(1, 3, 32, 32\)"):
        show.flow(image, image, random(1, 3, 32, 48), network)
    with pytest.raises(ImageError, match="painting"):
        show.flow(image, 255 * image, image, network)
    assert not plt.get_fignums()
