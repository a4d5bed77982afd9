"""Painting in one pass: what a style may be given as, and what each knob does."""
import copy
import math

import pytest
import torch
from PIL import Image

from stylelib import (
    ImageError,
    NetworkError,
    Settings,
    TransferLoss,
    load_image,
    paint_fast,
    save_image,
    save_painter,
)
from stylelib.fast import Painter, contact_sheet, instant, paint, paint_coarse_to_fine, ready, style_numbers
from stylelib.prepare import make_scene
from stylelib.scene import Painting, scaled
from stylelib.style.colors import luminance

from ..conftest import DATA, PAINTING, PHOTO

MOSAIC = DATA / "style" / "mosaic.jpg"
TINY = {"size": 64, "device": "cpu"}


def painted(style, photo=PHOTO, **settings):
    return paint_fast(photo, style, **{**TINY, **settings}).image


def difference(a, b):
    return float((a - b).abs().mean())


@pytest.fixture
def mask(photo):
    """White in the left half of the photo."""
    left = torch.zeros(1, 1, *photo.shape[2:])
    left[..., :32] = 1
    return left


# What a style may be given as

def test_a_result_without_a_history(photo):
    result = paint_fast(PHOTO, PAINTING, 64, device="cpu")
    assert result.image.shape == photo.shape and result.history == [] and not result.interrupted
    assert 0 <= result.image.min() < result.image.max() <= 1 and result.image.device.type == "cpu"
    assert difference(result.image, photo) > 0.05
    assert repr(result).startswith("<Result: 64x43 px")


def test_paintings_and_photos_of_every_kind(photo, painting):
    levels = (painting * 255).round().to(torch.uint8)
    expected = painted(painting)
    for given in (levels, levels[0].permute(1, 2, 0).numpy(),
                  Image.fromarray(levels[0].permute(1, 2, 0).numpy())):
        assert torch.allclose(painted(given), expected, atol=1e-5)
    assert torch.equal(painted(painting, photo), expected)


def test_a_painting_is_looked_at_closely_however_small_the_result():
    """At 64 px its strokes would be gone."""
    assert difference(painted(PAINTING), painted(load_image(PAINTING, 512))) < 0.01
    assert difference(painted(PAINTING), painted(load_image(PAINTING, 64))) > 0.03


def test_each_style_paints_in_its_own_way():
    pictures = [painted(number) for number in (0, 7, 25)] + [painted(PAINTING), painted(MOSAIC)]
    assert min(difference(a, b) for i, a in enumerate(pictures) for b in pictures[:i]) > 0.05


def test_a_mixture_of_numbers_lies_between(many):
    row = torch.zeros(1, 26)
    row[0, 3], row[0, 12] = 0.25, 0.75
    expected = many(load_image(PHOTO, 64), row)
    assert torch.allclose(painted({3: 1, 12: 3}), expected, atol=1e-5)
    assert torch.equal(painted({7: 2.5}), painted(7))
    assert torch.equal(painted({7: 1, 3: 0}), painted(7))
    assert torch.allclose(painted([3, 12], shares=[1, 3]), expected, atol=1e-5)


def test_networks_and_their_files(small, tmp_path, monkeypatch, photo):
    expected = small(photo)
    assert torch.allclose(painted(small), expected, atol=1e-6)
    file = tmp_path / "dots.safetensors"
    save_painter(small, file)
    assert torch.allclose(painted(file), expected, atol=0.01)
    monkeypatch.setattr(ready, "WEIGHTS", tmp_path)
    monkeypatch.chdir(tmp_path)
    assert torch.equal(painted("dots"), painted(str(file)))
    save_image(load_image(PAINTING, 64), "dots.png")
    (tmp_path / "dots.png").rename("dots")              # a picture of that name goes first
    assert difference(painted("dots"), painted(load_image(PAINTING, 64))) < 0.01


def test_what_paints_is_not_changed(small, photo):
    """On another device a copy paints."""
    before = copy.deepcopy(small.state_dict())
    small.requires_grad_(True)
    image = painted(small)
    assert not image.requires_grad and all(weight.requires_grad for weight in small.parameters())
    assert all(torch.equal(before[name], value) for name, value in small.state_dict().items())
    half = copy.deepcopy(small).bfloat16()
    assert difference(painted(half), image) < 0.05


# Several styles

