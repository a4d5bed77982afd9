"""AdaIN: statistics are exchanged exactly, and become a picture by searching or by a decoder."""
import math

import pytest
import torch

from stylelib import NetworkError, load_image
from stylelib.fast.adain import adain, invert, load_decoder, train_decoder
from stylelib.fast.layers import mean_and_deviation
from stylelib.fast.ready import save_painter, trained

from ..conftest import DATA, PAINTING, PHOTO


@pytest.fixture(scope="module")
def features(vgg):
    """relu4_1 of a photo and of a painting."""
    return [vgg(load_image(path, 96), ["relu4_1"])["relu4_1"] for path in (PHOTO, PAINTING)]


def decibels(picture, photo):
    """How exact a picture is: PSNR, 20 dB is a tenth of the range on average."""
    return -10 * math.log10(float((picture - photo).square().mean()))


def test_statistics_are_the_paintings(features):
    content, style = features
    mixed = adain(content, style)
    assert mixed.shape == content.shape
    alive = content.std((2, 3), keepdim=True) > 0
    assert alive.float().mean() > 0.5
    for ours, theirs in zip(mean_and_deviation(mixed), mean_and_deviation(style)):
        assert torch.allclose(ours[alive], theirs[alive], rtol=1e-3, atol=1e-3 * float(theirs.max()))


def test_each_picture_and_channel_keeps_its_layout(random):
    """Only gain and shift of each channel change: positions stay in their order."""
    content, style = random(2, 5, 6, 7), 3 * random(1, 5, 4, 4) + 2
    mixed = adain(content, style)
    assert torch.equal(mixed.flatten(2).argsort(), content.flatten(2).argsort())
    assert torch.allclose(adain(content, content), content, atol=1e-5)
    assert torch.allclose(mixed[1:], adain(content[1:], style))     # not mixed with its neighbour
    assert torch.allclose(mixed.mean((2, 3)), style.mean((2, 3)).expand(2, 5), atol=1e-4)


def test_a_flat_channel_becomes_the_paintings_mean(random):
    style = random(1, 2, 4, 4)
    mixed = adain(torch.ones(1, 2, 3, 3), style)
    assert torch.allclose(mixed, style.mean((2, 3), keepdim=True).expand(1, 2, 3, 3))


@pytest.mark.parametrize("content, style", [((1, 4, 8, 8), (1, 5, 8, 8)), ((3, 4, 8, 8), (2, 4, 8, 8))])
def test_activations_of_two_layers_are_refused(random, content, style):
    with pytest.raises(ValueError, match="of the same layer"):
        adain(random(*content), random(*style))


def test_inversion_finds_a_picture_that_has_them(features, vgg):
    photo = load_image(PHOTO, 96)
    target = adain(*features)
    losses = [step.losses["features"] for step in invert(target, photo, vgg, steps=12)]
    before = float((features[0] - target).square().mean() / target.square().mean())
    assert len(losses) == 12 and losses[-1] < before / 2
    *_, last = invert(features[0], photo, vgg, steps=2)
    assert last.losses["features"] < 1e-6           # the photo has its own


# The decoder

def test_the_decoder_draws_a_photo_that_it_has_not_seen(vgg):
    photo = load_image(PHOTO, 192)[:, :, :128]
    drawn = load_decoder()(vgg(photo, ["relu3_1"])["relu3_1"])
    assert drawn.shape == photo.shape and 0 <= drawn.min() and drawn.max() <= 1
    assert decibels(drawn, photo) > 17
    one_colour = photo.mean((2, 3), keepdim=True).expand_as(photo)
    assert decibels(one_colour, photo) < 14


def test_through_the_decoder_a_photo_takes_a_paintings_colours(vgg):
    photo, decoder = load_image(PHOTO, 160), load_decoder()
    for name in ("starry_night", "mosaic"):
        painting = load_image(DATA / "style" / f"{name}.jpg", 160)
        content, style = (vgg(picture, ["relu3_1"])["relu3_1"] for picture in (photo, painting))
        plain, mixed, own = (decoder(features).mean((2, 3)) for features in (content, adain(content, style),
                                                                             style))
        assert (mixed - own).norm() < (plain - own).norm() / 1.5


def test_a_training_lowers_the_loss_and_repeats(vgg):
    settings = dict(iterations=12, size=32, network=vgg, progress=False)
    steps, again = (list(train_decoder(**settings)) for _ in range(2))
    assert steps[-1].total < 0.8 * steps[0].total
    assert all(torch.equal(a, b) for a, b in zip(steps[-1].weights.values(), again[-1].weights.values()))
    picture = steps[-1].painter(vgg(load_image(PHOTO, 64), ["relu3_1"])["relu3_1"])
    assert 0 <= picture.min() and picture.max() <= 1


def test_a_saved_decoder_is_the_same(tmp_path, random):
    decoder = load_decoder()
    save_painter(decoder, tmp_path / "d.safetensors")
    again, features = load_decoder(tmp_path / "d.safetensors"), 1000 * random(1, 256, 8, 8)
    assert torch.equal(again(features), decoder(features))
    assert "decoder" not in trained() and (tmp_path / "d.safetensors").stat().st_size < 400_000


def test_what_is_no_decoder_is_refused(tmp_path):
    (tmp_path / "a.safetensors").write_text("no weights")
    for file, words in [(tmp_path / "gone", "no file"), (tmp_path / "a.safetensors", "holds no decoder")]:
        with pytest.raises(NetworkError, match=words):
            load_decoder(file)
