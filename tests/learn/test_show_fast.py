"""Drawings of networks that paint: what they show, and that nothing covers anything."""
import matplotlib
import numpy as np
import pytest
import torch

matplotlib.use("agg")
from matplotlib import pyplot as plt

from stylelib import ImageError
from stylelib.learn import show
from stylelib.learn.judge import Verdicts
from stylelib.learn.show.fast import apart, main_directions

SMALLEST = 9                # points, of any text


@pytest.fixture
def figure(monkeypatch):
    """The axes of the figure that was shown; all its texts can be read."""
    monkeypatch.setattr(plt, "show", lambda: None)
    plt.close("all")
    yield lambda: plt.gcf().axes
    texts = plt.gcf().findobj(matplotlib.text.Text)
    assert all(text.get_fontsize() >= SMALLEST for text in texts if text.get_text())
    plt.close("all")


def pictures(*names, height=12, width=18):
    generator = torch.Generator().manual_seed(0)
    return {name: torch.rand(1, 3, height, width, generator=generator) for name in names}


# --------------------------------------------------------------------------------------------------- training

def test_a_training_shows_film_and_losses(figure):
    losses = [{"content": 2.0, "style": 8.0 if i % 2 else 4.0} for i in range(60)]
    show.training(pictures(0, 20, 60), losses)
    *film, below = figure()
    assert [axis.get_title() for axis in film] == ["before", "after 20 iterations", "after 60 iterations"]
    lines = {line.get_label(): line.get_ydata() for line in below.lines if line.get_label()[0] != "_"}
    assert set(lines) == {"content", "style"} and len(lines["style"]) == 60
    assert abs(lines["style"][30] - 6) < 0.3 and np.ptp(lines["content"]) == 0      # the trend, not the jumps
    marks = [line.get_xdata()[0] for line in below.lines if len(line.get_xdata()) == 2]
    assert marks == [1, 20, 60]


def test_a_training_of_one_iteration(figure):
    show.training(pictures(1), [{"content": 1.0}])
    assert len(figure()) == 2


# -------------------------------------------------------------------------------------------------------- map

def styles(count=12, numbers=100):
    """In a plane of their space, but for a little noise."""
    generator = torch.Generator().manual_seed(1)
    plane = torch.randn(count, 2, generator=generator) * torch.tensor([3.0, 1.0])
    table = plane @ torch.linalg.qr(torch.randn(numbers, 2, generator=generator))[0].T
    noise = 1e-3 * torch.randn(count, numbers, generator=generator)
    return {f"style {i}": row for i, row in enumerate(table + noise + 5)}, plane


def test_the_two_directions_are_found():
    table, plane = styles()
    places, share = main_directions(torch.stack(list(table.values())))
    assert share > 0.999
    wanted = torch.cdist(plane, plane)
    assert torch.allclose(torch.cdist(torch.tensor(places), torch.tensor(places)), wanted, atol=0.02)


def test_the_map_does_not_depend_on_signs_and_order():
    table, _ = styles()
    rows = torch.stack(list(table.values()))
    places, _ = main_directions(rows)
    turned, _ = main_directions(rows.flip(0))
    assert np.allclose(places, turned[::-1], atol=1e-3)


def overlaps(middles, sizes):
    """The largest part of any two boxes that covers both, as the shorter of its sides."""
    need = (sizes[:, None] + sizes[None]) / 2 - np.abs(middles[:, None] - middles[None])
    np.fill_diagonal(need[..., 0], -1)
    return need.min(2).max()


@pytest.mark.parametrize("seed", range(8))
def test_boxes_are_moved_apart_and_stay_inside(seed):
    random = np.random.default_rng(seed)
    room, sizes = np.array([8.8, 5.2]), random.uniform(0.4, 0.9, (24, 2))
    spots = random.normal(size=(24, 2)) * [1.0, 0.6] + room / 2
    middles = apart(spots, sizes, room)
    assert overlaps(spots, sizes) > 0.1 and overlaps(middles, sizes) < 0.03
    assert (middles >= sizes / 2 - 1e-9).all() and (middles <= room - sizes / 2 + 1e-9).all()


