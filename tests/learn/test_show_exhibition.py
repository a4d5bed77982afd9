"""Drawings of an exhibition: what they show, and what can be read."""
import json
from itertools import pairwise

import matplotlib
import pytest
import torch

matplotlib.use("agg")
from matplotlib import pyplot as plt
from matplotlib.offsetbox import AnnotationBbox

from stylelib import recipe_of, save_image
from stylelib.engine.credits import Credit
from stylelib.learn import show
from stylelib.learn.vote import vote_interval

from ..places import ROOT

SMALLEST = 9                # points, of any text


@pytest.fixture
def figure(monkeypatch):
    """The axis of the figure that was shown; all its texts can be read, and lie within it."""
    monkeypatch.setattr(plt, "show", lambda: None)
    plt.close("all")
    yield lambda: plt.gcf().axes[0]
    figure = plt.gcf()
    figure.draw_without_rendering()
    texts = figure.findobj(matplotlib.text.Text)
    assert all(text.get_fontsize() >= SMALLEST for text in texts if text.get_text())
    drawn, (width, height) = figure.get_tightbbox(), figure.get_size_inches()
    assert width <= show.WIDTH and min(drawn.min) > -0.05
    assert drawn.x1 < width + 0.05 and drawn.y1 < height + 0.05
    plt.close("all")


def picture(height=20, width=30, seed=0):
    return torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(seed))


def test_a_wall_shows_pictures_with_their_labels(figure, tmp_path):
    recipe = recipe_of(ROOT / "data/content/flower.jpg", ROOT / "data/style/starry_night.jpg", title="Noon")
    for name, image in (("b", picture()), ("a", picture(30, 20)), ("c", picture(20, 20))):
        save_image(image, tmp_path / f"{name}.png", recipe if name == "b" else None)
    words = {"title": "One day", "artist": "Anna", "statement": "A day. " * 40,
             "pictures": {"b.png": "later"}}
    (tmp_path / "series.json").write_text(json.dumps(words), "utf-8")
    show.wall(tmp_path)
    texts = [text.get_text() for text in figure().texts]
    assert texts[0] == "One day · Anna" and "A day. A day." in texts[1]
    assert texts[2] == "Noon"               # the picture that the series names comes first
    label = texts[3].replace("\n", " ")
    assert "After Vincent van Gogh, The Starry Night (1889) (public domain)." in label
    assert 'Photo: dahlia ("dahlia" by vultilion, CC BY 2.0).' in label
    assert texts[4] == "a.png" and "Nobody says" in texts[5]
    assert len(figure().images) == 3
    shapes = [(right - left) / (top - bottom)
              for left, right, bottom, top in (image.get_extent() for image in figure().images)]
    assert shapes == pytest.approx([1.5, 2 / 3, 1])


def test_a_label_leaves_out_remarks_only(figure, tmp_path):
    recipe = recipe_of(ROOT / "data/content/flower.jpg", ROOT / "data/style/starry_night.jpg")
    recipe.credits[recipe.photo] = Credit("a dahlia", "(c) Anna 2026 (in her own garden)")
    save_image(picture(), tmp_path / "a.png", recipe)
    show.wall(tmp_path)
    assert "Photo: a dahlia ((c) Anna 2026)." in figure().texts[3].get_text().replace("\n", " ")


def test_a_wall_wraps_long_titles(figure, tmp_path):
    """No title runs into the next label, or into its own text; the heading stays on the wall."""
    long = "A walk to the pagoda, before the rain comes down"
    for name in "abcd":
        save_image(picture(), tmp_path / f"{name}.png")
    words = {"title": f"{long} upon the lake and all who row on it", "artist": "Anna and her neighbours",
             "statement": "A day.", "pictures": {f"{name}.png": f"{long} {name}" for name in "abcd"}}
    (tmp_path / "series.json").write_text(json.dumps(words), "utf-8")
    show.wall(tmp_path)
    plt.gcf().draw_without_rendering()
    heading, statement, *labels = figure().texts
    boxes = [text.get_window_extent() for text in labels]
    titles, below = boxes[::2], boxes[1::2]
    assert labels[0].get_text().replace("\n", " ") == f"{long} a"
    assert all(left.x1 < right.x0 for left, right in pairwise(titles))
    assert all(title.y0 > text.y1 for title, text in zip(titles, below))
    assert heading.get_window_extent().y0 > statement.get_window_extent().y1


def test_a_wall_needs_pictures(tmp_path):
    with pytest.raises(ValueError, match=r"there is no folder .*nowhere: give"):
        show.wall(tmp_path / "nowhere")
    with pytest.raises(ValueError, match=r"show\.wall needs pictures"):
        show.wall(tmp_path)


def test_shares_have_their_intervals(figure):
    show.shares({"ours": (8, 12), "theirs": (0, 5)}, x="of the votes")
    points = [line for line in figure().lines if line.get_marker() == "o"]
    bars = [tuple(line.get_xdata()) for line in figure().lines if len(set(line.get_ydata())) == 1
            and len(line.get_xdata()) == 2]
    assert [line.get_xdata()[0] for line in points] == [8 / 12, 0]
    assert bars == [vote_interval(8, 12), vote_interval(0, 5)]
    assert [text.get_text() for text in figure().texts] == ["8 of 12", "0 of 5"]
    assert [label.get_text() for label in figure().get_yticklabels()] == ["ours", "theirs"]


@pytest.mark.parametrize(("draw", "usual"), [
    (lambda **words: show.shares({"ours": (8, 12)}, **words), "share"),
    (lambda **words: show.loss_race({"a": ([1, 2], [3, 1])}, **words), "evaluations")])
def test_an_axis_may_have_no_name(draw, usual, figure):
    draw(x="")
    assert not plt.gca().get_xlabel()
    draw()
    assert plt.gca().get_xlabel() == usual


def test_pictures_on_two_scales(figure):
    show.two_scales({"a": (1.0, 2.0), "b": (3.0, 1.0)}, {"a": picture()}, "content", "style")
    boxes = figure().findobj(AnnotationBbox)
    assert [tuple(box.xy) for box in boxes] == [(1.0, 2.0)]
    assert [text.get_text() for text in figure().texts] == ["a", "b"]
    with pytest.raises(ValueError, match="no point, of c"):
        show.two_scales({"a": (1, 2)}, {"c": picture()}, "x", "y")


@pytest.mark.parametrize("draw", [lambda: show.shares({}), lambda: show.two_scales({}, {}, "x", "y")])
def test_nothing_to_draw(draw):
    with pytest.raises(ValueError, match="needs names"):
        draw()