def test_paintings_are_mixed_in_their_numbers(any_networks, photo):
    painter, predictor = any_networks
    numbers = [style_numbers(Painting(load_image(file, 512)), predictor) for file in (PAINTING, MOSAIC)]
    expected = painter(photo, 0.25 * numbers[0] + 0.75 * numbers[1])
    assert difference(painted([PAINTING, MOSAIC], shares=[1, 3]), expected) < 0.01
    assert difference(painted([PAINTING, MOSAIC], shares=[0, 1]), painted(MOSAIC)) < 1e-5
    assert difference(painted([PAINTING, MOSAIC], shares=[1, 1]), painted([PAINTING, MOSAIC])) < 1e-6


def test_styles_of_different_networks_are_mixed_as_pictures():
    mixed, one, other = painted([PAINTING, 7], shares=[1, 3]), painted(PAINTING), painted(7)
    assert torch.allclose(mixed, 0.25 * one + 0.75 * other, atol=1e-5)


def test_a_mask_says_where(photo, mask):
    image, everywhere = painted(PAINTING, mask=mask), painted(PAINTING)
    assert torch.allclose(image[..., 32:], photo[..., 32:], atol=1e-6)
    assert torch.allclose(image[..., :32], everywhere[..., :32], atol=1e-5)
    grey = painted(5, mask=torch.full_like(mask, 0.25))
    assert torch.allclose(grey, torch.lerp(photo, painted(5), 0.25), atol=1e-5)


def test_each_style_in_its_place(mask):
    image = painted([PAINTING, 7], mask=[mask, 1 - mask])
    assert torch.allclose(image[..., :32], painted(PAINTING)[..., :32], atol=1e-5)
    assert torch.allclose(image[..., 32:], painted(7)[..., 32:], atol=1e-5)
    both = painted([PAINTING, 7], mask=[mask, None], shares=[3, 1])
    expected = 0.75 * painted(PAINTING)[..., :32] + 0.25 * painted(7)[..., :32]
    assert torch.allclose(both[..., :32], expected, atol=1e-5)
    assert torch.allclose(both[..., 32:], painted(7)[..., 32:], atol=1e-5)


def test_a_part_of_a_painting():
    """A painting of two halves, with one of them looked at, is as good as that half alone."""
    halves = [load_image(file, 256)[:, :, :200, :200] for file in (PAINTING, MOSAIC)]
    both = torch.cat(halves, 3)
    part = torch.zeros(1, 1, *both.shape[2:])
    part[..., :200] = 1
    assert difference(painted(both, style_mask=part), painted(halves[0])) < 0.02
    assert difference(painted(both, style_mask=1 - part), painted(halves[1])) < 0.02
    assert difference(painted(both), painted(halves[0])) > 0.03


def test_a_scroll_is_not_squeezed(any_networks):
    """Ten times as wide as high: squeezed into the network's square, all its strokes would stand upright."""
    _, predictor = any_networks
    whole = load_image(MOSAIC, 512)
    numbers = style_numbers(Painting(whole), predictor)
    strip = whole[:, :, 100:150]
    squeezed = predictor(scaled(strip, 256, 256))
    laid_out = style_numbers(Painting(strip), predictor)
    assert difference(laid_out, numbers) < 0.7 * difference(squeezed, numbers)


# Strength, colours, length of strokes

def test_strength_leads_from_the_photo_to_the_style(photo):
    for style in (PAINTING, 7):
        pictures = [painted(style, strength=strength) for strength in (0, 0.5, 1)]
        far = [difference(picture, photo) for picture in pictures]
        assert far[0] < far[1] < far[2] and far[0] < 0.6 * far[2]
        assert torch.equal(pictures[2], painted(style))
    assert torch.allclose(painted(7, strength=0), photo, atol=1e-6)
    assert torch.allclose(painted(7, strength=0.25), torch.lerp(photo, painted(7), 0.25), atol=1e-5)


@pytest.mark.parametrize("style", [PAINTING, 5])
def test_colours_are_kept(style, photo):
    plain, kept = painted(style), painted(style, keep_colors=True)
    color = lambda image: image - luminance(image)          # noqa: E731
    inside = (kept > 0.01).all(1, keepdim=True) & (kept < 0.99).all(1, keepdim=True)    # not clamped
    assert ((color(kept) - color(photo)).abs() * inside).max() < 1e-4
    assert difference(luminance(kept), luminance(photo)) > 0.03
    assert torch.equal(painted(style, keep_colors="luminance"), kept)
    mean = lambda image: image.mean((2, 3))             # noqa: E731
    for how in ("covariance", "histogram"):
        matched = painted(style, keep_colors=how)
        assert (mean(matched) - mean(photo)).norm() < 0.5 * (mean(plain) - mean(photo)).norm()


