"""The checkers of notebook 03 accept right answers, also unusual ones, and know the mistakes that learners make."""
import pytest
import torch

import stylelib
from stylelib.check import gram_matrix, style_divisor, style_loss
from stylelib.check.verdict import CORRECT, NOT_ATTEMPTED

from .answers import unsolved, verdict


def m(f):
    return f.shape[2] * f.shape[3]


def sums(f):
    return f.flatten(2) @ f.flatten(2).mT


def gram(f):
    return sums(f) / m(f)


def centred(f):
    return f - f.mean((2, 3), keepdim=True)


def in_place(f):
    g = f.flatten(2) @ f.flatten(2).mT
    with torch.no_grad():
        f *= 0
    return g / m(f)


def without_gradient(f):
    with torch.no_grad():
        return gram(f)


def tutorial(f):
    a, b, c, d = f.size()
    table = f.view(a * b, c * d)
    return torch.mm(table, table.t()).div(a * b * c * d)


@pytest.mark.parametrize("answer", [
    gram, stylelib.gram_matrix,
    lambda f: torch.einsum("nchw,ndhw->ncd", f, f) / m(f),
    lambda f: torch.bmm(f.flatten(2), f.flatten(2).transpose(1, 2)).div(m(f)),
    lambda f: torch.stack([x.flatten(1) @ x.flatten(1).T / m(f) for x in f]),
])
def test_right_gram_matrix(answer, capsys):
    assert verdict(capsys, gram_matrix, answer) == CORRECT


@pytest.mark.parametrize("answer, words", [
    (lambda f: None, "None"),
    (lambda f: gram(f).tolist(), "tensor is expected, got list"),
    (lambda f: gram(f).detach().numpy(), "tensor is expected, got ndarray"),
    (lambda f: 1 / 0, "ZeroDivisionError"),
    (lambda f: gram(f)[:, :3], "shape should be (2, 5, 5)"),
    (lambda f: gram(f) + 1, "largest difference"),
    (sums, "not divided by the number of positions"),
    (lambda f: sums(f) / (f.shape[1] * m(f)), "PyTorch's tutorial"),
    (lambda f: sums(f) / f.numel(), "number of all values"),
    (lambda f: sums(f) / (2 * m(f)), "number of pictures must not matter"),
    (lambda f: sums(f) / f.shape[1], "number of channels C"),
    (lambda f: sums(f) / f.shape[1]**2, "C^2 belongs to the style loss"),
    (lambda f: gram(f) / f.shape[1]**2, "C^2 belongs to the style loss"),
    (lambda f: sums(f) / (4 * f.shape[1]**2), "4 C^2 belongs"),
    (lambda f: sums(f) / m(f)**2, "not squared"),
    (lambda f: sums(f) / f.shape[2], "H alone"),
    (lambda f: sums(f) / f.shape[3], "W alone"),
    (lambda f: sums(f) / (m(f) - 1), "not by H*W - 1"),
    (lambda f: f.flatten(2).mT @ f.flatten(2), "which positions look alike"),
    (lambda f: f.flatten(2).mT @ f.flatten(2) / f.shape[1], "which positions look alike"),
    (lambda f: f.flatten(2).mT @ f.flatten(2) / m(f), "which positions look alike"),
    (lambda f: f.reshape(2, -1, 5).mT @ f.reshape(2, -1, 5) / m(f), "never moves an axis"),
    (lambda f: f.reshape(5, -1) @ f.reshape(5, -1).T / m(f), "never moves an axis"),
    (lambda f: f.reshape(10, -1) @ f.reshape(10, -1).T / m(f), "keep the batch dimension"),
    (tutorial, "keep the batch dimension"),
    (lambda f: gram(f).mean(0), "added up"),
    (lambda f: torch.einsum("nchw,ndhw->cd", f, f), "added up"),
    (lambda f: gram(f)[0], "without batch dimension"),
    (lambda f: gram(f).squeeze(0), "do not squeeze"),
    (lambda f: gram(centred(f)), "covariance"),
    (lambda f: sums(centred(f)) / (m(f) - 1), "covariance"),
    (lambda f: sums(torch.nn.functional.normalize(f.flatten(2), dim=2).unsqueeze(2)), "cosine"),
    (lambda f: (f * f).sum((2, 3)) / m(f), "the diagonal"),
    (lambda f: f.mean((2, 3))[:, :, None] @ f.mean((2, 3))[:, None], "channels' means"),
    (lambda f: f.flatten(2) @ f.flatten(2).t(), "with .mT"),
    (lambda f: f.flatten(2) @ f.flatten(2), "with .mT"),
    (lambda f: f @ f.mT / m(f), "with .flatten(2)"),
    (lambda f: gram(f.detach()), "cut off"),
    (without_gradient, "cut off"),
    (in_place, "in place"),
])
def test_wrong_gram_matrix(answer, words, capsys):
    text = verdict(capsys, gram_matrix, answer)
    assert text.startswith("Not yet: ") and words in text


def e(f, a):
    return (gram(f) - a).square().sum() / (4 * f.shape[1]**2 * len(f))


def differences(f, a):
    return (gram(f) - a).square()


