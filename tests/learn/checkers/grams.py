"""Answers to the exercises of notebook 03, also unusual right ones."""
import numpy as np
import torch

import stylelib
from stylelib.learn.check import gram_matrix, style_divisor, style_loss

from ..answers import table


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


def half_detached(f):
    return f.flatten(2) @ f.flatten(2).detach().mT / m(f)


def tutorial(f):
    a, b, c, d = f.size()
    table = f.view(a * b, c * d)
    return torch.mm(table, table.t()).div(a * b * c * d)


def stranger(f):
    return torch.einsum("nchw,mdhw->ncd", f, f) / m(f)


def rearranged(*order):
    def function(f):
        n, c, h, w = f.shape
        table = f.permute(*order).reshape(n, c, -1)
        return table @ table.mT / (h * w)
    return function


GRAMS = table(gram_matrix, {
    "flatten": gram,
    "the package's": stylelib.gram_matrix,
    "einsum": lambda f: torch.einsum("nchw,ndhw->ncd", f, f) / m(f),
    "bmm": lambda f: torch.bmm(f.flatten(2), f.flatten(2).transpose(1, 2)).div(m(f)),
    "picture by picture": lambda f: torch.stack([x.flatten(1) @ x.flatten(1).T / m(f) for x in f]),
    "divided by an np.int64": lambda f: sums(f) / np.prod(f.shape[2:]),
    "in double precision": lambda f: gram(f.double()),
    "covariance and means": lambda f: gram(centred(f)) + f.mean((2, 3))[:, :, None] * f.mean((2, 3))[:, None],
    "positions in another order": lambda f: gram(f.permute(0, 1, 3, 2)),
}, [
    (lambda f: None, "None"),
    (lambda f: gram(f).tolist(), "tensor is expected, got list"),
    (lambda f: gram(f).detach().numpy(), "tensor is expected, got ndarray"),
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
    ("half of it detached", half_detached, "only a part of the gradient"),
    (in_place, "your function changes features"),
    ("no brackets, h", lambda f: sums(f) / f.shape[2] * f.shape[3], "brackets are missing"),
    ("no brackets, w", lambda f: sums(f) / f.shape[3] * f.shape[2], "brackets are missing"),
    ("no brackets, c", lambda f: sums(f) / f.shape[1] * f.shape[2] * f.shape[3], "brackets are missing"),
    ("no brackets, n", lambda f: sums(f) / f.shape[0] * f[0].numel(), "brackets are missing"),
    (lambda f: sums(f) / m(f)**0.5, "the root of H*W"),
    ("wrong axes, n and c", lambda f: sums(f) / (f.shape[0] * f.shape[1]), "in this order"),
    ("wrong axes, c and h", lambda f: sums(f) / (f.shape[1] * f.shape[2]), "in this order"),
    (stranger, "the same letter n"),
    (lambda f: f.flatten(2) @ f.flatten(2).flip(0).mT, "channels of different pictures"),
    ("channels last, then cut", rearranged(0, 2, 3, 1), "never moves an axis"),
    ("rows first, then cut", rearranged(0, 2, 1, 3), "never moves an axis"),
    ("product of sums", lambda f: torch.einsum("nchw,ndij->ncd", f, f) / m(f), "means or sums"),
    ("a number of one shape", lambda f: sums(f) / 28, "not for another"),
    ("hard-coded shape", lambda f: gram(f.reshape(len(f), 5, 4, 7)), "not for another"),
    ("all signs lost", lambda f: gram(f).abs(), "the signs must stay"),
    ("a ReLU again", lambda f: gram(f.relu()), "the signs must stay"),
    ("xor for power", lambda f: gram(f ^ 2), "power is `**`"),
])


def e(f, a):
    return (gram(f) - a).square().sum() / (4 * f.shape[1]**2 * len(f))


def differences(f, a):
    return (gram(f) - a).square()


def in_mean(f, a, scale):
    """Mean squared difference, over the batch too."""
    return differences(f, a).sum() / (len(f) * scale)


