"""Every statistic: zero at its target, alive elsewhere, the numbers of its formula, and what it forgets."""
import numpy as np
import pytest
import torch

from stylelib import settings
from stylelib.style import statistics
from stylelib.style.statistics import STATISTICS, Statistic

NAMES = list(STATISTICS)
OF_DEGREE = {"gram": 4, "mean_variance": 2, "covariance": 4, "sliced": 2, "histogram": 2, "patches": 2}


@pytest.fixture
def picture(random):
    return random(1, 5, 7, 9) * 4 - 1              # not square, with negative values


@pytest.fixture
def painting(random):
    return random(1, 5, 8, 6) * 3 + torch.arange(5.0).view(5, 1, 1)       # not the picture's size


def distance(name, features, painting):
    return STATISTICS[name].distance(features, STATISTICS[name].describe(painting))


def table(features):
    return features[0].flatten(1).double().numpy()


def test_the_agreed_names():
    """Settings names them, and does not import PyTorch for it."""
    assert sorted(NAMES) == sorted(settings.STATISTICS)
    assert set(NAMES) == set(OF_DEGREE) and all(isinstance(s, Statistic) for s in STATISTICS.values())


@pytest.mark.parametrize("name", NAMES)
def test_zero_at_the_target_and_nowhere_near_it_elsewhere(name, picture, painting):
    assert distance(name, painting, painting).item() == pytest.approx(0, abs=1e-9)
    assert distance(name, picture, painting).item() > 0.01
    empty = torch.zeros_like(picture)                 # its distance is the unit of relative losses
    assert distance(name, empty, painting).item() > 0.01


@pytest.mark.parametrize("name", NAMES)
def test_a_scalar_with_a_living_gradient(name, picture, painting):
    features = picture.clone().requires_grad_()
    value = distance(name, features, painting)
    value.backward()
    assert value.shape == () and value.dtype == torch.float32
    assert features.grad.isfinite().all() and features.grad.abs().mean() > 1e-5


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", [0.0, 1.0])
def test_the_gradient_is_finite_where_nothing_varies(name, value, painting):
    features = torch.full((1, 5, 7, 9), value, requires_grad=True)
    distance(name, features, painting).backward()
    assert features.grad.isfinite().all()


@pytest.mark.parametrize("name", NAMES)
def test_following_the_gradient_leads_to_the_painting(name, picture, painting):
    features = picture.clone().requires_grad_()
    target = STATISTICS[name].describe(painting)
    start = STATISTICS[name].distance(features, target).item()
    optimizer = torch.optim.LBFGS([features], max_iter=60, tolerance_grad=0, tolerance_change=0)

    def closure():
        optimizer.zero_grad()
        loss = STATISTICS[name].distance(features, target)
        loss.backward()
        return loss
    optimizer.step(closure)
    factor = 20 if name == "patches" else 50      # pieces overlap, and pull against each other
    assert STATISTICS[name].distance(features, target).item() < start / factor


@pytest.mark.parametrize("name", NAMES)
def test_the_same_number_each_time(name, picture, painting):
    """L-BFGS compares losses: a random one would mislead it. The global generator is left alone, too."""
    before = torch.get_rng_state()
    assert torch.equal(distance(name, picture, painting), distance(name, picture, painting))
    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.parametrize("name", NAMES)
def test_only_patches_remember_where(name, picture, painting):
    order = torch.randperm(63, generator=torch.Generator().manual_seed(0))
    shuffled = picture.flatten(2)[:, :, order].view_as(picture)
    same = torch.isclose(distance(name, shuffled, painting), distance(name, picture, painting), rtol=1e-4)
    assert same == (name != "patches")
    mirrored = torch.isclose(distance(name, picture.flip(3), picture), torch.tensor(0.0), atol=1e-6)
    assert mirrored == (name != "patches")


@pytest.mark.parametrize("name", NAMES)
def test_scale_laws(name, picture, painting):
    """A product of two activations makes degree 4; the others have degree 2. Relative losses remove both."""
    factor = distance(name, 3 * picture, 3 * painting) / distance(name, picture, painting)
    assert factor.item() == pytest.approx(3 ** OF_DEGREE[name], rel=1e-3)


@pytest.mark.parametrize("name", NAMES)
def test_bfloat16_features(name, picture, painting):
    features = picture.bfloat16().requires_grad_()
    value = STATISTICS[name].distance(features, STATISTICS[name].describe(painting.bfloat16()))
    value.backward()
    assert value.dtype == torch.float32 and features.grad.dtype == torch.bfloat16
    assert features.grad.isfinite().all()
    assert value.item() == pytest.approx(distance(name, picture, painting).item(), rel=0.03)


