"""Training: the loss falls, seeds decide, a training goes on, and what does not belong is skipped or said."""
import shutil
import warnings

import pytest
import torch
from PIL import Image

from stylelib import DivergenceError, Painting, load_image, load_network
from stylelib.engine.inputs import ImageError
from stylelib.fast.crops import Crops, course_photos
from stylelib.fast.painter import Painter
from stylelib.fast.ready import any_style, load_painter, many_styles, save_painter, trained
from stylelib.fast.styles import style_numbers
from stylelib.fast.train import PaintingLoss, Schedule, in_one_style, train_fast

from ..conftest import DATA, PAINTING, PHOTO

CPU = torch.device("cpu")


def train(vgg, *arguments, style=PAINTING, size=32, **settings):
    return train_fast(style, *arguments, size=size, network=vgg, device="cpu", progress=False, **settings)


@pytest.fixture(scope="module")
def loss(vgg):
    """The loss for The Starry Night."""
    return PaintingLoss(PAINTING, 10, vgg, CPU)


@pytest.fixture(scope="module")
def history(vgg):
    """A training of twenty iterations."""
    return list(train(vgg, iterations=20))


def total(loss, painter, photo):
    with torch.no_grad():
        return float(sum(loss(painter(photo), photo).values()))


def same(one, other):
    return all(torch.equal(a, b) for a, b in zip(one.state_dict().values(), other.state_dict().values()))


# What is learned

def test_twenty_crops_lower_the_loss_of_a_photo_that_was_not_seen(history, loss, photo):
    first, last = (total(loss, step.painter, photo) for step in (history[0], history[-1]))
    assert last < first / 2
    assert history[-1].total < history[0].total / 2


def test_steps_describe_themselves(history):
    assert [step.index for step in history] == list(range(1, 21))
    assert [step.progress for step in history] == pytest.approx([index / 20 for index in range(1, 21)])
    assert set(history[0].losses) == {"content", "style"} and "style" in repr(history[0])
    assert not same(history[3].painter, history[4].painter)         # copies, not one network twenty times
    assert not any(weight.requires_grad for weight in history[-1].painter.parameters())


def test_a_seed_gives_the_same_network_and_leaves_other_random_numbers_alone(vgg, history):
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    again = list(train(vgg, iterations=20))
    assert torch.equal(torch.rand(3), expected)
    assert same(again[-1].painter, history[-1].painter)
    assert [step.losses for step in again] == [step.losses for step in history]
    other = next(train(vgg, iterations=20, seed=1))
    assert not same(other.painter, history[0].painter)


def test_a_stopped_training_goes_on_from_its_weights(vgg, history, loss, photo):
    for step in train(vgg, iterations=100):
        if step.index == 12:
            break
    before = {name: value.clone() for name, value in step.painter.state_dict().items()}
    more = list(train(vgg, iterations=20, painter=step.painter, seed=1))
    assert total(loss, more[-1].painter, photo) < 0.8 * total(loss, step.painter, photo)
    assert all(torch.equal(value, before[name]) for name, value in step.painter.state_dict().items())


def test_photo_alone_gives_no_style(vgg, photo):
    """With style_weight 0 only the content is lowered."""
    step = next(train(vgg, [PHOTO], iterations=1, style_weight=0))
    assert step.losses["style"] == 0 < step.losses["content"]


def test_losses_are_relative(loss, vgg, photo, painting):
    """The painting itself has no style loss, the photo no content loss, and an empty picture 1 of each."""
    painting = load_image(PAINTING, 256)
    assert float(loss(painting, painting)["style"]) < 1e-6
    assert float(loss(photo, photo)["content"]) == 0
    assert float(loss(photo, photo)["style"]) > 1


def test_several_paintings_make_a_network_with_several_styles(vgg, photo):
    """A red and a blue one: each number of the network belongs to its painting."""
    stripes = torch.arange(64).div(8, rounding_mode="floor").remainder(2).float().expand(1, 3, 64, 64)
    colours = torch.eye(3)[[0, 2]].view(2, 1, 3, 1, 1)
    painter = list(train(vgg, style=list(stripes * colours), iterations=25, learning_rate=0.1,
                         only_norms=True))[-1].painter          # norms alone learn colours soonest
    assert painter.numbers == 2
    with torch.no_grad():
        (red, _, blue), (red2, _, blue2) = (painter(photo, one[None]).mean((0, 2, 3)) for one in torch.eye(2))
    assert red > red2 + 0.1 and blue2 > blue + 0.1


