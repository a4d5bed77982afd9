"""Drawings of films: what they show, what can be read, and that a film plays and stays small."""
import base64
import io
import sys

import matplotlib
import numpy as np
import pytest
import torch
from PIL import Image, ImageSequence

matplotlib.use("agg")
from matplotlib import pyplot as plt

from stylelib import ImageError
from stylelib.film.frames import read_film
from stylelib.learn import show

from ..places import ROOT

SMALLEST = 9                # points, of any text
FILM = sys.modules["stylelib.learn.show.film"]


@pytest.fixture
def figure(monkeypatch):
    """The axes of the figure that was shown; all its texts can be read, and lie within it."""
    monkeypatch.setattr(plt, "show", lambda: None)
    plt.close("all")
    yield lambda: plt.gcf().axes
    figure = plt.gcf()
    figure.draw_without_rendering()             # lays it out
    texts = figure.findobj(matplotlib.text.Text)
    assert all(text.get_fontsize() >= SMALLEST for text in texts if text.get_text())
    drawn, (width, height) = figure.get_tightbbox(), figure.get_size_inches()
    assert width <= show.WIDTH and min(drawn.min) > -0.02
    assert drawn.x1 < width + 0.02 and drawn.y1 < height + 0.02
    plt.close("all")


@pytest.fixture
def played(monkeypatch):
    """The films that were displayed: (picture, metadata, words)."""
    films = []
    monkeypatch.setattr(FILM, "display", lambda data, metadata, raw: films.append(
        (Image.open(io.BytesIO(base64.b64decode(data["image/png"]))), metadata["image/png"],
         data["text/plain"])))
    return films