LOSSES = table(style_loss, {
    "as printed": e,
    "the package's": stylelib.style_loss,
    "reshaped": lambda f, a: e(f, a).reshape(()),
    "A - G": lambda f, a: (a - gram(f)).pow(2).mean() / 4,
    "a quarter of torch's own": lambda f, a: torch.nn.functional.mse_loss(gram(f), a) / 4,
    "mean over the batch at the end": lambda f, a: differences(f, a).sum((1, 2)).mean() / (2 * f.shape[1])**2,
    "divided by an np.int64": lambda f, a: differences(f, a).sum() / np.int64(4 * f.shape[1]**2 * len(f)),
    "in double precision": lambda f, a: e(f.double(), a.double()),
}, [
    (lambda f, a: None, "None"),
    (lambda f, a: str(e(f, a)), "tensor is expected, got str"),
    (lambda f, a: e(f, a) + 1, "largest difference"),
    (lambda f, a: torch.nn.functional.mse_loss(gram(f), a), "also divides by 4"),
    (lambda f, a: differences(f, a).sum() / 4, "C^2 too"),
    (lambda f, a: differences(f, a).sum() / (4 * f.shape[1] * 2 * len(f)), "squares"),
    ("no brackets around C^2 and N", lambda f, a: differences(f, a).sum() / (4 * f.shape[1]**2) * len(f),
     "brackets are missing"),
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
    (lambda f, a: (sums(f) - a).square().mean() / 4, "G is not divided"),
    (lambda f, a: (gram(f) / f.shape[1] - a).square().mean() / 4, "divided by C as well"),
    (lambda f, a: (gram(f) - a).diagonal(dim1=1, dim2=2).square().sum() / 100, "only the diagonal"),
    (differences, "a loss is one number"),
    (lambda f, a: differences(f, a) / (4 * f.shape[1]**2), "a loss is one number"),
    (lambda f, a: differences(f, a).sum((1, 2)) / (4 * f.shape[1]**2), "a loss is one number"),
    (lambda f, a: (gram(f) - stylelib.gram_matrix(a)).square().mean() / 4, "a Gram matrix (1, C, C) already"),
    (lambda f, a: (f - a).square().mean() / 4, "a Gram matrix (1, C, C) already"),
    (lambda f, a: e(f.detach(), a), "cut off"),
    (lambda f, a: e(f, a).item(), "cut off"),
    (lambda f, a: e(f, a) * len(f), "batch of two"),
    (lambda f, a: e(f, a.flip(0)), "mixed up"),
    ("both divided by C", lambda f, a: in_mean(f, a, 4 * f.shape[1]**4), "divided by C once more"),
    ("the tutorial's", lambda f, a: torch.nn.functional.mse_loss(gram(f) / f.shape[1], a / f.shape[1]),
     "divided by C once more"),
    ("eq. 4 with our A", lambda f, a: (sums(f) - a).square().sum() / (4 * f.shape[1]**2 * m(f)**2),
     "G is not divided"),
    ("C from the last axis", lambda f, a: in_mean(f, a, 4 * f.shape[-1]**2), "features.shape[1]"),
    ("C from axis 2", lambda f, a: in_mean(f, a, 4 * f.shape[2]**2), "features.shape[1]"),
    ("C from axis 0", lambda f, a: in_mean(f, a, 4 * f.shape[0]**2), "features.shape[1]"),
    ("no brackets", lambda f, a: differences(f, a).sum() / 4 * f.shape[1]**2, "brackets are missing"),
    ("xor for power", lambda f, a: differences(f, a).sum() / (4 * f.shape[1] ^ 2), "power is `**`"),
    ("xor for power, of tensors", lambda f, a: ((gram(f) - a) ^ 2).sum(), "power is `**`"),
    ("relative", lambda f, a: differences(f, a).sum() / a.square().sum(), "a relative loss"),
    ("hard-coded 5", lambda f, a: in_mean(f, a, 4 * 5**2), "not for another"),
    ("hard-coded 28", lambda f, a: (sums(f) / 28 - a).square().mean() / 4, "not for another"),
    ("target in place", lambda f, a: a.sub_(gram(f)).square().mean() / 4,
     "your function changes target_gram"),
    ("features in place", lambda f, a: (e(f.mul_(1), a), f.mul_(2))[0], "your function changes features"),
    ("one path detached", lambda f, a: e(f.detach(), a) + 0 * f.sum(), "only a part of the gradient"),
    ("half of a product detached",
     lambda f, a: (half_detached(f) - a).square().sum() / (4 * f.shape[1]**2 * len(f)),
     "only a part of the gradient"),
    ("NumPy's mean", lambda f, a: np.mean([x for x in differences(f, a)]), "NumPy cannot follow gradients"),
])


DIVISORS = table(style_divisor, {
    "as printed": lambda n, m: 4 * n**2 * m**2,
    "squared at the end": lambda n, m: (2 * n * m)**2,
    "float": lambda n, m: 4.0 * (n * m)**2,
    "tensor": lambda n, m: torch.tensor(4.0 * n * n * m * m),
    "np.int64": lambda n, m: 4 * np.int64(n)**2 * np.int64(m)**2,
    "np.prod": lambda n, m: np.prod([2, n, m])**2,
    "np.float64": lambda n, m: 4 * np.square(float(n)) * np.square(float(m)),
}, [
    (lambda n, m: None, "None"),
    (lambda n, m: "4 n m", "a number is expected, got str"),
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
    ("xor for power", lambda n, m: 4 * n ^ 2 * m ^ 2, "power is `**`"),
    ("xor for power, in brackets", lambda n, m: 4 * (n * m ^ 2), "power is `**`"),
    (lambda n, m: 4 * n * 2 * m * 2, "doubles"),
    (lambda n, m: True, "got bool"),
    (lambda n, m: np.array([n, m]), "got ndarray"),
])

ROWS = GRAMS + LOSSES + DIVISORS