def coarseness(image):
    """How much of a picture's contrast is left when it is seen at a quarter of its size."""
    grey = luminance(image)
    return float(scaled(grey, grey.shape[2] // 4, grey.shape[3] // 4).std() / grey.std())


@pytest.mark.parametrize("style", [MOSAIC, 15])
def test_strokes_become_longer(style, random):
    """On a grey photo all that one sees are strokes."""
    photo = 0.5 + 0.1 * (scaled(random(1, 3, 12, 12), 192, 192) - 0.5)
    seen = [coarseness(painted(style, photo, size=192, style_scale=scale)) for scale in (0.5, 1, 4)]
    assert seen[0] < seen[1] < seen[2]


def test_the_length_of_strokes_changes_without_a_jump(small, random):
    photo = random(1, 3, 128, 128)
    row = torch.ones(1, 1)
    for scale in (1.0, 2.0):
        before, after = (paint_coarse_to_fine(small, photo, row, scale * factor) for factor in (0.999, 1.001))
        if scale > 1:       # at 1 the size at which is painted goes by whole pixels
            assert difference(before, after) < 0.01
    assert torch.equal(paint_coarse_to_fine(small, photo, row, 1.0), small(photo))


def test_large_pictures_are_painted_from_coarse_to_fine(monkeypatch, small, random):
    """So that strokes have one length relative to the picture; small ones are painted once."""
    seen = []

    def noting(painter, photo, numbers, scale=1.0):
        seen.append(scale)
        return paint_coarse_to_fine(painter, photo, numbers, scale)
    monkeypatch.setattr(paint, "paint_coarse_to_fine", noting)
    for side in (64, paint.ONE_PASS, 2 * paint.ONE_PASS):
        painted(small, random(1, 3, 40, side), size=side)
    assert seen == [1, 1, 2]


def test_tiny_pictures_are_painted_at_all(random):
    for size in ((16, 16), (17, 40)):
        assert painted(3, random(1, 3, *size), style_scale=8).shape == (1, 3, *size)


# The start of a transfer

def test_the_instant_picture_is_the_same_one_with_finer_strokes(photo, mask):
    for masks in (None, [mask, 1 - mask]):
        settings = Settings(size=64, style_shares=(1, 2), style_scale=8.0)
        scene = make_scene(photo, [PAINTING, MOSAIC], settings, masks)
        image = instant(scene)
        assert image.shape == photo.shape and not image.requires_grad
        finer = painted([PAINTING, MOSAIC], shares=[1, 2], mask=masks, style_scale=64 / paint.FINE)
        assert torch.allclose(scene.shown(image), finer, atol=1e-4)


@pytest.mark.parametrize("style", [PAINTING, MOSAIC, DATA / "style" / "woodcut_waves.jpg"])
def test_a_small_start_is_better_for_its_finer_strokes(style, vgg):
    photo, painting = load_image(PHOTO, 128), load_image(style, 128)
    loss = TransferLoss(vgg, photo, painting, style_weight=10)
    with torch.no_grad():
        coarse, fine = (float(sum(loss(image).values())) for image in (
            painted(painting, photo, size=128), instant(make_scene(photo, painting, Settings(size=128)))))
    assert fine < 0.96 * coarse


def test_a_large_start_is_painted_as_it_is():
    image = instant(make_scene(PHOTO, PAINTING, Settings(size=448)))
    as_it_is, finer = (painted(PAINTING, size=448, style_scale=scale) for scale in (1, 0.8))
    assert 5 * difference(image, as_it_is) < difference(image, finer)


def test_another_device_is_only_another_device(photo, mask):
    """"meta" stands for a GPU: what is made elsewhere could not be put together with the rest."""
    for masks in (None, [mask, None]):
        scene = make_scene(photo, [PAINTING, MOSAIC], Settings(size=64), masks)
        image = instant(scene.on(torch.device("meta")))
        assert image.device.type == "meta" and image.shape == photo.shape


def test_a_default_device_changes_nothing(mask):
    settings = {"mask": [mask, None], "strength": 0.5}
    expected = painted([PAINTING, 7], **settings)
    with torch.device("meta"):
        assert torch.equal(painted([PAINTING, 7], **settings), expected)


# What goes wrong is one line

@pytest.mark.parametrize("style, settings, error, words", [
    (26, {}, ValueError, "a built-in style must be a number from 0 to 25, got 26"),
    (-1, {}, ValueError, "got -1"),
    ({1.5: 1}, {}, ValueError, "a built-in style must be a number from 0 to 25, got 1.5"),
    ({True: 1}, {}, ValueError, "got True"),
    (True, {}, ImageError, "style must be a picture .* got True"),
    (2.5, {}, ImageError, "style must be a picture .* got 2.5"),
    (None, {}, ImageError, "style must be a picture .* got None"),
    ({3: -1}, {}, ValueError, "the weight of style 3 must be a number, 0 or more, got -1"),
    ({3: math.nan}, {}, ValueError, "the weight of style 3 must be a number, 0 or more, got nan"),
    ({3: 0, 4: 0}, {}, ValueError,
     r"one of the weights of the built-in styles must be above 0, got \{3: 0, 4: 0\}"),
    ({}, {}, ValueError, "must be above 0"),
    ([], {}, ValueError, "got an empty list"),
    (3, {"strength": 1.1}, ValueError, "strength must be a number from 0 to 1, got 1.1"),
    (3, {"strength": -0.1}, ValueError, "strength must be a number, 0 or more, got -0.1"),
    (3, {"strength": "all"}, ValueError, "got 'all'"),
    (3, {"style_scale": 0}, ValueError, "style_scale must be a number above 0, got 0"),
    (3, {"style_scale": math.inf}, ValueError, "style_scale must be a number above 0, got inf"),
    (3, {"size": 0}, ValueError, "size must be a positive number of pixels, got 0"),
    (3, {"size": 20}, ImageError, "at least 16 px"),
    (3, {"shares": [1, 2]}, ValueError, "one share for each painting, got 2 for 1"),
    ([3, 4], {"shares": [0, 0]}, ValueError, "one of the shares in style_shares must be above 0"),
    (3, {"keep_colors": "hue"}, ValueError, "keep_colors must be one of"),
    (3, {"device": "abacus"}, ValueError, "got 'abacus'"),
    (3, {"mask": torch.ones(1, 1, 64, 64)}, ImageError, "same proportions"),
    (3, {"style_mask": torch.ones(1, 1, 43, 64)}, ValueError, "style_mask must belong to a painting, and"),
    ("none.jpg", {}, ImageError, "no such file: none.jpg"),
    ("none.safetensors", {}, NetworkError, "no file 'none.safetensors' with a network that paints"),
    (torch.full((1, 3, 64, 64), math.nan), {}, ImageError, "style contains NaN"),
    (Painter(numbers=3), {}, ValueError, "a painter must have one style to be used like this, got one with"),
])
def test_bad_arguments(style, settings, error, words):
    with pytest.raises(error, match=words) as caught:
        painted(style, **settings)
    assert "\n" not in str(caught.value)


def test_bad_photos(random):
    with pytest.raises(ImageError, match="photo is 64x8 px"):
        painted(3, random(1, 3, 8, 64))
    with pytest.raises(ImageError, match=r"photo goes from .* divide by 255"):
        painted(3, 255 * random(1, 3, 32, 32))


def test_too_little_memory_is_said_before_and_afterwards(monkeypatch, small):
    monkeypatch.setattr(paint, "free_bytes", lambda device: 10 * 2**20)
    with pytest.raises(MemoryError, match=r"a picture of 512x342 px needs about 0\.\d GB of memory, and 0\.0 "
                                          r"GB are free: close other programs, or take size \d+"):
        painted(7, size=512)
    monkeypatch.undo()

    def full(*_):
        raise RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate")
    monkeypatch.setattr(paint, "paint_coarse_to_fine", full)
    with pytest.raises(MemoryError, match="memory ran out while a picture of 64x43 px was painted"):
        painted(7)


# The sheet

def test_the_sheet_shows_all_styles_with_their_numbers(photo, monkeypatch):
    monkeypatch.setattr("stylelib.fast.sheet.PAINTED", 64)
    sheet = contact_sheet(photo, 40, columns=9, progress=False)
    assert sheet.shape[1] == 3 and sheet.shape[3] > 9 * 40
    columns = 9
    step = (sheet.shape[3] - 2) / columns                # gaps of 2 px
    small = scaled(photo, 27, 40)
    corner = sheet[:, :, 2:29, 2:42]
    assert difference(corner, small) < 0.05
    third = sheet[:, :, 2:29, round(2 + 4 * step):round(2 + 4 * step) + 40]     # the photo, 0, 1, 2, 3
    assert difference(third, scaled(painted(3, photo), 27, 40)) < 0.1 < difference(third, small)
    names = sheet[:, :, 29:-1].amin(1)[0]
    below = [names[:16, round(2 + i * step):round(2 + i * step) + 40].min() for i in range(columns)]
    assert max(below) < 0.5                     # dark ink below each of them


def test_the_sheets_bad_arguments(photo):
    for settings, words in (({"side": 0}, "size must be a positive"), ({"columns": 0}, "columns must be a")):
        with pytest.raises(ValueError, match=words):
            contact_sheet(photo, progress=False, **settings)
