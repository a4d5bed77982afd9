"""What the studio paints, as plain data: pictures, their code, their recipes."""
from dataclasses import replace
from itertools import pairwise

import pytest
import torch

from stylelib import Settings, load_image, paint_fast, stylize_steps
from stylelib.learn.widgets import easel
from stylelib.learn.widgets.captions import alternative
from stylelib.learn.widgets.easel import Wish
from stylelib.learn.widgets.making import MOST, Making, film
from stylelib.learn.widgets.masks import Masks

from ..conftest import DATA, PAINTING, PHOTO

MOSAIC, SKY = DATA / "style" / "mosaic.jpg", DATA / "masks" / "china_sky.png"
PLAIN = Wish(PHOTO.as_posix(), PAINTING.as_posix(), size=64)
PHOTOS = {"china": PLAIN.photo}
PAINTINGS = {"starry_night": PLAIN.painting, "mosaic": MOSAIC.as_posix(), "style:7": "style:7",
             "style:3": "style:3"}
MASKS = {"china_sky": SKY.as_posix()}
WISHES = {"plain": PLAIN, "built-in": replace(PLAIN, painting="style:7"),
          "weak": replace(PLAIN, strength=0.6, strokes=2.0),
          "mixed": replace(PLAIN, second=MOSAIC.as_posix(), mixture=0.3),
          "both kinds": replace(PLAIN, second="style:3", mixture=0.75, colors="luminance"),
          "masked": replace(PLAIN, mask=SKY.as_posix(), colors="histogram"),
          "two, masked": replace(PLAIN, second=MOSAIC.as_posix(), mask=SKY.as_posix())}


def run(code):
    names = {}
    exec(code, names)
    return names["picture"]


@pytest.mark.parametrize("wish", WISHES.values(), ids=WISHES)
def test_the_code_makes_the_picture_and_the_recipe_says_all_knobs(wish):
    assert torch.equal(run(easel.code(wish)), easel.paint(wish))
    for size in (64, 512):
        wish = replace(wish, size=size)
        line, other = easel.recipe(wish).line, replace(PLAIN, size=99, strength=0.1)
        assert easel.read_line(line, other, PHOTOS, PAINTINGS, MASKS) == (wish, 0)


def test_each_knob_is_seen():
    """Turned to its end, each changes the picture by more than an eye overlooks."""
    start = easel.paint(replace(PLAIN, size=128))
    for turned in ({"strength": 0.5}, {"strokes": 2.0}, {"strokes": 0.5}, {"colors": "luminance"},
                   {"colors": "covariance"}, {"second": MOSAIC.as_posix()}, {"mask": SKY.as_posix()},
                   {"painting": "style:7"}):
        changed = easel.paint(replace(PLAIN, size=128, **turned))
        assert 255 * (changed - start).abs().mean() > 4, turned


def test_a_share_of_nothing_does_not_count():
    alone = replace(PLAIN, second=MOSAIC.as_posix(), mixture=0.0)
    assert alone.styles == [(PLAIN.painting, 1.0)] and torch.equal(easel.paint(alone), easel.paint(PLAIN))


def test_finishing_goes_on_from_the_picture():
    """With these arguments; the weaker the style, the less it weighs."""
    wish = replace(PLAIN, strength=0.5, second=MOSAIC.as_posix(), mixture=0.25, mask=SKY.as_posix())
    knobs = easel.finishing(wish)
    assert knobs["style_weight"] == pytest.approx(0.1) and knobs["style_shares"] == [0.75, 0.25]
    settings = Settings(size=64, steps=1, init=easel.paint(wish), scales=1, style_shares=[0.75, 0.25])
    step = next(stylize_steps(knobs["content"], knobs["style"], settings, mask=knobs["mask"]))
    assert (step.at_full_size() - easel.paint(wish)).abs().mean() < 0.1
    assert not WISHES["built-in"].can_be_finished and wish.can_be_finished
    line = easel.recipe(wish, 12).line
    assert "stopped=12" in line and "fast" not in line.replace("init=fast", "")
    assert easel.read_line(line, PLAIN, PHOTOS, PAINTINGS, MASKS) == (wish, 12)