@pytest.mark.parametrize("name", NAMES)
def test_channels_last_changes_nothing(name, picture, painting):
    turned = [x.contiguous(memory_format=torch.channels_last) for x in (picture, painting)]
    assert torch.isclose(distance(name, *turned), distance(name, picture, painting), rtol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_a_tiled_painting_is_the_same_painting(name, painting):
    """More positions with the same content: no sum grows with the size."""
    tiled = painting.repeat(1, 1, 2, 3)
    # sorted values are read between two neighbours
    tolerance = {"sliced": 0.02, "histogram": 0.02}.get(name, 1e-6)
    empty = distance(name, torch.zeros_like(painting), painting)
    assert distance(name, painting, tiled) <= tolerance * empty
    if name != "patches":                         # at the seams, tiles have pieces of their own
        assert distance(name, tiled, painting) <= tolerance * empty


def test_mean_deviation_is_its_formula(picture, painting):
    F, S = table(picture), table(painting)
    expected = ((F.mean(1) - S.mean(1)) ** 2 + (F.std(1) - S.std(1)) ** 2).mean()
    assert distance("mean_variance", picture, painting).item() == pytest.approx(expected, rel=1e-4)
    assert np.allclose(statistics.mean_deviation(picture), [F.mean(1), F.std(1)], rtol=1e-4)


def test_covariance_is_numpys(picture, painting):
    assert np.allclose(statistics.covariance(picture)[0], np.cov(table(picture), bias=True), atol=1e-5)
    difference = np.cov(table(picture), bias=True) - np.cov(table(painting), bias=True)
    expected = (difference**2).sum() / (4 * 5**2)
    assert distance("covariance", picture, painting).item() == pytest.approx(expected, rel=1e-4)


def test_covariance_is_the_gram_matrix_of_centred_features(picture, painting):
    centred = [x - x.mean((2, 3), keepdim=True) for x in (picture, painting)]
    assert torch.isclose(distance("covariance", *centred), distance("gram", *centred), rtol=1e-4)
    brighter = distance("covariance", picture + 7, painting)
    assert torch.isclose(brighter, distance("covariance", picture, painting), rtol=1e-3)
    assert distance("gram", picture + 7, painting) > 2 * distance("gram", picture, painting)


def quantiles(sorted_rows, count):
    """Sorted rows read at `count` places, each in the middle of its share: what np.interp does."""
    new, old = ((np.arange(size) + 0.5) / size for size in (count, sorted_rows.shape[1]))
    return np.stack([np.interp(new, old, row) for row in sorted_rows])


def test_histogram_matching_is_its_formula(picture, painting):
    """The matched picture has the painting's values in the picture's order; the loss is what that changes."""
    F = table(picture)
    values = quantiles(np.sort(table(painting)), 63)
    matched = np.take_along_axis(values, F.argsort(1).argsort(1), 1)             # each value by its rank
    expected = ((F - matched) ** 2).mean()
    assert distance("histogram", picture, painting).item() == pytest.approx(expected, rel=1e-4)


def test_the_histograms_gradient_points_to_the_matched_picture(picture, painting):
    features = picture.clone().requires_grad_()
    distance("histogram", features, painting).backward()
    F = table(picture)
    matched = np.take_along_axis(quantiles(np.sort(table(painting)), 63), F.argsort(1).argsort(1), 1)
    assert np.allclose(features.grad[0].flatten(1).numpy(), 2 * (F - matched) / F.size, atol=1e-5)


def test_sliced_is_its_formula(picture, painting):
    directions, _ = STATISTICS["sliced"].describe(painting)
    assert directions.shape == (5, 5) and torch.allclose(directions.norm(dim=1), torch.ones(5))
    D = directions.double().numpy()
    expected = ((np.sort(D @ table(picture)) - quantiles(np.sort(D @ table(painting)), 63)) ** 2).mean()
    assert distance("sliced", picture, painting).item() == pytest.approx(expected, rel=1e-4)


def test_sliced_along_the_channels_is_the_histogram(picture, painting):
    axes = torch.eye(5), statistics.sorted_channels(painting)
    sliced = statistics.sliced_distance(picture, axes)
    assert torch.isclose(sliced, distance("histogram", picture, painting), rtol=1e-5)


def test_sliced_sees_what_the_histogram_cannot():
    """Two channels that rise together, and the same values with one channel reversed: equal histograms."""
    rising = torch.linspace(-1, 1, 20).view(1, 1, 4, 5)
    together, opposed = torch.cat([rising, rising], 1), torch.cat([rising, -rising], 1)
    for blind in ("histogram", "mean_variance"):
        assert distance(blind, together, opposed) < 1e-9
    assert distance("sliced", together, opposed) > 0.03 and distance("gram", together, opposed) > 0.01


def test_gram_cannot_see_the_shape_of_a_distribution():
    """Two values or a whole bell curve, with equal mean and variance: the reason for sorting."""
    two_values = torch.tensor([-1.0, 1.0]).repeat(50).view(1, 1, 10, 10)
    bell = torch.randn(1, 1, 10, 10, generator=torch.Generator().manual_seed(0))
    bell = (bell - bell.mean()) / bell.std(correction=0)
    assert distance("gram", two_values, bell) < 1e-9 and distance("mean_variance", two_values, bell) < 1e-9
    assert distance("histogram", two_values, bell) > 0.1


def test_patches_by_hand():
    """A picture of one piece, a painting of two: the more similar in direction is taken, not the nearer."""
    piece = torch.zeros(1, 1, 3, 3)
    piece[0, 0, 1, 1] = 1.0
    near_but_flat = torch.full((1, 1, 3, 3), 0.2)
    painting = torch.cat([4 * piece, near_but_flat], 2)                       # one column, four pieces
    target = STATISTICS["patches"].describe(painting)
    assert target.shape == (4, 9)
    assert statistics.patches_distance(piece, target).item() == pytest.approx((4 - 1) ** 2 / 9)


def test_patches_are_their_formula(picture, painting):
    def pieces(features):
        x = features[0].double().numpy()
        rows, columns = x.shape[1] - 2, x.shape[2] - 2
        return np.stack([x[:, i:i + 3, j:j + 3].ravel() for i in range(rows) for j in range(columns)])
    P, S = pieces(picture), pieces(painting)
    resemblance = (P @ S.T) / np.linalg.norm(P, axis=1)[:, None] / np.linalg.norm(S, axis=1)
    expected = ((P - S[resemblance.argmax(1)]) ** 2).mean()
    assert distance("patches", picture, painting).item() == pytest.approx(expected, rel=1e-4)


def test_an_empty_picture_gets_a_piece_of_typical_size(painting):
    """Nothing resembles an empty piece; without a rule the painting's upper left corner would be the unit."""
    painting = painting.clone()
    painting[:, :, :3, :3] = 0
    pieces = torch.nn.functional.unfold(painting, 3)[0].T
    typical = pieces.square().mean().item()
    assert distance("patches", torch.zeros(1, 5, 6, 6), painting).item() == pytest.approx(typical, rel=0.1)


def test_the_number_of_patches_is_bounded(random):
    large = random(1, 2, 90, 131)
    target = STATISTICS["patches"].describe(large)
    assert 500 < len(target) <= statistics.MOST_PATCHES
    features = large.clone().requires_grad_()
    value = STATISTICS["patches"].distance(features, target)
    value.backward()
    assert value.item() < 0.2 * STATISTICS["patches"].distance(torch.zeros_like(large), target).item()
    touched = (features.grad != 0).any(1).float().mean()
    assert touched > 0.5                          # thinned out, but all over the picture


@pytest.mark.parametrize("size", [(64, 66), (130, 131), (400, 300)])
def test_thinned_patches_of_the_picture_cover_it(size, random):
    features = random(1, 1, *size).requires_grad_()
    STATISTICS["patches"].distance(features, random(4, 9) + 5).backward()
    assert (features.grad[:, :, :-2, :-2] != 0).all()


@pytest.mark.parametrize("name", NAMES)
def test_another_number_of_channels_is_refused(name, picture, painting):
    with pytest.raises(ValueError, match="target"):
        distance(name, picture[:, :4], painting)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "gram"])
def test_wrong_features_are_quoted(name):
    for wrong in (torch.zeros(2, 3, 4, 5), torch.zeros(3, 4, 5)):
        with pytest.raises(ValueError, match=str(tuple(wrong.shape)).replace("(", r"\(").replace(")", r"\)")):
            STATISTICS[name].describe(wrong)


def test_too_few_positions_for_a_patch():
    with pytest.raises(ValueError, match="less deep"):
        STATISTICS["patches"].describe(torch.zeros(1, 512, 2, 4))