@pytest.mark.parametrize("answer", [
    e, stylelib.style_loss,
    lambda f, a: e(f, a).reshape(()),
    lambda f, a: (a - gram(f)).pow(2).mean() / 4,                       # swapped: harmless, as it is squared
    lambda f, a: torch.nn.functional.mse_loss(gram(f), a) / 4,
    lambda f, a: differences(f, a).sum((1, 2)).mean() / (2 * f.shape[1])**2,
])
def test_right_style_loss(answer, capsys):
    assert verdict(capsys, style_loss, answer) == CORRECT


@pytest.mark.parametrize("answer, words", [
    (lambda f, a: None, "None"),
    (lambda f, a: str(e(f, a)), "tensor is expected, got str"),
    (lambda f, a: 1 / 0, "ZeroDivisionError"),
    (lambda f, a: e(f, a) + 1, "largest difference"),
    (lambda f, a: torch.nn.functional.mse_loss(gram(f), a), "also divides by 4"),
    (lambda f, a: differences(f, a).sum() / 4, "C^2 too"),
    (lambda f, a: differences(f, a).sum(), "still to be divided"),
    (lambda f, a: differences(f, a).sum() / (4 * f.shape[1]), "must be squared"),
    (lambda f, a: differences(f, a).sum() / f.shape[1], "not by C"),
    (lambda f, a: differences(f, a).mean() / 2, "not by 2 C^2"),
    (lambda f, a: differences(f, a).sum() / (4 * f.shape[1])**2, "the 4 is not squared"),
    (lambda f, a: e(f, a) / m(f)**2, "twice"),
    (lambda f, a: e(f, a) / m(f), "leave M out"),
    (lambda f, a: (gram(f) - a).abs().mean() / 4, "square is missing"),
    (lambda f, a: (gram(f) - a).sum() / 4, "square is missing"),
    (lambda f, a: (gram(f) - a).sum()**2 / (4 * f.shape[1]**2), "square first"),
    (lambda f, a: (gram(f) - a).norm(), "no square root"),
    (lambda f, a: (gram(f)**2 - a**2).mean() / 4, "subtract first"),
    (lambda f, a: (gram(f) + a).square().mean() / 4, "not added"),
    (lambda f, a: (sums(f) - a).square().mean() / 4, "G is not divided"),
    (lambda f, a: (gram(f) / f.shape[1] - a).square().mean() / 4, "divided by C as well"),
    (lambda f, a: (gram(f) - a).diagonal(dim1=1, dim2=2).square().sum() / 100, "only the diagonal"),
    (differences, "a loss is one number"),
    (lambda f, a: differences(f, a) / (4 * f.shape[1]**2), "a loss is one number"),
    (lambda f, a: differences(f, a).sum((1, 2)) / (4 * f.shape[1]**2), "a loss is one number"),
    (lambda f, a: (gram(f) - a).tril().square().mean() / 4, "once only"),
    (lambda f, a: (gram(f) - stylelib.gram_matrix(a)).square().mean() / 4, "a Gram matrix (1, C, C) already"),
    (lambda f, a: (f - a).square().mean() / 4, "a Gram matrix (1, C, C) already"),
    (lambda f, a: e(f.detach(), a), "cut off"),
    (lambda f, a: e(f, a).item(), "cut off"),
    (lambda f, a: e(f, a) * len(f), "batch of two"),
    (lambda f, a: e(f, a.flip(0)), "mixed up"),
])
def test_wrong_style_loss(answer, words, capsys):
    text = verdict(capsys, style_loss, answer)
    assert text.startswith("Not yet: ") and words in text


@pytest.mark.parametrize("answer", [
    lambda n, m: 4 * n**2 * m**2, lambda n, m: (2 * n * m)**2, lambda n, m: 4.0 * (n * m)**2,
    lambda n, m: torch.tensor(4.0 * n * n * m * m),
])
def test_right_divisor(answer, capsys):
    assert verdict(capsys, style_divisor, answer) == CORRECT


@pytest.mark.parametrize("answer, words", [
    (lambda n, m: None, "None"),
    (lambda n, m: "4 n m", "a number is expected, got str"),
    (lambda n, m: 1 / 0, "ZeroDivisionError"),
    (lambda n, m: 7, "largest difference"),
    (lambda n, m: 4 * n * m, "both must be squared"),
    (lambda n, m: n**2 * m**2, "4 is missing"),
    (lambda n, m: 2 * n**2 * m**2, "4, not 2"),
    (lambda n, m: (4 * n * m)**2, "4 is not squared"),
    (lambda n, m: 4 * n**2, "are not, so M^2 belongs here"),
    (lambda n, m: 4 * m**2, "N is missing"),
    (lambda n, m: 4 * n**2 * m, "M must be squared"),
    (lambda n, m: 4 * n * m**2, "N must be squared"),
    (lambda n, m: 4 * 5 * m, "number of layers"),
    (lambda n, m: 4 * 5 * n**2 * m**2, "number of layers"),
    (lambda n, m: 1 / (4 * n**2 * m**2), "the divisor"),
    (lambda n, m: n * m, "tutorial"),
    (lambda n, m: 4, "leaves out"),
])
def test_wrong_divisor(answer, words, capsys):
    text = verdict(capsys, style_divisor, answer)
    assert text.startswith("Not yet: ") and words in text


@pytest.mark.parametrize("checker", [gram_matrix, style_loss, style_divisor])
def test_unsolved(checker, capsys):
    assert verdict(capsys, checker, unsolved) == NOT_ATTEMPTED
