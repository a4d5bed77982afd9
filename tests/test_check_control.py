"""The checkers of notebook 06 accept right answers, also unusual ones, and know the mistakes that learners make."""
import pytest
import torch

from stylelib import colors, gram_matrix, guided
from stylelib.check import guided_gram, match_colors
from stylelib.check.verdict import CORRECT, NOT_ATTEMPTED

from .answers import unsolved, verdict

# ---------------------------------------------------------------------------------------------------------- colours

def table(x):
    return x[0].flatten(1)


def mean(x):
    return table(x).mean(1, keepdim=True)


def cov(x):
    return torch.cov(table(x), correction=0)


def centred(x):
    return table(x) - mean(x)


def cholesky(x):
    return torch.linalg.cholesky(cov(x))


def root(x):
    values, directions = torch.linalg.eigh(cov(x))
    return directions * values.sqrt() @ directions.T


def mapped(A, image, reference):
    return (A @ centred(image) + mean(reference)).view_as(image)


def solution(image, reference):
    return mapped(cholesky(reference) @ torch.linalg.inv(cholesky(image)), image, reference)


def symmetric(image, reference):
    return mapped(root(reference) @ torch.linalg.inv(root(image)), image, reference)


def shuffled(image, reference):
    return solution(image, reference).flip(3)


def in_place(image, reference):
    result = solution(image, reference)
    image -= 0.1
    return result


@pytest.mark.parametrize("answer", [solution, symmetric, colors.match_mean_covariance, lambda x, y: solution(x, y).clamp(0, 1)])
def test_right_colors(answer, capsys):
    assert verdict(capsys, match_colors, answer) == CORRECT


@pytest.mark.parametrize("answer, words", [
    (lambda x, y: None, "None"),
    (lambda x, y: solution(x, y).numpy(), "got ndarray"),
    (lambda x, y: 1 / 0, "ZeroDivisionError"),
    (lambda x, y: table(solution(x, y)), "view_as"),
    (lambda x, y: solution(x, y)[:, :2], "the shape should be"),
    (lambda x, y: solution(x, y) + 0.1, "mean colour is not"),
    (lambda x, y: x, "unchanged"),
    (lambda x, y: (centred(x) + mean(y)).view_as(x), "only the mean"),
    (lambda x, y: mapped(torch.diag((cov(y).diagonal() / cov(x).diagonal()).sqrt()), x, y), "each channel is stretched on its own"),
    (lambda x, y: mapped(torch.diag(cov(y).diagonal() / cov(x).diagonal()), x, y), "root of a variance"),
    (lambda x, y: solution(x, y) + (mean(x) - mean(y)).view(1, 3, 1, 1), "image's own"),
    (lambda x, y: (cholesky(y) @ torch.linalg.inv(cholesky(x)) @ centred(x)).view_as(x), "mean is 0"),
    (lambda x, y: (cholesky(y) @ torch.linalg.inv(cholesky(x)) @ table(x) + mean(y)).view_as(x), "still in it"),
    (lambda x, y: mapped(cholesky(x) @ torch.linalg.inv(cholesky(y)), x, y), "its inverse are mixed up"),
    (lambda x, y: mapped((cholesky(y) @ torch.linalg.inv(cholesky(x))).T, x, y), "transposed"),
    (lambda x, y: mapped(torch.linalg.inv(cholesky(x)) @ cholesky(y), x, y), "order is mixed up"),
    (lambda x, y: mapped(cholesky(y), x, y), "S is not undone"),
    (lambda x, y: mapped(cov(y) @ torch.linalg.inv(cov(x)), x, y), "roots"),
    (lambda x, y: mapped(torch.diag(torch.tensor([1.0, 1, -1])) @ cholesky(y) @ torch.linalg.inv(cholesky(x)), x, y), "spread are right"),
    (lambda x, y: mapped(1.1 * cholesky(y) @ torch.linalg.inv(cholesky(x)), x, y), "the covariance is not"),
    (shuffled, "in its place"),
    (in_place, "in place"),
])
def test_wrong_colors(answer, words, capsys):
    text = verdict(capsys, match_colors, answer)
    assert text.startswith("Not yet: ") and words in text, text


# ---------------------------------------------------------------------------------------------------- Gram matrices

def inside(f, t):
    return f.flatten(2) * t.flatten(2) @ f.flatten(2).mT


def gram(f, t):
    return inside(f, t) / t.sum()


def changing(f, t):
    result = gram(f.clone(), t)
    with torch.no_grad():
        f *= t
    return result


def cut_off(f, t):
    with torch.no_grad():
        return gram(f, t)


@pytest.mark.parametrize("answer", [
    gram, guided.guided_gram,
    lambda f, t: gram_matrix(f * (t / t.mean()).sqrt()),
    lambda f, t: torch.einsum("nchw,ndhw,hw->ncd", f, f, t[0, 0]) / t.sum(),
])
def test_right_guided_gram(answer, capsys):
    assert verdict(capsys, guided_gram, answer) == CORRECT


@pytest.mark.parametrize("answer, words", [
    (lambda f, t: None, "None"),
    (lambda f, t: gram(f, t).tolist(), "got list"),
    (lambda f, t: 1 / 0, "ZeroDivisionError"),
    (lambda f, t: gram(f, t)[:, :3], "shape should be"),
    (lambda f, t: gram(f, t) + 1, "largest difference"),
    (lambda f, t: inside(f, t), "not the mean"),
    (lambda f, t: gram_matrix(f * t), "divided by all positions"),
    (lambda f, t: inside(f, t) / t.numel(), "divided by all positions"),
    (lambda f, t: inside(f, t) / t.mean(), "share of the picture"),
    (lambda f, t: gram(f, t) / f.shape[1], "number of channels"),
    (lambda f, t: gram_matrix(f), "no effect"),
    (lambda f, t: gram(f, 1 - t), "outside"),
    (lambda f, t: gram_matrix(f * t) * t.numel() / t.sum(), "twice"),
    (lambda f, t: gram_matrix(f * t) * t.numel() / t.square().sum(), "twice"),
    (lambda f, t: gram_matrix(f * (t > 0)) * t.numel() / (t > 0).sum(), "grey is treated as white"),
    (lambda f, t: inside(f, t) / (t > 0).sum(), "by its value"),
    (lambda f, t: gram(f, t.flip(3)), "left and right"),
    (lambda f, t: gram(f, t.flip(2)), "top and bottom"),
    (lambda f, t: gram(f, t.mT.reshape(t.shape)), "rows and columns"),
    (lambda f, t: gram_matrix(f) * t.mean(), "at each position"),
    (lambda f, t: gram(f, t)[0], "batch got lost"),
    (lambda f, t: gram(f, t).mean(0), "averaged"),
    (lambda f, t: gram(f.detach(), t), "cut off"),
    (cut_off, "cut off"),
    (changing, "in place"),
    (lambda f, t: gram(f, t).squeeze(0), "loses its batch dimension"),
])
def test_wrong_guided_gram(answer, words, capsys):
    text = verdict(capsys, guided_gram, answer)
    assert text.startswith("Not yet: ") and words in text, text


@pytest.mark.parametrize("checker", [match_colors, guided_gram])
def test_unsolved(checker, capsys):
    assert verdict(capsys, checker, unsolved) == NOT_ATTEMPTED
