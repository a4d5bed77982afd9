"""The checkers of notebook 07: right answers in many forms, and each wrong one gets its own hint."""
import pytest
import torch

from stylelib import gram_matrix
from stylelib.check import own_distance, sorted_distance
from stylelib.check.verdict import CORRECT, NOT_ATTEMPTED
from stylelib.statistics import STATISTICS

from .answers import unsolved, verdict


def by_rows(a, b):
    return (a.sort(dim=1).values - b.sort(dim=1).values).square()



@pytest.mark.parametrize("answer", [
    lambda a, b: by_rows(a, b).mean(),
    lambda a, b: torch.nn.functional.mse_loss(torch.sort(a, -1)[0], torch.sort(b, -1)[0]),
    lambda a, b: by_rows(-a, -b).mean(),
    lambda a, b: sum(((x.sort().values - y.sort().values) ** 2).mean() for x, y in zip(a, b)) / len(a),
])
def test_right_sorted_distance(answer, capsys):
    assert verdict(capsys, sorted_distance, answer) == CORRECT


@pytest.mark.parametrize("answer, words", [
    (lambda a, b: None, "None"),
    (lambda a, b: "0", "tensor is expected, got str"),
    (lambda a, b: 1 / 0, "ZeroDivisionError"),
    (lambda a, b: by_rows(a, b).mean() + 1, "largest difference"),
    (lambda a, b: (a.sort(1) - b.sort(1)).square().mean(), "returns two things"),
    (lambda a, b: (a - b).square().mean(), "position with position"),
    (lambda a, b: (a.sort(1).values - b).square().mean(), "only the first"),
    (lambda a, b: (a - b.sort(1).values).square().mean(), "only the second"),
    (lambda a, b: (a.sort(0).values - b.sort(0).values).square().mean(), "each column"),
    (lambda a, b: (a.flatten().sort().values - b.flatten().sort().values).square().mean(), "one long row"),
    (lambda a, b: (a.sort(1, descending=True).values - b.sort(1).values).square().mean(), "the same way"),
    (lambda a, b: (a.argsort(1) - b.argsort(1)).float().square().mean(), "argsort"),
    (lambda a, b: by_rows(a, b).sum(), "added up"),
    (lambda a, b: by_rows(a, b).sum(1).mean(), "over the positions"),
    (lambda a, b: by_rows(a, b).mean(1).sum(), "over the channels"),
    (lambda a, b: by_rows(a, b).mean().sqrt(), "no square root"),
    (lambda a, b: by_rows(a, b).sqrt().mean(), "square is missing"),
    (lambda a, b: by_rows(a, b).mean() / 2, "no factor 1/2"),
    (lambda a, b: (a.mean(1) - b.mean(1)).square().mean(), "means only"),
    (lambda a, b: (a.sort(1).values - b.sort(1).values).mean(), "cancel"),
    (by_rows, "end with .mean()"),
    (lambda a, b: by_rows(a, b).mean(1), "for each channel"),
    (lambda a, b: by_rows(a.detach(), b).mean(), "cut off"),
    (lambda a, b: by_rows(a, b).mean().item(), "cut off"),
    (lambda a, b: (by_rows(a, b).mean(), a.mul_(2))[0], "in place"),
])
def test_wrong_sorted_distance(answer, words, capsys):
    text = verdict(capsys, sorted_distance, answer)
    assert text.startswith("Not yet: ") and words in text


def neighbours(features):
    """Mean and deviation of each channel, and of its differences to the neighbours."""
    parts = [features, features.diff(dim=2), features.diff(dim=3)]
    return torch.stack([torch.stack([x.mean((0, 2, 3)), (x.var((0, 2, 3)) + 1e-5).sqrt()]) for x in parts])


def means(features):
    return features.mean((2, 3))


def shifted(features):
    left, right = features[..., :-1].flatten(2), features[..., 1:].flatten(2)
    return left @ right.mT / left.shape[2]


@pytest.mark.parametrize("answer", [
    lambda f, p: (neighbours(f) - neighbours(p)).square().mean(),
    lambda f, p: (means(f) - means(p)).square().sum(),
    lambda f, p: (shifted(f) - shifted(p)).abs().mean(),
    lambda f, p: (f.amax((2, 3)) - p.amax((2, 3))).square().mean() + (means(f) - means(p)).square().mean(),
])
def test_many_losses_of_ones_own_are_right(answer, capsys):
    assert verdict(capsys, own_distance, answer) == CORRECT


@pytest.mark.parametrize("answer, words", [
    (lambda f, p: None, "None"),
    (lambda f, p: (means(f) - means(p)).square().sum().item(), "a tensor is expected, got float"),
    (lambda f, p: (means(f) - means(p)).square(), "one number, got the shape (1, 5)"),
    (lambda f, p: 1 / 0, "ZeroDivisionError"),
    (lambda f, p: (f - p).square().mean(), "may differ in size"),
    (lambda f, p: (means(f) - means(p)).square().sum() / 0, "divided by 0"),
    (lambda f, p: (means(f) - means(p)).sum(), "below 0"),
    (lambda f, p: f.sum() * 0, "notice something"),
    (lambda f, p: means(f).square().sum(), "for the painting itself"),
    (lambda f, p: (means(f) / (means(f) + 1e-9) * (means(f) - means(p))).square().sum(), "best of all"),
    (lambda f, p: (means(f) - means(p)).square().sum() * torch.rand(()), "fix the seed"),
    (lambda f, p: (f.sum((2, 3)) - p.sum((2, 3))).square().sum(), "number of positions"),
    (lambda f, p: (means(f.detach()) - means(p)).square().sum(), "cut off"),
    (lambda f, p: (f.var((2, 3)).sqrt() - p.var((2, 3)).sqrt()).square().sum(), "not finite"),
    (lambda f, p: ((f * 5).round().detach() + 0 * f).mean((2, 3)).sub((p * 5).round().mean((2, 3))).square().sum(), "no slope"),
    (lambda f, p: (means(f.mul_(2)) - means(p)).square().sum(), "in place"),
    *[(lambda f, p, s=s: 7 * s.distance(f, s.describe(p)), f"the statistic {name!r}") for name, s in STATISTICS.items()],
    (lambda f, p: (gram_matrix(f) - gram_matrix(p)).square().sum(), "the statistic 'gram'"),
])
def test_own_losses_that_would_not_work(answer, words, capsys):
    text = verdict(capsys, own_distance, answer)
    assert text.startswith("Not yet: ") and words in text


@pytest.mark.parametrize("checker", [sorted_distance, own_distance])
def test_unsolved(checker, capsys):
    assert verdict(capsys, checker, unsolved) == NOT_ATTEMPTED
