"""Colours matched before the transfer: mean and covariance against NumPy, histograms value by value."""
import numpy as np
import pytest
import torch

from stylelib import load_image
from stylelib.style.colors import color_map, luminance, match_histogram, match_mean_covariance

from ..conftest import PAINTING, PHOTO


@pytest.fixture
def quiet_pair(random):
    """Two pictures of different colours and sizes, far from black and white, so that nothing is clamped."""
    mix = torch.tensor([[0.10, 0.02, 0.00], [-0.06, 0.08, 0.03], [0.01, 0.05, 0.12]])
    image = torch.einsum("ij,njhw->nihw", mix, random(1, 3, 20, 31)) + 0.4
    return image, 0.2 * random(1, 3, 17, 23) + torch.tensor([0.3, 0.5, 0.4]).view(1, 3, 1, 1)


def colors(image):
    return image[0].flatten(1).double().numpy()          # (3, H*W)


def test_mean_and_covariance_match(quiet_pair):
    image, reference = quiet_pair
    matched = match_mean_covariance(image, reference)
    assert matched.shape == image.shape and matched.dtype == torch.float32
    assert np.allclose(colors(matched).mean(1), colors(reference).mean(1), atol=1e-5)
    assert np.allclose(np.cov(colors(matched), bias=True), np.cov(colors(reference), bias=True), atol=1e-6)
    assert not np.allclose(np.cov(colors(image), bias=True), np.cov(colors(reference), bias=True), atol=1e-3)


def test_the_map_is_the_one_that_moves_colours_least(quiet_pair):
    """Symmetric and positive; with a rotation in it, it would match as well but move the colours further."""
    image, reference = quiet_pair
    matrix = color_map(image, reference)[0].double().numpy()
    assert np.allclose(matrix, matrix.T, atol=1e-5) and np.linalg.eigvalsh(matrix).min() > 0
    S = np.cov(colors(image), bias=True)
    C = np.cov(colors(reference), bias=True)
    moved = lambda A: np.trace((A - np.eye(3)) @ S @ (A - np.eye(3)).T)      # noqa: E731
    analogies = np.linalg.cholesky(C) @ np.linalg.inv(np.linalg.cholesky(S))
    assert np.allclose(analogies @ S @ analogies.T, C)
    assert moved(matrix) < moved(analogies)
    rotation = np.array([[0, 1, 0], [-1, 0, 0], [0, 0, 1]])
    turned = np.linalg.cholesky(C) @ rotation @ np.linalg.inv(np.linalg.cholesky(S))
    assert moved(matrix) < moved(turned)


def test_the_map_does_not_depend_on_the_order_of_the_channels(quiet_pair):
    image, reference = quiet_pair
    swapped = match_mean_covariance(image.flip(1), reference.flip(1)).flip(1)
    assert torch.allclose(swapped, match_mean_covariance(image, reference), atol=1e-5)


@pytest.mark.parametrize("match", [match_mean_covariance, match_histogram])
def test_own_colours_change_nothing(match, quiet_pair):
    image = load_image(PAINTING, 64)
    assert torch.allclose(match(image, image), image, atol=1e-4)
    assert torch.allclose(match(quiet_pair[0], quiet_pair[0]), quiet_pair[0], atol=1e-4)


@pytest.mark.parametrize("match", [match_mean_covariance, match_histogram])
def test_real_pictures_stay_in_range_and_come_closer(match):
    painting, photo = load_image(PAINTING, 96), load_image(PHOTO, 64)
    given = painting.clone()
    matched = match(painting, photo)
    assert torch.equal(painting, given)
    assert matched.min() >= 0 and matched.max() <= 1 and matched.isfinite().all()
    far = lambda picture: np.abs(colors(picture).mean(1) - colors(photo).mean(1)).max()      # noqa: E731
    assert far(matched) < 0.25 * far(painting)
    lights = torch.stack([luminance(painting).flatten(), luminance(matched).flatten()])
    assert torch.corrcoef(lights)[0, 1] > 0.9            # what was light in the painting stays light


