"""Drawings of filters: the numbers in them are those of a convolution."""
import matplotlib
import pytest
import torch
from torch.nn import functional

matplotlib.use("agg")
from matplotlib import pyplot as plt

from stylelib.learn import show

EDGE = torch.tensor([[-1.0, 0, 1]] * 3)


@pytest.fixture
def drawn(monkeypatch):
    """The tables of the figure that was shown, and all that is written in it."""
    monkeypatch.setattr(plt, "show", lambda: None)
    plt.close("all")
    yield lambda: ([torch.as_tensor(image.get_array().data) for image in plt.gca().images],
                   [text.get_text() for text in plt.gca().texts])
    plt.close("all")


@pytest.mark.parametrize("at", [(0, 0), (2, 3), (4, 5)])
def test_sliding_filter_shows_a_convolution(at, drawn, random):
    patch = random(5, 6)
    show.sliding_filter(patch, EDGE, at)
    (padded, kernel, products, answers), words = drawn()
    assert torch.equal(padded, functional.pad(patch, (1, 1, 1, 1))) and torch.equal(kernel, EDGE)
    expected = functional.conv2d(patch[None, None], EDGE[None, None], padding=1)[0, 0]
    assert torch.allclose(answers, expected, atol=1e-6) and answers.shape == patch.shape
    assert float(products.sum()) == pytest.approx(float(expected[at]), abs=1e-6)
    assert f"sum: {float(expected[at]):.1f}".replace("-", "−").removesuffix(".0") in words


def test_the_frames_are_where_the_sum_is(drawn, random):
    show.sliding_filter(random(5, 6), EDGE, (1, 4))
    _, window, cell = [patch for patch in plt.gca().patches if patch.get_linewidth() == 3]
    assert (*window.get_xy(), window.get_width()) == (4, 1, 3) and cell.get_width() == 1
    left, _, _, top = plt.gca().images[3].get_extent()
    assert cell.get_xy() == (left + 4, top + 1)


def test_larger_filters_get_more_zeros(drawn, random):
    show.sliding_filter(random(4, 4), random(5, 5), (3, 3))
    assert [tuple(table.shape) for table in drawn()[0]] == [(8, 8), (5, 5), (5, 5), (4, 4)]


def test_numbers_are_written_with_one_digit(drawn):
    show.sliding_filter(torch.tensor([[0.0, 0.25], [1.0, 0.5]]), torch.tensor([[-0.04]]), (1, 0))
    words = drawn()[1]
    assert {"0", "0.5", "1"} <= set(words) and "-0" not in words and "−0" not in words


@pytest.mark.parametrize("patch, kernel, at, words", [
    ((1, 5, 5), (3, 3), (0, 0), "tables"), ((5, 5), (3,), (0, 0), "tables"),
    ((5, 5), (2, 2), (0, 0), "odd side"), ((5, 5), (3, 5), (0, 0), "square"),
    ((5, 5), (3, 3), (5, 0), r"patch of \(5, 5\), got \(5, 0\)"), ((5, 5), (3, 3), (0, -1), "row, column")])
def test_what_cannot_be_drawn(patch, kernel, at, words, drawn):
    with pytest.raises(ValueError, match=words):
        show.sliding_filter(torch.zeros(patch), torch.zeros(kernel), at)
    assert not plt.get_fignums()


def test_filter_sheet_keeps_place_and_colour(random):
    filters = random(11, 3, 3, 3) - 0.5
    sheet = show.filter_sheet(filters, columns=4)
    assert sheet.shape == (1, 3, 3 * 4 + 1, 4 * 4 + 1) and 0 <= sheet.min() and sheet.max() <= 1
    fifth = sheet[0, :, 5:8, 1:4]                       # second row, first column
    assert torch.allclose(fifth, 0.5 + 0.5 * filters[4] / filters[4].abs().max())
    assert bool((sheet[:, :, 4] == 1).all()) and bool((sheet[:, :, 9:, 13:] == 1).all())    # lines, and none
    blank = show.filter_sheet(torch.zeros(1, 3, 3, 3))
    assert torch.equal(blank[:, :, 1:-1, 1:-1], torch.full((1, 3, 3, 3), 0.5))


def test_a_sheet_needs_filters_of_three_colours():
    with pytest.raises(ValueError, match=r"\(N, 3, k, k\), got \(64, 1, 3, 3\)"):
        show.filter_sheet(torch.zeros(64, 1, 3, 3))


@pytest.mark.parametrize("filters, got", [
    ({}, "dict"), (torch.zeros(4, 1, 3, 3), r"\(4, 1, 3, 3\)"), (torch.zeros(3, 3), r"\(3, 3\)"),
    (torch.zeros(0, 3, 3, 3), r"\(0, 3, 3, 3\)")])
def test_what_is_no_sheet_of_filters(filters, got):
    with pytest.raises(ValueError, match=rf"of shape \(N, 3, k, k\), got {got}"):
        show.filter_sheet(filters)
