"""Drawings of tables: what stands in them, and what is marked in a painting."""
import matplotlib
import numpy as np
import pytest
import torch

matplotlib.use("agg")
from matplotlib import pyplot as plt
from matplotlib.colors import to_rgb

from stylelib.learn import show
from stylelib.learn.show.tables import largest

BLOCK = torch.tensor([[[2.0, 0, 0], [0, 0, 1]], [[0.0, 7, 0], [0, 3.5, 0]]])        # 2 maps of 2 x 3


@pytest.fixture
def figure(monkeypatch):
    """The axes of the figure that was shown."""
    monkeypatch.setattr(plt, "show", lambda: None)
    plt.close("all")
    yield lambda: plt.gcf().axes
    plt.close("all")


def numbers(axis):
    return [text.get_text() for text in axis.texts]


def ticks(axis, which):
    return [label.get_text() for label in getattr(axis, f"get_{which}ticklabels")()]


def test_maps_become_rows(figure):
    show.unrolled(BLOCK.requires_grad_(), ["dots", "lines"], list("abcdef"))
    first, row, second, other_row = figure()
    assert numbers(first) == numbers(row) == ["2", "0", "0", "0", "0", "1"]
    assert numbers(second) == numbers(other_row) == ["0", "7", "0", "0", "3.5", "0"]
    assert first.images[0].get_array().shape == (2, 3) and row.images[0].get_array().shape == (1, 6)
    assert ticks(first, "y") == ["dots"] and ticks(other_row, "x") == list("abcdef") and not ticks(row, "x")
    assert len({axis.images[0].get_clim() for axis in figure()}) == 1           # colours can be compared
    assert "2 maps of 2 x 3" in first.get_title() and "2 rows, 6 columns" in row.get_title()


def test_numbers_can_be_read_on_their_colour(figure):
    show.unrolled(BLOCK, ["dots", "lines"], list("abcdef"))
    for axis in figure():
        colours = {text.get_text(): to_rgb(text.get_color()) for text in axis.texts}
        assert colours["0"] == (1, 1, 1) and colours.get("7", (0, 0, 0)) == (0, 0, 0)


def test_tables_with_names(figure):
    show.tables({"wide": (BLOCK[0], ["r", "s"], list("abc")), "tall": (BLOCK[1].T, list("abc"), ["r", "s"])},
                digits=".1f")
    wide, tall = figure()
    assert numbers(wide) == ["2.0", "0.0", "0.0", "0.0", "0.0", "1.0"]
    assert (ticks(wide, "y"), ticks(wide, "x")) == (["r", "s"], list("abc"))
    assert (ticks(tall, "y"), ticks(tall, "x")) == (list("abc"), ["r", "s"])
    assert (wide.get_title(), tall.get_title()) == ("wide", "tall")


def test_tables_in_rows_leave_no_frame_behind(figure):
    table = torch.ones(2, 2), ["a", "b"], ["c", "d"]
    show.tables({"one": table, "two": table, "three": table}, columns=2)
    assert [axis.axison for axis in figure()] == [True, True, True, False]


@pytest.mark.parametrize("draw, words", [
    (lambda: show.unrolled(BLOCK, ["dots"], list("abcdef")), "1 names for 2 channels: dots"),
    (lambda: show.unrolled(BLOCK, ["dots", "lines"], list("abc")), "3 names for 6 positions: a, b, c"),
    (lambda: show.tables({"G": (torch.ones(2, 3), ["r"], list("abc"))}), "1 names for 2 rows"),
    (lambda: show.tables({"G": (torch.ones(2, 3), list("rs"), list("ab"))}), "2 names for 3 columns"),
    (lambda: show.tables({}), "got an empty dict")])
def test_names_must_fit(draw, words, figure):
    with pytest.raises(ValueError, match=words):
        draw()
    assert not plt.get_fignums()


def test_where_two_channels_meet(figure):
    painting = torch.rand(1, 3, 40, 60, generator=torch.Generator().manual_seed(0))
    block = torch.zeros(1, 3, 10, 15)
    block[0, 0, 2, 3] = block[0, 1, 2, 3] = 2.0         # here they meet,
    block[0, 0, 8, 12] = 6.0                            # here the first is stronger, and alone
    block[0, 2] = 1.0
    show.together(painting, block, (0, 1), patch=8)
    above, below = figure()[:3], figure()[3:]
    assert [axis.get_title() for axis in above] == ["channel 0", "channel 1", "both at once: 0.32"]
    first = [(axis.patches[0].get_y(), axis.patches[0].get_x()) for axis in above]
    assert first == [(30, 46), (6, 10), (6, 10)]        # 4 pixels to a position
    lit = [np.asarray(axis.images[0].get_array()) for axis in above]
    original = painting[0].permute(1, 2, 0).numpy()
    assert (lit[0][34, 50] > 0.8 * original[34, 50]).all()
    assert all((picture[34, 50] < 0.11).all() for picture in lit[1:])
    strips = [np.asarray(axis.images[0].get_array()) for axis in below]
    assert [strip.shape for strip in strips] == [(8, 40, 3)] * 3
    assert np.allclose(strips[1][:, 1:9], original[6:14, 10:18], atol=0.01)


def test_channels_that_are_always_together(figure):
    block = torch.rand(1, 2, 6, 6, generator=torch.Generator().manual_seed(1))
    block[:, 1] = 3 * block[:, 0]
    show.together(torch.rand(1, 3, 24, 24), block, [0, 1], patch=6)
    assert figure()[2].get_title() == "both at once: 1.00"


def test_largest_places_do_not_overlap_and_stay_inside():
    values = torch.rand(12, 16, generator=torch.Generator().manual_seed(0))
    values[0, 0] = 9
    corners = largest(values, 4, 24, (96, 128))
    assert corners[0] == (0, 0) and len(set(corners)) == 4
    assert all(0 <= top <= 72 and 0 <= left <= 104 for top, left in corners)
    for i, (top, left) in enumerate(corners[:-1]):
        assert all(abs(top - y) >= 12 or abs(left - x) >= 12 for y, x in corners[i + 1:])


def test_largest_of_a_small_map():
    assert len(largest(torch.ones(2, 2), 4, 24, (32, 32))) == 4
