"""Figures: what is drawn, and what people hear who hand over something else."""
import matplotlib
import numpy as np
import pytest
import torch
from PIL import Image

from stylelib import ImageError, Result

matplotlib.use("agg")
from matplotlib import pyplot as plt

from stylelib.learn import show


@pytest.fixture
def drawn(monkeypatch):
    """The figure that was shown, with its arrays and captions."""
    monkeypatch.setattr(plt, "show", lambda: None)
    plt.close("all")
    yield lambda: [(axis.get_title(), axis.images[0].get_array()) for axis in plt.gcf().axes if axis.images]
    plt.close("all")


def test_pictures_of_every_kind(drawn, random):
    image = random(1, 3, 20, 30)
    levels = image.mul(255).round().byte()
    rows = levels[0].permute(1, 2, 0).numpy()
    given = {"floats": image, "one": image[0], "levels": levels, "array": rows,
             "Pillow": Image.fromarray(rows), "Result": Result(image, [])}
    show.pictures(given)
    assert [caption for caption, _ in drawn()] == list(given)
    assert all(np.array_equal(array, rows) for _, array in drawn())


def test_shades_of_grey_are_stretched(drawn, random):
    grey = 7 * random(20, 30) - 3
    show.pictures({"tensor": grey.requires_grad_(), "array": grey.detach().numpy()})
    assert all(np.array_equal(array, grey.detach().numpy()) for _, array in drawn())
    assert plt.gcf().axes[0].images[0].get_clim() == (grey.min().item(), grey.max().item())


@pytest.mark.parametrize("images, words", [
    ([torch.zeros(1, 3, 20, 20)], r"write \{'caption': picture\}, got a list"),
    (torch.zeros(1, 3, 20, 20), "got a Tensor"),
    ({}, "got an empty dict"), (None, "got a NoneType"),
    ({"a": Result(None, [])}, "'a': .*got a Result"),
    ({"a": 255 * torch.ones(1, 3, 20, 20)}, "'a': .*from 255 to 255 .*: divide by 255"),
    ({"a": None}, "'a': .*got None"),
    ({"a": torch.zeros(2, 3, 20, 20)}, r"'a': .*\(2, 3, 20, 20\)"),
    ({"a": torch.full((1, 3, 20, 20), torch.nan)}, "'a': .*NaN")])
def test_what_cannot_be_shown(images, words, drawn):
    with pytest.raises(ValueError, match=words) as caught:
        show.pictures(images)
    assert isinstance(caught.value, ImageError) == ("'a'" in words) and "\n" not in str(caught.value)
    assert not plt.get_fignums()                     # no half figure appears under the next cell


def descents(paths):
    show.descents(lambda point: point.square().sum(-1), paths)


@pytest.mark.parametrize("draw", [show.curves, show.heatmaps, show.signed, descents])
@pytest.mark.parametrize("values", [[1, 2, 3], torch.ones(3), {}])
def test_other_figures_need_names(draw, values, drawn):
    with pytest.raises(ValueError, match=r"needs names: write \{'name': values\}, got an? "):
        draw(values)
    assert not plt.get_fignums()


def test_zero_is_white_and_all_signed_maps_share_one_scale(drawn):
    maps = {"small": torch.tensor([[0.0, 1.0]]), "large": torch.tensor([[-4.0, 0.0]], requires_grad=True)}
    show.signed(maps)
    images = [axis.images[0] for axis in plt.gcf().axes if axis.images]
    assert [caption for caption, _ in drawn()] == list(maps)
    assert all(image.get_clim() == (-4, 4) for image in images)
    colours = [image.to_rgba(image.get_array())[0] for image in images]
    assert colours[0][0] == pytest.approx(colours[1][1]) and colours[0][0].min() > 0.95     # white
    assert colours[1][0][2] > colours[1][0][0] and colours[0][1][0] > colours[0][1][2]      # blue, red


def test_signed_maps_of_zeros_only(drawn):
    show.signed({"nothing": torch.zeros(2, 3)}, "silence")
    assert plt.gcf().axes[0].images[0].get_clim() == (-1, 1) and plt.gcf().get_suptitle() == "silence"


def test_descents_follow_their_paths(drawn):
    paths = {"straight": torch.tensor([[-2.0, 0.5], [0.0, 0.0]]), "stays": torch.zeros(3, 2)}
    show.descents(lambda point: point.square().sum(-1), paths)
    for axis, (caption, path) in zip(plt.gcf().axes, paths.items(), strict=True):
        assert axis.get_title() == caption
        assert np.array_equal(axis.lines[0].get_xydata(), path.numpy())


@pytest.mark.parametrize("shared, limits", [
    (False, [(0, 1), (2, 4)]), (True, [(0, 4)] * 2), ((-1, 5), [(-1, 5)] * 2)])
def test_scales_of_heatmaps(shared, limits, drawn):
    show.heatmaps({"low": torch.eye(2), "high": 2 + 2 * torch.eye(2)}, shared=shared, values=True)
    axes = [axis for axis in plt.gcf().axes if axis.texts]
    assert [axis.images[0].get_clim() for axis in axes] == limits
    middle = sum(limits[1]) / 2             # numbers are white on dark cells, whatever the scale
    assert [text.get_color() for text in axes[1].texts] == \
        ["white" if value < middle else "black" for value in (4, 2, 2, 4)]