@pytest.mark.parametrize("line, words", [
    ("stylelib:1 photo=rome painting=mosaic", "'rome', and there is none of that name here: upload it"),
    ("stylelib:1 photo=china painting=candy.safetensors", "'candy.safetensors', and there is none"),
    ("stylelib:1 photo=china painting=mosaic mask=sky", "mask is 'sky', and there is none"),
    ("stylelib:1 photo=china painting=mosaic painting=mosaic painting=mosaic", "has 3"),
    ("stylelib:1 photo=china painting=mosaic init=noise", "no knob for the recipe's init"),
    ("stylelib:1 photo=china painting=mosaic style_weight=5", "no knob for the recipe's style_weight"),
    ("stylelib:1 photo=china painting=mosaic fast=yes tv_weight=3", "no knob for the recipe's tv_weight"),
    ("stylelib:1 photo=china painting=mosaic painting=starry_night mask=china_sky mask=bloom", "one mask"),
    ("stylelib:1 photo=china painting=mosaic size=10px", "size must be"), ("hello", "begins with")])
def test_recipes_that_cannot_be_followed(line, words):
    with pytest.raises(ValueError, match=words):
        easel.read_line(line, PLAIN, PHOTOS, PAINTINGS, MASKS)


def test_words_for_those_who_cannot_see_it():
    assert alternative(WISHES["mixed"], 0) == ("The photo china, painted like 70% starry night and 30% "
                                               "mosaic, in one pass")
    assert alternative(replace(PLAIN, strength=0.4, mask="sky.png"), 5) == (
        "The photo china, painted like starry night, strength 40%, painted on for 5 steps; only where the "
        "mask says so")


def test_there_is_a_sample_of_each_built_in_style():
    samples = easel.style_samples(PHOTO.as_posix())
    assert list(samples) == [f"style:{number}" for number in range(26)] and len(set(samples.values())) == 26
    assert torch.equal(easel.paint(WISHES["built-in"]), paint_fast(PHOTO, 7, 64).image)


def test_another_file_of_the_same_name_is_another_photo(tmp_path):
    photo = tmp_path / "a.jpg"
    pictures = []
    for source in ("china", "flower"):
        photo.write_bytes((DATA / "content" / f"{source}.jpg").read_bytes())
        photo.touch()
        pictures.append(easel.paint(replace(PLAIN, photo=photo.as_posix())))
    assert not torch.equal(*pictures)


def test_masks_that_nothing_was_made_with_do_not_pile_up(tmp_path):
    masks, contents = Masks(tmp_path / "masks"), [SKY.read_bytes(),
                                                  (DATA / "masks" / "flower_bloom.png").read_bytes()]
    first = masks.write("china", contents[0])
    second = masks.write("china", contents[1])
    assert masks.known == {second.rpartition("/")[2].removesuffix(".png"): second} and first != second
    masks.keep()
    assert masks.write("china", contents[0]) == first and set(masks.known.values()) == {first, second}
    assert masks.write("china", contents[1]) == second and set(masks.known.values()) == {second}


def test_the_stages_are_few_enough_to_keep(random):
    making, picture = Making(), random(1, 3, 4, 5)
    making.begin(picture)
    for step in range(1, 400):
        making.add(step, picture * (step / 400))
    steps = [frame.steps for frame in making.frames]
    assert len(steps) <= MOST and steps[0] == 0 and steps[-1] == 399 and steps == sorted(set(steps))
    assert max(later - earlier for earlier, later in pairwise(steps)) <= 4
    assert [steps[making.stage(step)] for step in (0, steps[7], steps[7] + 1, 399)] == [
        0, steps[7], steps[7], 399]
    assert torch.equal(making.frames[0].picture, picture.mul(255).round() / 255)
    making.begin(picture)
    assert [frame.steps for frame in making.frames] == [0]


@pytest.mark.parametrize("kind, start", [("gif", b"GIF89a"), ("webp", b"RIFF"), ("mp4", b"ftyp")])
def test_a_film_of_it(kind, start):
    if kind == "mp4":
        pytest.importorskip("av")
    photo = load_image(PHOTO, 48)
    content = film(kind, [photo, photo * 0.5, photo * 0.1])
    assert start in content[:16]
