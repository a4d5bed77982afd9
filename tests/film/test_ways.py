"""Cuts, the temporal loss, and the three ways to paint a film."""
from itertools import pairwise

import pytest
import torch

from stylelib import ImageError, load_image, load_network, paint_fast, save_image
from stylelib.film.cuts import is_cut
from stylelib.film.flow import motion
from stylelib.film.frames import read_film
from stylelib.film.measures import flicker, sharpness
from stylelib.film.temporal import long_term, temporal_loss
from stylelib.film.ways import film_way, paint_frames
from stylelib.images import resize_image

from ..conftest import DATA
from .clip import clip

STARRY = DATA / "style" / "starry_night.jpg"
PHOTOS = sorted((DATA / "content").glob("*.jpg"))


@pytest.fixture(scope="module")
def photos():
    return clip(range(0, 20, 2))


@pytest.fixture(scope="module")
def motions(photos):
    pairs = [motion(frame, before) for before, frame in pairwise(photos)]
    return [flow for flow, _ in pairs], [mask for _, mask in pairs]


# ------------------------------------------------------------------------------------------------------- cuts

def wide(path):
    return resize_image(load_image(path, 320), 180, 320).clamp(0, 1)


def test_another_photo_is_a_cut():
    pictures = [wide(path) for path in PHOTOS]
    assert all(is_cut(one, other) for one in pictures for other in pictures if one is not other)


@pytest.mark.parametrize("path", PHOTOS, ids=lambda path: path.stem)
def test_a_fast_camera_and_a_light_are_no_cuts(path):
    large = resize_image(load_image(path, 640), 270, 480).clamp(0, 1)
    frame = large[:, :, 45:225, 80:400]
    assert not is_cut(frame, large[:, :, 45:225, 160:480])          # a quarter of its width in one frame
    assert not is_cut(frame, large[:, :, 90:270, 80:400])
    assert not is_cut(frame, (frame * 0.9).clamp(0, 1))
    assert not is_cut(frame, frame)


@pytest.mark.parametrize("name", ["balloon.webp", "bunny.webp"])
def test_there_are_no_cuts_in_the_clips(name):
    frames = [frame.image for frame in read_film(DATA / "film" / name)]
    assert not any(is_cut(before, frame) for before, frame in zip(frames, frames[3:]))


# ---------------------------------------------------------------------------------------------- temporal loss

def test_the_temporal_loss_is_that_of_the_paper():
    """By hand: two of four pixels were seen, three colours differ by 0.5 there: 2 * 3 * 0.25 / 12."""
    image, warped = torch.ones(1, 3, 2, 2), torch.full((1, 3, 2, 2), 0.5)
    mask = torch.tensor([[1.0, 0.0], [0.0, 1.0]])[None, None]
    assert temporal_loss(image, warped, mask).item() == pytest.approx(0.125)


def test_each_pixel_has_one_witness():
    nearest, far, farthest = (torch.tensor(row).view(1, 1, 1, 4) for row in
                              ([1.0, 0.0, 0.0, 0.5], [1.0, 1.0, 0.0, 1.0], [1.0, 1.0, 1.0, 1.0]))
    weights = [mask.flatten().tolist() for mask in long_term([nearest, far, farthest])]
    assert weights == [[1, 0, 0, 0.5], [0, 1, 0, 0.5], [0, 0, 1, 0]]


# ------------------------------------------------------------------------------------------------------- ways

def test_fast_is_one_pass_for_each_frame(photos):
    pictures = list(paint_frames(photos[:2], film_way("fast", STARRY)))
    for photo, picture in zip(photos, pictures):
        alone = paint_fast(photo, STARRY, 160).image
        assert (picture - alone).abs().max() < 1.5 / 255