def test_another_network_may_describe_the_pictures():
    step = list(train(load_network("squeezenet1_1"), iterations=12))
    assert step[-1].total < step[0].total / 1.5


# Only gains and shifts

@pytest.mark.parametrize("start", ["many", "one"])
def test_only_norms_leaves_the_rest_as_it_was(vgg, start, history):
    given = many_styles() if start == "many" else history[-1].painter
    painter = list(train(vgg, iterations=3, painter=given, only_norms=True))[-1].painter
    changed, kept = [], []
    for name, weight in painter.state_dict().items():
        if ".norm." in name:
            changed.append(weight.numel())
        else:
            kept.append(torch.equal(weight, given.state_dict()[name]))
    assert painter.numbers == 1 and kept and all(kept)
    if start == "many":
        assert sum(changed) == 990 and sum(weight.numel() for weight in given.parameters()) == 166104
    else:
        assert not same(painter, given)


def test_a_ready_network_learns_a_painting_by_its_norms(vgg, loss, photo):
    """It begins with its nearest style, and soon is nearer."""
    settings = dict(painter=many_styles(), only_norms=True, size=48)
    start = next(train(vgg, iterations=1, learning_rate=1e-9, **settings)).painter
    end = list(train(vgg, iterations=15, **settings))[-1].painter
    assert total(loss, start, photo) < total(loss, Painter(), photo) / 2
    assert total(loss, end, photo) < 0.92 * total(loss, start, photo)


def test_the_network_for_any_style_begins_with_what_it_makes_of_the_painting(vgg, photo):
    painter, predictor = any_style()
    numbers = style_numbers(Painting(load_image(PAINTING, 256)), predictor)
    start = next(train(vgg, iterations=1, painter=(painter, predictor), learning_rate=1e-9)).painter
    assert start.numbers == 1 and torch.allclose(start(photo), painter(photo, numbers), atol=1e-4)


def test_one_style_paints_as_it_did_among_many(photo):
    painter, style = many_styles(), torch.eye(26)[3:5].mean(0, keepdim=True)
    assert torch.allclose(in_one_style(painter, style)(photo), painter(photo, style), atol=1e-5)


# Files

def test_a_saved_network_paints_the_same(tmp_path, history, photo):
    painter = history[-1].painter
    save_painter(painter, tmp_path / "a.safetensors", {"about": "a test"})
    assert (load_painter(tmp_path / "a.safetensors")(photo) - painter(photo)).abs().max() < 0.02
    assert 200_000 < (tmp_path / "a.safetensors").stat().st_size < 240_000


@pytest.mark.parametrize("name", ["starry_night", "mosaic", "woodcut_waves"])
def test_networks_that_ship_paint_photos_that_they_have_not_seen(name, vgg):
    assert name in trained()
    photo, painter = load_image(PHOTO, 192), load_painter(name)
    loss = PaintingLoss(DATA / "style" / f"{name}.jpg", 1, vgg, CPU)
    with torch.no_grad():
        before, after = (loss(picture, photo) for picture in (photo, painter(photo)))
        mirrored = loss(painter(photo), photo.flip(3))      # the same things in other places
    assert after["style"] < before["style"] / 4
    assert after["content"] < 0.9 * mirrored["content"]


# Photos

def write(folder, *names):
    for name in names:
        Image.effect_noise((120, 100), 80).convert("RGB").save(folder / name)


def test_bad_files_in_a_folder_are_skipped_with_a_line_each(vgg, tmp_path):
    write(tmp_path, "a.jpg", "b.png")
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / "c.jpg").write_bytes((tmp_path / "a.jpg").read_bytes()[:300])
    (tmp_path / ".hidden").write_text("not even looked at")
    lines = []
    assert len(list(train(vgg, tmp_path, iterations=8, on_skip=lines.append))) == 8
    assert len(lines) == 2 and all(line.startswith("skipped: ") for line in lines)
    assert "notes.txt" in " ".join(lines) and "c.jpg" in " ".join(lines)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        crops = Crops(tmp_path, 48)
        crops(20)
    assert sorted(str(warning.message) for warning in caught) == sorted(lines)


