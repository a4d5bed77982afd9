"""Masks from files to layers, and Gram matrices of a part of a picture."""
import io

import numpy as np
import pytest
import torch
from PIL import Image

from stylelib import ImageError, gram_matrix, load_image
from stylelib.style.masks import as_mask, fit_mask, guide, guided_gram, layer_guide, layer_mask, load_mask

from ..conftest import PHOTO


@pytest.fixture
def features(random):
    return random(2, 5, 6, 9) * 4 - 1


@pytest.fixture
def half():
    """Left four of nine columns."""
    mask = torch.zeros(1, 1, 6, 9)
    mask[..., :4] = 1
    return mask


# --------------------------------------------------------------------------------------------------- files

def test_white_is_one_and_nothing_is_flipped(tmp_path):
    levels = np.zeros((20, 30), np.uint8)
    levels[:5], levels[5:8, :10] = 255, 128
    Image.fromarray(levels).save(tmp_path / "mask.png")
    mask = load_mask(tmp_path / "mask.png")
    assert mask.shape == (1, 1, 20, 30) and mask.dtype == torch.float32
    assert torch.equal(mask[0, 0], torch.from_numpy(levels) / 255)


def test_a_mask_gets_its_photos_size(tmp_path):
    photo = Image.open(PHOTO)
    levels = np.zeros((photo.height, photo.width), np.uint8)
    levels[: photo.height // 3] = 255
    Image.fromarray(levels).save(tmp_path / "mask.png")
    for size in (64, 97, 128, 5000):
        mask = load_mask(tmp_path / "mask.png", size)
        assert mask.shape[2:] == load_image(PHOTO, size).shape[2:]
        assert mask.mean() == pytest.approx(levels.mean() / 255, abs=1e-2)
        assert mask.min() == 0 and mask.max() == 1


@pytest.mark.parametrize("mode, white", [
    ("1", 1), ("L", 255), ("I;16", 65535), ("LA", (255, 255)), ("RGB", (255, 255, 255)),
    ("RGBA", (255, 255, 255, 255))])
def test_masks_of_every_mode(mode, white, tmp_path):
    """Drawn on black, or on nothing: both are 0."""
    picture = Image.new(mode, (20, 16))
    picture.paste(white, (0, 0, 10, 16))
    picture.save(tmp_path / "mask.png")
    mask = load_mask(tmp_path / "mask.png")
    assert (mask[..., :10] == 1).all() and (mask[..., 10:] == 0).all()


def test_camera_rotation_is_applied(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6                                     # lying on its side: turn by 90 degrees clockwise
    picture = Image.new("L", (20, 10))
    picture.paste(255, (0, 0, 5, 10))
    picture.save(tmp_path / "mask.png", exif=exif)
    mask = load_mask(tmp_path / "mask.png")
    assert mask.shape == (1, 1, 20, 10) and mask[..., :5, :].min() == 1 and mask[..., 5:, :].max() == 0


def test_what_is_no_mask_is_refused(tmp_path):
    (tmp_path / "text.png").write_text("no picture")
    Image.new("L", (20, 20)).save(tmp_path / "black.png")
    for path, words in ((tmp_path / "none.png", "no such file"), (tmp_path / "text.png", "is not a picture"),
                        (tmp_path / "black.png", "black everywhere"), (tmp_path, "is a folder"),
                        (io.BytesIO(b""), "not a picture")):
        with pytest.raises(ImageError, match=words) as caught:
            load_mask(path)
        assert "\n" not in str(caught.value)
    with pytest.raises(ValueError, match="size must be a positive number of pixels, got -3"):
        load_mask(tmp_path / "black.png", -3)


def test_a_drawing_on_nothing_is_told_why_it_is_black(tmp_path):
    picture = Image.new("RGBA", (20, 16))
    picture.paste((0, 0, 0, 255), (0, 0, 10, 16))
    picture.save(tmp_path / "mask.png")
    with pytest.raises(ImageError, match=r"mask\.png is black everywhere \(transparent counts as black\)"):
        load_mask(tmp_path / "mask.png")


# ---------------------------------------------------------------------------------------- tensors and arrays

@pytest.fixture
def levels():
    """Two columns of three are 1."""
    levels = np.zeros((16, 24), np.uint8)
    levels[:, :16] = 1
    return levels


@pytest.mark.parametrize("kind", [np.bool_, np.uint8, np.int64, np.float16, np.float32, np.float64])
def test_a_mask_of_any_numbers(kind, levels, random):
    expected = torch.from_numpy(levels).float()[None, None]
    array = levels.astype(kind)
    for source in (array, torch.from_numpy(array)[None, None], array[..., None]):
        mask = as_mask(source)
        assert mask.dtype == torch.float32 and torch.equal(mask, expected)
    given = torch.from_numpy(array)[None, None]
    assert torch.equal(fit_mask(given, random(1, 3, 16, 24)), expected)
    assert fit_mask(given, random(1, 3, 8, 12)).mean() == pytest.approx(2 / 3)


def test_guided_grams_take_true_and_false(features, half):
    assert torch.equal(guided_gram(features, half > 0.5), guided_gram(features, half))
    larger = half.repeat(1, 1, 2, 2)
    assert torch.equal(guide(features, larger > 0.5), guide(features, larger))


def test_a_mask_of_levels_and_of_pictures(levels, tmp_path):
    expected = torch.from_numpy(levels).float()[None, None]
    Image.fromarray(levels * 255).save(tmp_path / "mask.png")
    with open(tmp_path / "mask.png", "rb") as file:
        for source in (levels * 255, torch.from_numpy(levels * 255)[None, None],
                       Image.fromarray(levels * 255), tmp_path / "mask.png", file):
            assert torch.equal(as_mask(source), expected)
    assert torch.equal(as_mask(expected * 1.2 - 0.1), expected)      # what bicubic resizing makes of it


@pytest.mark.parametrize("mask, words", [
    (torch.ones(16, 24), r"style_mask .*\(16, 24\): write x\[None, None\]"),
    (torch.ones(1, 16, 24), r"write x\[None\]"),
    (torch.ones(2, 1, 16, 24), r"x\[:1\]"),
    (torch.ones(1, 3, 16, 24), r"x\[:, :1\]"),
    (np.ones((16, 24, 3)), r"array of shape \(H, W\) or .*, got \(16, 24, 3\): write x\[\.\.\., 0\]"),
    (np.ones((16, 24, 2)), r"got \(16, 24, 2\)$"),
    (np.array("words"), "array of numbers"),
    ([1], "got a list"), (None, "got None"),
    (torch.full((1, 1, 16, 24), -0.5), "goes from -0.5"),
    (255 * torch.ones(1, 1, 16, 24), "from 255 to 255.*divide by 255"),
    (torch.full((1, 1, 16, 24), torch.inf), "infinite")])
def test_what_is_no_mask(mask, words):
    with pytest.raises(ImageError, match=words) as caught:
        as_mask(mask, "style_mask")
    assert "\n" not in str(caught.value)


# --------------------------------------------------------------------------------------------------- sizes

def test_fit_mask_scales_to_the_picture(half, random):
    fitted = fit_mask(half, random(1, 3, 60, 90))
    assert fitted.shape == (1, 1, 60, 90) and (fitted[..., :40] == 1).all() and (fitted[..., 41:] == 0).all()
    rounded = fit_mask(torch.ones(1, 1, 427, 640), random(1, 3, 64, 96))      # its proportions are not exact
    assert rounded.shape == (1, 1, 64, 96)


@pytest.mark.parametrize("mask, words", [
    (torch.ones(1, 1, 60, 60), "60x60 px, 1 times .* 1.5 times .*90x60 px here"),
    (torch.ones(1, 1, 90, 60), "same proportions"),
    (torch.zeros(1, 1, 60, 90), "black"),
    (torch.ones(60, 90), r"shape \(1, 1, H, W\), got \(60, 90\)"), (torch.ones(1, 3, 60, 90), "shape"),
    (2 * torch.ones(1, 1, 60, 90), r"the mask goes from 2 to 2 and must lie in \[0, 1\]"),
    (torch.full((1, 1, 60, 90), 255.0), "divide by 255"),
    (torch.full((1, 1, 60, 90), float("nan")), "NaN"), (torch.full((1, 1, 60, 90), 7), "int64"),
    (None, "None"), ("sky.png", "got a str"),
])
def test_masks_that_do_not_fit_are_refused(mask, words, random):
    with pytest.raises(ImageError, match=words):
        fit_mask(mask, random(1, 3, 60, 90))


def test_layer_mask_keeps_the_white_share(random):
    mask = (random(1, 1, 64, 96) > 0.7).float()
    for size in ((64, 96), (32, 48), (16, 24), (4, 6)):
        small = layer_mask(mask, *size)
        assert small.shape[2:] == size and small.mean() == pytest.approx(mask.mean().item(), abs=1e-5)
        assert small.min() >= 0 and small.max() <= 1


def test_layer_mask_stays_in_place(vgg):
    """White pixels on a black photo, seen by the mask and by the network in the same quarter of the layer."""
    mask = torch.zeros(1, 1, 64, 96)
    mask[..., :16, 64:] = 1
    features = vgg(mask.expand(1, 3, 64, 96), ["relu3_1"])["relu3_1"]
    changed = (features - vgg(torch.zeros(1, 3, 64, 96), ["relu3_1"])["relu3_1"]).abs().mean(1, keepdim=True)
    small = layer_mask(mask, *features.shape[2:])
    assert changed[small == 1].mean() > 5 * changed[small == 0].mean()


# ------------------------------------------------------------------------------------------- Gram matrices

@pytest.mark.parametrize("level", [1.0, 0.5])
def test_a_mask_of_one_level_is_no_mask(features, level):
    assert torch.equal(guided_gram(features, torch.full((1, 1, 6, 9), level)), gram_matrix(features))


def test_guided_gram_is_equations_2_to_4(features, half):
    """The paper's own form: T is normalised to sum T^2 = 1, and F^T F is not divided."""
    T = half.double().numpy().reshape(54)
    T = T / np.sqrt((T**2).sum())
    flat = features.double().numpy().reshape(2, 5, 54) * T
    assert np.allclose(guided_gram(features, half).numpy(), np.einsum("nik,njk->nij", flat, flat), rtol=1e-5)


def test_a_mask_of_zeros_and_ones_cuts_out(features, half):
    assert torch.allclose(guided_gram(features, half), gram_matrix(features[..., :4]), rtol=1e-5)


def test_a_part_and_the_rest_make_the_whole(features, random):
    mask = random(1, 1, 6, 9)
    share = mask.mean()
    whole = share * guided_gram(features, mask) + (1 - share) * guided_gram(features, 1 - mask)
    assert torch.allclose(whole, gram_matrix(features), rtol=1e-4)


def test_each_picture_may_have_its_own_mask(features, half):
    both = torch.cat([half, 1 - half])
    grams = guided_gram(features, both)
    assert torch.allclose(grams[:1], guided_gram(features[:1], half))
    assert torch.allclose(grams[1:], guided_gram(features[1:], 1 - half))


def test_guide_shrinks_its_mask(features, random):
    mask = random(1, 1, 48, 72)
    assert torch.allclose(gram_matrix(guide(features, mask)), guided_gram(features, layer_mask(mask, 6, 9)))
    assert layer_guide(mask, 6, 9).square().sum() == pytest.approx(54, rel=1e-5)          # sum T^2 = H*W
    assert guide(features, None) is features and layer_guide(None, 6, 9) is None


def test_no_gradient_outside(features, half):
    features.requires_grad_()
    guided_gram(features, half).square().sum().backward()
    assert (features.grad[..., 4:] == 0).all() and (features.grad[..., :4] != 0).all()


def test_half_precision_keeps_float32(features, half):
    gram = guided_gram(features.bfloat16(), half)
    assert gram.dtype == torch.float32
    assert torch.allclose(gram, guided_gram(features, half), rtol=0.02, atol=0.05)


@pytest.mark.parametrize("mask, words", [
    (torch.zeros(1, 1, 6, 9), "0 everywhere"),
    (torch.cat([torch.ones(1, 1, 6, 9), torch.zeros(1, 1, 6, 9)]), "0 everywhere"),
    (torch.ones(1, 1, 9, 6), r"must have shape \(1, 1, 6, 9\), got \(1, 1, 9, 6\)"),
    (torch.ones(6, 9), "must have shape"), (torch.ones(1, 5, 6, 9), "must have shape"),
    (torch.ones(3, 1, 6, 9), "must have shape"),
])
def test_masks_that_cannot_guide_are_refused(features, mask, words):
    with pytest.raises(ValueError, match=words) as caught:
        guided_gram(features, mask)
    assert "\n" not in str(caught.value)


def test_features_of_another_shape_are_refused():
    with pytest.raises(ValueError, match=r"features must have shape \(N, C, H, W\), got \(5, 9\)"):
        guided_gram(torch.ones(5, 9), torch.ones(1, 1, 6, 9))