def test_a_grey_painting_has_no_colours_to_stretch(random):
    """Its covariance cannot be inverted. Grey noise of one level must not turn into loud colours."""
    photo = load_image(PHOTO, 64)
    grey = luminance(load_image(PAINTING, 64)).expand(-1, 3, -1, -1)
    rounded = (grey + (random(*grey.shape) - 0.5) / 255).clamp(0, 1)
    for painting in (grey, rounded):
        assert match_mean_covariance(painting, photo).isfinite().all()
        matrix, offset = (part.double().numpy() for part in color_map(painting, photo))
        mapped = matrix @ colors(painting) + offset[:, None]                      # not clamped
        assert np.allclose(mapped.mean(1), colors(photo).mean(1), atol=1e-5)
        values = np.linalg.eigvalsh(np.cov(mapped))
        assert values[1] < 0.01 * values[2]              # all colours on one line


def test_a_grey_photo_makes_the_painting_grey():
    photo = luminance(load_image(PHOTO, 64)).expand(-1, 3, -1, -1)
    matched = match_mean_covariance(load_image(PAINTING, 64), photo)
    assert (matched - luminance(matched)).abs().max() < 0.01


@pytest.mark.parametrize("match", [match_mean_covariance, match_histogram])
def test_pictures_of_one_colour(match, quiet_pair):
    red = torch.tensor([0.8, 0.2, 0.1]).view(1, 3, 1, 1).expand(1, 3, 8, 9)
    assert torch.allclose(match(quiet_pair[0], red), red[:, :, :1, :1].expand_as(quiet_pair[0]), atol=1e-4)
    assert match(red, quiet_pair[0]).isfinite().all()


def test_histograms_match(quiet_pair):
    image, reference = quiet_pair
    matched = match_histogram(image, reference)
    assert matched.shape == image.shape and matched.dtype == torch.float32
    for channel, wanted in zip(colors(matched), colors(reference)):
        shares = np.linspace(0.02, 1, 50)
        assert np.allclose(np.quantile(channel, shares), np.quantile(wanted, shares), atol=3e-3)
    for before, after in zip(colors(image), colors(matched)):                     # monotone: ranks stay
        assert (np.diff(after[np.argsort(before)]) >= 0).all()


@pytest.mark.parametrize("match", [match_mean_covariance, match_histogram])
@pytest.mark.parametrize("shape", [(3, 8, 8), (2, 3, 8, 8), (1, 1, 8, 8)])
def test_other_shapes_are_refused(match, shape, quiet_pair, random):
    with pytest.raises(ValueError, match=r"image must have shape \(1, 3, H, W\), got"):
        match(random(*shape), quiet_pair[1])
    with pytest.raises(ValueError, match=r"reference must have shape \(1, 3, H, W\), got"):
        match(quiet_pair[0], random(*shape))


class OnAppleGpu(torch.Tensor):
    """A tensor on a device without doubles, as far as the order of the calls goes."""

    def double(self):
        raise TypeError("MPS has no float64")

    def cpu(self):
        return self.as_subclass(torch.Tensor)


def test_doubles_are_made_on_the_cpu(quiet_pair):
    image, reference = quiet_pair
    matrix, _ = color_map(image.as_subclass(OnAppleGpu), reference.as_subclass(OnAppleGpu))
    assert torch.allclose(matrix.as_subclass(torch.Tensor), color_map(image, reference)[0])


def test_whole_numbers_are_not_black(quiet_pair):
    """The weights of red, green and blue are all 0 in whole numbers."""
    levels = (quiet_pair[0] * 255).byte()
    assert torch.allclose(luminance(levels), luminance(levels.float()))


@pytest.mark.parametrize("match", [match_mean_covariance, match_histogram])
def test_what_is_no_float_tensor_is_refused(match, quiet_pair):
    with pytest.raises(ValueError, match="image holds uint8 numbers"):
        match((quiet_pair[0] * 255).byte(), quiet_pair[1])
    with pytest.raises(ValueError, match=r"reference must be a tensor .*, got a ndarray"):
        match(quiet_pair[0], quiet_pair[1].numpy())