def frames(count=4, height=12, width=18, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return list(torch.rand(count, 1, 3, height, width, generator=generator))


def moving(count=6, height=24, width=36):
    """A white block that moves to the right by 4 px a frame."""
    film = torch.zeros(count, 1, 3, height, width)
    for time, frame in enumerate(film):
        frame[:, :, 8:16, 4 * time:4 * time + 4] = 1
    return list(film)


# ------------------------------------------------------------------------------------------------ what plays

def test_a_film_plays_side_by_side(played):
    show.film({"still": moving(6)[:1] * 6, "moving": moving(6)}, rate=10, width=200)
    (film, about, words), = played
    assert (film.format, film.n_frames, film.info["loop"]) == ("PNG", 6, 0)
    shown = [np.asarray(frame.convert("RGB"))[FILM.LINE:] for frame in ImageSequence.Iterator(film)]
    durations = [frame.info["duration"] for frame in ImageSequence.Iterator(film)]
    assert durations == [100] * 5 + [400]
    assert shown[0].shape == (24, 36 + FILM.GAP + 36, 3)
    for time, frame in enumerate(shown):
        assert frame[12, 1] .min() > 250 and (frame[12, 36 + FILM.GAP + 4 * time + 1] > 250).all()
        assert (frame[2] < 5).sum() == 3 * 72                   # black but for the gap
    assert words == "<A film of 6 frames, side by side: still, moving>"
    assert about == {"alt": words[1:-1], "width": FILM.LARGER * film.width}


def test_a_film_without_a_name_and_with_words(played):
    show.film(iter(moving()), width=30)
    show.film({"a": moving()}, alt="A block moves to the right.")
    (plain, about, _), (named, told, words) = played
    assert plain.size == (30, 20) and about == {"alt": "A film of 6 frames", "width": 30}
    assert named.size == (36, 24 + FILM.LINE)
    assert (told["alt"], words) == ("A block moves to the right.", "<A block moves to the right.>")


@pytest.mark.parametrize("clip, count, columns", [("balloon", 8, 160), ("bunny", 8, 160)])
def test_a_film_of_the_course_is_small_and_as_large_as_its_frames(clip, count, columns, played):
    clip = [frame.image for frame in read_film(ROOT / f"data/film/{clip}.webp", size=columns)][:count]
    show.film({"photo": clip, "rough": [frame + 0.1 * torch.randn_like(frame) for frame in clip]})
    (film, about, _), = played
    assert film.n_frames == count and about["width"] == 600
    assert 0.9 * (2 * columns) <= film.width <= 2 * columns + FILM.GAP
    film.fp.seek(0)
    assert 50_000 < len(film.fp.read()) <= FILM.MOST


def test_what_is_too_much_gets_smaller_by_steps_that_checks_forgive(played):
    show.film({"noise": frames(24, 90, 160)})
    (film, about, _), = played
    film.fp.seek(0)
    assert len(film.fp.read()) <= FILM.MOST and film.n_frames == 24
    assert 80 < film.width < 150 and about["width"] == 2 * film.width
    assert 1 - FILM.SMALLER < 0.06


def test_a_still_background_does_not_boil(played):
    grey = torch.linspace(0.3, 0.5, 80).expand(1, 3, 40, 80)
    film = [grey.clone() for _ in range(5)]
    for time, frame in enumerate(film):
        frame[..., :8, 8 * time:8 * time + 8] = torch.rand(3, 8, 8, generator=torch.manual_seed(time))
    show.film({"": film})
    first, *others = [np.asarray(frame.convert("RGB")) for frame in ImageSequence.Iterator(played[0][0])]
    assert len(others) == 4 and all((frame[8:] == first[8:]).all() for frame in others)


def test_long_names_are_cut(played):
    show.film({"a name that is far too long": moving(), "b": moving()})
    name = np.asarray(played[0][0].convert("L"))[:FILM.LINE]
    assert (name[:, 36:36 + FILM.GAP] > 250).all() and (name[:, :36] < 100).any()


# ------------------------------------------------------------------------------------------ strips and slices

def test_a_strip_has_rows_of_films_and_columns_of_time(figure):
    films = {"a": frames(9), "b": frames(9, seed=1)}
    show.strip(films, count=3, title="Two films")
    axes = figure()
    assert [axis.get_title() for axis in axes[:3]] == ["frame 1", "frame 5", "frame 9"]
    assert [axes[0].get_ylabel(), axes[3].get_ylabel()] == ["a", "b"]
    assert np.allclose(axes[4].images[0].get_array() / 255, films["b"][4][0].permute(1, 2, 0), atol=0.003)


def test_a_strip_of_a_part(figure):
    film = frames(3)
    show.strip({"a long name of a film": film}, crop=(4, 2, 6, 5))
    whole, *parts = figure()
    assert len(parts) == 3 and whole.images[0].get_array().shape == (12, 18, 3)
    assert np.allclose(parts[2].images[0].get_array() / 255, film[2][0, :, 2:7, 4:10].permute(1, 2, 0),
                       atol=0.003)
    box = whole.patches[0]
    assert (*box.get_xy(), box.get_width(), box.get_height()) == (3.5, 1.5, 6, 5)


def slice_of(axes, number, count):
    return axes[count + number].images[0].get_array()


@pytest.mark.parametrize("column", [9, np.int64(9)])
def test_a_slice_shows_a_column_over_time(column, figure):
    film = moving()
    show.time_slice({"moving": film, "still": film[:1] * 6}, column=column)
    axes = figure()
    assert [axis.get_title() for axis in axes[:2]] == ["moving", "still"]
    lines = slice_of(axes, 0, 2)
    assert lines.shape == (24, 6, 3)
    assert (lines[12, :, 0] > 250).tolist() == [False, False, True, False, False, False]   # passes in frame 3
    assert not slice_of(axes, 1, 2).any()
    assert axes[0].patches[0].get_xy() == (8.5, -0.5) and axes[0].patches[0].get_height() == 24


def test_a_slice_of_a_row_shows_what_moves_as_a_slanting_line(figure):
    show.time_slice({"moving": moving()}, row=0.5)
    above, below = figure()
    lines = below.images[0].get_array()[..., 0] > 250
    assert lines.shape == (6, 36)
    assert [np.flatnonzero(line)[0] for line in lines] == [0, 4, 8, 12, 16, 20]
    assert below.get_ylabel() == "← frame" and above.patches[0].get_width() == 36


def test_a_slice_of_a_part_is_seen_larger(figure):
    show.time_slice({"moving": moving()}, 0.25, part=(0.5, 0.75))
    above, below = figure()
    assert below.images[0].get_array().shape == (6, 6, 3)
    assert (above.patches[0].get_y(), above.patches[0].get_height()) == (11.5, 6)
    assert [label.get_text() for label in below.get_xticklabels()] == ["1", "2", "3", "4", "5", "6"]


# ----------------------------------------------------------------------------------------------------- motion

def flow_of(x, y, height=40, width=64):
    return torch.tensor([x, y], dtype=torch.float).view(1, 2, 1, 1).expand(1, 2, height, width).clone()


def test_a_flow_is_drawn_as_arrows_and_colours(figure):
    show.optical_flow(frames(1, 40, 64)[0], flow_of(-2, 0))
    arrows, colors = figure()
    quiver = next(part for part in arrows.collections if hasattr(part, "U"))
    assert (quiver.U < 0).all() and not quiver.V.any()
    assert arrows.get_title() == "arrows, 2 times as long as the flow" and (quiver.U == -4).all()
    assert colors.get_title() == "in colours; rim of the wheel: 2 px"
    red, green, blue = colors.images[0].get_array()[20, 32]
    assert green > 0.8 and blue > 0.8 and red < 0.1                 # to the left is cyan, as in the wheel
    wheel, = colors.child_axes
    assert np.allclose(wheel.images[0].get_array()[65, 20, :3], [red, green, blue], atol=0.4)


@pytest.mark.parametrize("x, y, hue", [(1, 0, [1, 0, 0]), (0, -1, [0.5, 1, 0]), (-1, 0, [0, 1, 1]),
                                       (0, 1, [0.5, 0, 1])])
def test_hues_are_directions(x, y, hue):
    color = show.motion.flow_colors(np.array([x, y], float), 1.0)
    assert np.allclose(color, 0.85 * np.array(hue), atol=0.01)
    assert np.allclose(show.motion.flow_colors(np.zeros(2), 1.0), 1)


def test_a_flow_beside_the_truth(figure):
    wrong = flow_of(3, 0)
    wrong[..., :20] = 0
    show.optical_flow(frames(1, 40, 64)[0], wrong, flow_of(3, 0))
    _, error, found, true = figure()
    assert found.get_title() == "found; rim of the wheel: 3 px" and true.get_title() == "true"
    values = error.images[0].get_array()
    assert (values[:, :20] == 3).all() and not values[:, 20:].any()
    assert error.get_title() == "error: half of all below 0.00 px, mean 0.88 px"      # 17 of 58 inner columns
    assert len(found.child_axes) == len(true.child_axes) == 1


def test_what_is_hidden_is_marked_and_counted(figure):
    picture, mask = frames(1, 40, 64)[0], torch.ones(1, 1, 40, 64)
    mask[..., 10:20, 10:26] = 0
    show.hidden(picture, picture, mask)
    frame, before, known = figure()
    assert known.get_title() == "not known from it: 6%"
    back, mark = known.images
    assert np.ptp(back.get_array(), axis=2).max() < 1e-6 and back.get_array().min() > 0.5   # pale and grey
    assert np.allclose(mark.get_alpha() > 0, 1 - mask[0, 0])
    assert len(before.collections) == 2 and not frame.collections


@pytest.mark.parametrize("value, words", [(1.0, "not known from it: 0%"), (0.0, "not known from it: 100%")])
def test_nothing_or_everything_is_hidden(value, words, figure):
    picture = frames(1)[0]
    show.hidden(picture, picture, torch.full((1, 1, 12, 18), value))
    assert figure()[2].get_title() == words


# ------------------------------------------------------------------------------------------------------- ways

def test_ways_are_bars_with_their_numbers(figure):
    show.ways({"naive": {"flicker": 16.7, "loss": 0.5},
               "steady": {"flicker": 3.04, "loss": None, "seconds\na frame": 1}})
    flicker, loss, seconds = figure()
    assert [axis.get_title() for axis in figure()] == ["flicker", "loss", "seconds\na frame"]
    assert [text.get_text() for text in flicker.texts] == ["17", "3.0"]
    assert [text.get_text() for text in loss.texts] == ["0.50", "–"]
    assert [text.get_text() for text in seconds.texts] == ["–", "1.0"]
    assert [bar.get_width() for bar in flicker.patches] == [16.7, 3.04]
    assert [label.get_text() for label in flicker.get_yticklabels()] == ["naive", "steady"]


def test_calm_against_sharp(figure):
    points = {"naive": (16.7, 23.3), "steady": (3.0, 21.8)}
    show.calm_and_sharp(points, {"steady": frames(1)[0]}, own=(3.2, 16.3))
    axis, picture = figure()
    lines = {line.get_label(): line.get_xydata().ravel().tolist() for line in axis.lines}
    assert lines["naive"] == [16.7, 23.3] and lines["the clip itself"] == [3.2, 16.3]
    (left, right), (low, high) = axis.get_xlim(), axis.get_ylim()
    assert left == low == 0 and right > 17 and high > 24            # no mark is cut
    assert picture.get_title() == "steady"


# ------------------------------------------------------------------------------------------------ wrong calls

SIZES = {"a": frames(2), "b": frames(2, width=20)}


@pytest.mark.parametrize("draw, error, words", [
    (lambda: show.film({}), ValueError, "show.film needs names: write .* an empty dict"),
    (lambda: show.film(5), ValueError, "show.film needs a list of frames for '', got a int"),
    (lambda: show.film({"a": torch.rand(4, 3, 8, 8)}), ValueError, "list of frames for 'a', got a Tensor"),
    (lambda: show.film({"a": []}), ValueError, "equally many frames, got 'a' with 0"),
    (lambda: show.film(SIZES), ValueError, "show.film needs frames of one size, got 18x12 px, 20x12 px"),
    (lambda: show.film({"a": ["x.png"]}), ImageError, "frame 1 of 'a': .*x.png|frame 1 of 'a': .*str"),
    (lambda: show.film(frames(), rate=0), ValueError, "up to 50 frames a second, got rate=0"),
    (lambda: show.film(frames(), width=10), ValueError, "22 px or more for each film, got width=10"),
    (lambda: show.strip({"a": frames(2), "b": frames(3)}), ValueError, "got 'a' with 2, 'b' with 3"),
    (lambda: show.strip({"a": frames(2)}, crop=(10, 0, 9, 5)), ValueError,
     r"the part \(10, 0, 9, 5\) does not lie within frames of 18x12 px: \(left, top, width, height\)"),
    (lambda: show.strip({"a": frames(2)}, count=0), ValueError, "1 frame or more, got count=0"),
    (lambda: show.time_slice([]), ValueError, "show.time_slice needs names"),
    (lambda: show.time_slice({"a": frames(2)}, 18), ValueError, "there is no column 18 among 18"),
    (lambda: show.time_slice({"a": frames(2)}, row=1.2), ValueError, "there is no row 1.2 among 12"),
    (lambda: show.time_slice({"a": frames(2)}, part=(0.5, 0.5)), ValueError, r"part=\(0.5, 0.5\) is no part"),
    (lambda: show.optical_flow(frames()[0], torch.zeros(1, 2, 5, 5)), ValueError,
     r"a flow \(1, 2, 12, 18\) for this frame, got \(1, 2, 5, 5\)"),
    (lambda: show.hidden(frames()[0], frames()[0], torch.zeros(12, 18)), ValueError,
     r"a mask \(1, 1, 12, 18\) for this frame, got 18x12 px and \(12, 18\)"),
    (lambda: show.hidden(frames()[0], SIZES["b"][0], torch.zeros(1, 1, 12, 18)), ValueError, "got 20x12 px"),
    (lambda: show.ways({}), ValueError, "show.ways needs names"),
    (lambda: show.ways({"a": {}}), ValueError, "needs a number or more"),
    (lambda: show.calm_and_sharp({}), ValueError, "show.calm_and_sharp needs names"),
    (lambda: show.calm_and_sharp({"a": (1, 2)}, {"b": frames()[0]}), ValueError,
     "has a picture, but no point, of b"),
])
def test_wrong_calls_are_named(draw, error, words, figure, played):
    with pytest.raises(error, match=words) as raised:
        draw()
    assert "\n" not in str(raised.value) and not played