@pytest.mark.parametrize("style", [STARRY, 5, "mosaic"], ids=["painting", "number", "network"])
def test_steady_is_calm_and_stays_sharp(photos, motions, style):
    """Measured on this clip: 0.14 to 0.20 of the flicker and 0.94 to 1.02 of the sharpness."""
    fast, steady = (list(paint_frames(photos, film_way(way, style, flow="ilk")))
                    for way in ("fast", "steady"))
    assert flicker(steady, *motions) < 0.5 * flicker(fast, *motions)
    assert sum(map(sharpness, steady)) > 0.85 * sum(map(sharpness, fast))
    assert torch.equal(fast[0], steady[0])


def test_steady_paints_anew_what_was_hidden(photos):
    before, photo = photos[0], photos[3]
    seen = motion(photo, before, "auto")[1].expand_as(photo) > 0
    new = film_way("fast", STARRY).paint(photo, [])
    picture = film_way("steady", STARRY, repaint=0.0).paint(photo, [(before, torch.zeros_like(before))])
    assert 0.02 < (~seen).float().mean() < 0.5 and torch.equal(picture[~seen], new[~seen])
    assert not picture[seen].any()


def test_repainting_everything_is_one_pass(photos):
    fast, steady = (list(paint_frames(photos[:2], film_way(way, 5, repaint=1.0, flow="ilk")))[1]
                    for way in ("fast", "steady"))
    assert (fast - steady).abs().mean() < 1 / 255


def test_optimise_is_calmer_than_frames_for_themselves():
    photos = clip((0, 2, 4), 96)
    motions = list(zip(*(motion(frame, before) for before, frame in pairwise(photos))))
    held, free = (film_way("optimise", STARRY, steps=3, flow="ilk", temporal_weight=weight)
                  for weight in (3000.0, 0.0))
    first = held.paint(photos[0], [])
    alone = [first, *(held.paint(photo, []) for photo in photos[1:])]
    warm, calm = ([first, *(paint_after(way, photos, first))] for way in (free, held))
    assert flicker(calm, *motions) < flicker(alone, *motions) / 3
    assert flicker(calm, *motions) < flicker(warm, *motions)


def paint_after(way, photos, first):
    """The rest of a film whose first frame is painted already."""
    pictures = [first]
    for index, photo in enumerate(photos[1:], start=1):
        pictures.append(way.paint(photo, list(zip(photos[:index], pictures))))
    return pictures[1:]


def test_at_a_cut_a_new_scene_begins(photos):
    other = wide(PHOTOS[0])[:, :, ::2, ::2]
    way = film_way("steady", 5, flow="ilk")
    pictures = list(paint_frames([photos[0], other], way))
    assert torch.equal(pictures[1], way.paint(other, []))


@pytest.mark.parametrize("way", ["fast", "steady", "optimise"])
def test_a_kept_picture_continues_the_film(way, tmp_path):
    """What a file gives back is what was painted: the frames that follow are the same, to the last bit."""
    painter, photos = film_way(way, STARRY, steps=1, flow="ilk"), clip((0, 2), 96)
    first, second = paint_frames(photos, painter)
    save_image(first, tmp_path / "kept.png")
    assert torch.equal(painter.paint(photos[1], [(photos[0], load_image(tmp_path / "kept.png"))]), second)


@pytest.mark.parametrize("options, words", [
    ({"way": "slow"}, "way must be one of 'fast', 'steady', 'optimise', got 'slow'"),
    ({"way": "steady", "repaint": 2}, "repaint must be a number from 0 to 1, got 2"),
    ({"way": "fast", "strength": -1}, "strength must be a number, 0 or more, got -1"),
    ({"way": "optimise", "steps": 0}, "steps must be a positive number of updates, got 0"),
    ({"way": "optimise", "temporal_weight": float("nan")},
     "temporal_weight must be a number, 0 or more, got nan"),
    ({"way": "fast", "flow": "magic"}, "flow must be one of"),
])
def test_knobs_out_of_range(options, words):
    with pytest.raises(ValueError, match=words):
        film_way(options.pop("way"), STARRY, **options)


def test_optimisation_needs_a_painting():
    with pytest.raises(ImageError, match="style"):
        film_way("optimise", 5)
    assert film_way("optimise", [STARRY, STARRY], network=load_network()).paintings[1].shape[1] == 3