def test_boxes_that_have_room_stay_and_those_at_one_place_part():
    room, sizes = np.array([8.0, 5.0]), np.ones((3, 2))
    far = np.array([[1.0, 1], [4, 2], [7, 4]])
    assert np.allclose(apart(far, sizes, room), far)
    assert overlaps(apart(np.full((3, 2), 2.5), sizes, room), sizes) < 0.03


def test_the_map_draws_each_style_once_and_names_the_large_ones(figure):
    table, _ = styles(6)
    show.style_map({name: value[None] for name, value in table.items()}, pictures(*table),
                   small=["style 4", "style 5"])
    axis, = figure()
    assert [text.get_text() for text in axis.texts] == [f"style {i}" for i in range(4)]
    widths = [np.ptp(image.get_extent()[:2]) for image in axis.images]
    assert len(widths) == 6 and max(widths[4:]) < min(widths[:4])
    assert "hold 100% of all" in axis.figure.get_suptitle()


# ------------------------------------------------------------------------------------------ race and verdicts

def test_a_race_has_curves_points_and_levels(figure):
    show.loss_race({"a": ([1, 10, 100], [9.0, 3.0, 1.0]), "b": ([2, 20], [4.0, 0.9])},
                   {"at once": (0.1, 3.3)}, x="seconds", levels=[1.0])
    axis, = figure()
    shown = {line.get_label(): list(line.get_xdata()) for line in axis.lines}
    assert (shown["a"], shown["b"], shown["at once"]) == ([1, 10, 100], [2, 20], [0.1])
    assert (axis.get_xscale(), axis.get_yscale(), axis.get_xlabel()) == ("log", "log", "seconds")
    assert [text.get_text() for text in axis.texts] == ["1"]
    show.loss_race({"short": ([1, 25], [9.0, 3.0])})
    axis, = figure()
    assert (axis.get_xscale(), axis.get_yscale()) == ("linear", "log")


def verdict_table():
    return Verdicts(["p", "q"], ["x", "y", "z"], torch.tensor([[3.0, 0], [1, 2]]), torch.eye(3) * 2)


def test_verdicts_show_counts_beside_what_guessing_gives(figure):
    show.verdicts(verdict_table(), pictures("p", "q"), pictures("x", "y", "z", height=30))
    paintings, photos = figure()
    assert paintings.get_title() == "painting: 5 of 6 right, by guessing 3"
    assert photos.get_title() == "photo: 6 of 6 right, by guessing 2"
    counts = {text.get_position(): text.get_text() for text in paintings.texts
              if text.get_text().isdigit()}
    assert sorted(counts.values()) == ["1", "2", "3"]
    row, column = (-1 - 1.1, 1.1)                       # q was right, p was named
    assert counts[column, row] == "1"
    assert len(paintings.images) == 4 and len(photos.images) == 6


def test_verdicts_of_paintings_alone(figure):
    show.verdicts(verdict_table(), pictures("p", "q"))
    assert len(figure()) == 1


# ------------------------------------------------------------------------------------------------ wrong calls

@pytest.mark.parametrize("draw, error, words", [
    (lambda: show.training([], []), ValueError, "show.training needs names: write {iteration: picture}"),
    (lambda: show.training(pictures(1), []), ValueError, "losses of each iteration, got none"),
    (lambda: show.training({1: "none.jpg"}, [{"content": 1.0}]), ImageError, "none.jpg|str"),
    (lambda: show.style_map({}, {}), ValueError, "show.style_map needs names"),
    (lambda: show.style_map(styles(2)[0], pictures("style 0", "style 1")), ValueError, "got 2"),
    (lambda: show.style_map(styles(3)[0], pictures("style 0", "style 1")), ValueError,
     "only one of both has style 2"),
    (lambda: show.loss_race({}), ValueError, "show.loss_race needs names"),
    (lambda: show.verdicts(verdict_table(), pictures("p")), ValueError, "needs a picture of q"),
])
def test_wrong_calls_are_named(draw, error, words, figure):
    with pytest.raises(error, match=words):
        draw()