@pytest.mark.parametrize("fill, words", [
    (lambda folder: None, "there is no photo in the folder"),
    (lambda folder: (folder / "a.jpg").write_text("no picture"), "none of the photos can be read"),
])
def test_a_folder_without_photos_is_one_error(vgg, tmp_path, fill, words):
    fill(tmp_path)
    with pytest.raises(ImageError, match=words):
        next(train(vgg, tmp_path, on_skip=lambda line: None))


def test_a_photo_that_was_named_must_be_there(vgg, tmp_path):
    with pytest.raises(ImageError, match="no such file"):
        list(train(vgg, [PHOTO, tmp_path / "gone.jpg"], iterations=20))


def test_without_the_course_photos_must_be_given(vgg, tmp_path, monkeypatch):
    assert "china.jpg" not in [path.name for path in course_photos()] and len(course_photos()) == 5
    (tmp_path / "data" / "content").mkdir(parents=True)
    (tmp_path / "here").mkdir()
    shutil.copy(PHOTO, tmp_path / "data" / "content" / "of_another_project.jpg")
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setattr("stylelib.engine.places.__file__", str(tmp_path / "a" / "b" / "c.py"))
    with pytest.raises(ImageError, match="give photos of your own"):
        train(vgg)


def test_crops_are_pieces_of_photos(random):
    """Also of a panorama that is lower than a crop; about half of them mirrored."""
    ramp = torch.linspace(0, 1, 300).expand(1, 3, 40, 300)
    pieces = Crops([ramp], 64)(30)
    assert pieces.shape == (30, 3, 64, 64)
    rising = (pieces[:, 0, 0, -1] > pieces[:, 0, 0, 0]).sum()
    assert 5 <= rising <= 25
    assert len({round(float(piece.mean()), 3) for piece in pieces}) > 10


# How long

def test_a_training_by_the_clock_ends(vgg):
    steps = list(train(vgg, minutes=0.02))
    assert steps[-1].progress == 1 and steps[-1].seconds >= 1.2 and steps[-2].seconds < 1.2


def test_the_learning_rate_grows_and_falls_to_nothing():
    for schedule in (Schedule(100, learning_rate=2.0), Schedule(1, 10.0, 2.0)):
        rates = [schedule.rate(index, share / 100) for index, share in enumerate(range(100))]
        assert rates[0] == 0.2 and max(rates) == rates[9] and 1.9 < rates[9] < 2
        assert rates[9:] == sorted(rates[9:], reverse=True) and rates[-1] < 0.002
    assert Schedule(100).share(50, 1e6) == 0.5 and Schedule(100, minutes=2).share(50, 60) == 0.5


# What is refused

@pytest.mark.parametrize("settings, words", [
    ({"iterations": 0}, "iterations must be a positive number of updates, got 0"),
    ({"minutes": -1}, "minutes must be a number above 0, got -1"),
    ({"size": 16}, "size must be at least 32 px"),
    ({"batch": 1.5}, "batch must be a positive number of crops, got 1.5"),
    ({"learning_rate": float("nan")}, "learning_rate must be a number above 0, got nan"),
    ({"style_weight": -1}, "style_weight must be a number, 0 or more, got -1"),
    ({"style": []}, "got an empty list"),
    ({"style": "gone.jpg"}, "no such file"),
    ({"photos": []}, "there are no photos"),
    ({"style": [PAINTING, PAINTING], "painter": Painter()}, "2 paintings, and the painter has 1 numbers"),
])
def test_what_is_out_of_range_is_refused_at_once(vgg, settings, words):
    with pytest.raises(ValueError, match=words):
        train(vgg, **settings)


def test_a_training_that_explodes_says_so(vgg):
    with pytest.raises(DivergenceError, match="lower the learning rate"):
        list(train(vgg, iterations=30, learning_rate=1e30))
