"""Answers to the exercises of notebook 06: matched colours, and the Gram matrix inside a mask."""
import torch

from stylelib import gram_matrix
from stylelib.learn.check import guided_gram, match_colors
from stylelib.style import colors
from stylelib.style import masks as guided

from ..answers import table as rows_of

# ---------------------------------------------------------------------------------------------------- colours


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


def cholesky_map(image, reference):
    return cholesky(reference) @ torch.linalg.inv(cholesky(image))


def solution(image, reference):
    return mapped(cholesky_map(image, reference), image, reference)


def symmetric(image, reference):
    return mapped(root(reference) @ torch.linalg.inv(root(image)), image, reference)


def least_move(image, reference):
    A, b = colors.color_map(image, reference)
    return torch.einsum("ij,njhw->nihw", A, image) + b.view(1, 3, 1, 1)


def rotated(image, reference):
    """Any rotation between the two roots is right too."""
    Q, _ = torch.linalg.qr(torch.randn(3, 3, generator=torch.Generator().manual_seed(5)))
    return mapped(cholesky(reference) @ Q @ torch.linalg.inv(cholesky(image)), image, reference)


def unbiased(image, reference):
    """torch.cov as it is by default, divided by one less."""
    roots = [torch.linalg.cholesky(torch.cov(table(x))) for x in (reference, image)]
    return mapped(roots[0] @ torch.linalg.inv(roots[1]), image, reference)


def undivided(image, reference):
    roots = [torch.linalg.cholesky(centred(x) @ centred(x).T) for x in (reference, image)]
    return mapped(roots[0] @ torch.linalg.inv(roots[1]), image, reference)


def scrambled_reading(image, reference):
    a, b = (x.reshape(-1, 3).T.reshape(x.shape) for x in (image, reference))
    return table(solution(a, b)).T.reshape(image.shape)


def one_mean(image, reference):
    a, b = (table(x) - table(x).mean() for x in (image, reference))
    roots = [torch.linalg.cholesky(x @ x.T / x.shape[1]) for x in (b, a)]
    return (roots[0] @ torch.linalg.inv(roots[1]) @ a + table(reference).mean()).view_as(image)


def wrong_axis(image, reference):
    centred = [table(x) - table(x).mean(0) for x in (image, reference)]
    return [torch.linalg.cholesky(x @ x.T) for x in centred]


def in_place(image, reference):
    result = solution(image, reference)
    image -= 0.1
    return result


def half_shuffled(image, reference):
    result = solution(image, reference)
    result[:, :, :6] = result[:, :, :6].flip(3)
    return result


def upper(image, reference):
    return mapped(cholesky(reference).T @ torch.linalg.inv(cholesky(image).T), image, reference)


ROWS = rows_of(match_colors, {
    "Cholesky": solution,
    "symmetric roots": symmetric,
    "the least move": least_move,
    "any rotation between": rotated,
    "a negative": lambda x, y: mapped(-cholesky_map(x, y), x, y),
    "in double precision": lambda x, y: solution(x.double(), y.double()),
    "symmetric, in double precision": lambda x, y: symmetric(x.double(), y.double()),
    "divided by H*W - 1": unbiased,
}, [
    (lambda x, y: None, "None"),
    (lambda x, y: solution(x, y).numpy(), "got ndarray"),
    (lambda x, y: table(solution(x, y)), "view_as"),
    (lambda x, y: solution(x, y)[:, :2], "the shape should be"),
    (lambda x, y: solution(x, y) * float("nan"), "NaN"),
    (lambda x, y: solution(x, y) + 0.1, "mean colour is not"),
    (lambda x, y: x, "unchanged"),
    (lambda x, y: (centred(x) + mean(y)).view_as(x), "only the mean"),
    (lambda x, y: mapped(torch.diag((cov(y).diagonal() / cov(x).diagonal()).sqrt()), x, y),
        "each channel is stretched on its own"),
    (lambda x, y: mapped(torch.diag(cov(y).diagonal() / cov(x).diagonal()), x, y), "root of a variance"),
    (lambda x, y: solution(x, y) + (mean(x) - mean(y)).view(1, 3, 1, 1), "image's own"),
    (lambda x, y: (cholesky_map(x, y) @ centred(x)).view_as(x), "mean is 0"),
    (lambda x, y: (cholesky_map(x, y) @ table(x) + mean(y)).view_as(x), "still in it"),
    (lambda x, y: (cholesky_map(x, y) @ table(x)).view_as(x), "the means are missing"),
    (lambda x, y: (cholesky_map(x, y) @ (table(x) - mean(y)) + mean(y)).view_as(x), "a mean of its own"),
    ("mapped back", lambda x, y: mapped(cholesky_map(y, x), x, y), "its inverse are mixed up"),
    ("mapped back, clamped", lambda x, y: mapped(cholesky_map(y, x), x, y).clamp(0, 1),
        "its inverse are mixed up"),
    (lambda x, y: mapped(cholesky_map(x, y).T, x, y), "transposed"),
    ("transposed, by H*W - 1", lambda x, y: mapped(1.0005 * cholesky_map(x, y).T, x, y), "transposed"),
    (lambda x, y: mapped(torch.linalg.inv(cholesky(x)) @ cholesky(y), x, y), "order is mixed up"),
    (lambda x, y: mapped(cholesky(y), x, y), "S is not undone"),
    (lambda x, y: mapped(cov(y) @ torch.linalg.inv(cov(x)), x, y), "roots"),
    (upper, "lower triangle"),
    (one_mean, "each channel's own"),
    ("one mean, right covariances",
     lambda x, y: (cholesky_map(x, y) @ (table(x) - x.mean()) + y.mean()).view_as(x), "each channel's own"),
    (wrong_axis, "each channel its own mean"),
    (undivided, "its own number of pixels"),
    (lambda x, y: mapped(torch.diag(torch.tensor([1.0, 1, -1])) @ cholesky_map(x, y), x, y),
        "spread are right"),
    (lambda x, y: mapped(1.1 * cholesky_map(x, y), x, y), "the covariance is not"),
    ("shuffled", lambda x, y: solution(x, y).flip(3), "stay in its place"),
    ("a few rows shuffled", half_shuffled, "left their place"),
    (".T.reshape", lambda x, y: table(solution(x, y)).T.reshape(x.shape), "scrambled on their way back"),
    ("read by reshape(-1, 3)", scrambled_reading, "image.reshape(-1, 3) mixes"),
    ("BGR", lambda x, y: solution(x, y).flip(1), "red and blue"),
    ("clamped", lambda x, y: solution(x, y).clamp(0, 1), "without clamp"),
    ("clamped symmetric roots", lambda x, y: symmetric(x, y).clamp(0, 1), "without clamp"),
    ("clamped by the package", colors.match_mean_covariance, "without clamp"),
    ("clamped at 0", lambda x, y: solution(x, y).relu(), "without clamp"),
    ("clamped at 1", lambda x, y: rotated(x, y).clamp(max=1), "without clamp"),
    (in_place, "your function changes image"),
])


# ---------------------------------------------------------------------------------------------- Gram matrices

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


def half_cut_off(f, t):
    return f.flatten(2) * t.flatten(2) @ f.detach().flatten(2).mT / t.sum()


def all_rows(f, t):
    flat = f.reshape(-1, t.numel())
    return flat * t.flatten() @ flat.T / t.sum()


ROWS += rows_of(guided_gram, {
    "once": gram,
    "the package's": guided.guided_gram,
    "roots in both": lambda f, t: gram_matrix(f * (t / t.mean()).sqrt()),
    "einsum": lambda f, t: torch.einsum("nchw,ndhw,hw->ncd", f, f, t[0, 0]) / t.sum(),
    "in double precision": lambda f, t: gram(f.double(), t.double()),
    "a loop over the batch": lambda f, t: torch.stack([gram(x[None], t)[0] for x in f]),
}, [
    (lambda f, t: None, "None"),
    (lambda f, t: gram(f, t).tolist(), "got list"),
    (lambda f, t: gram(f, t)[:, :3], "shape should be"),
    (lambda f, t: gram(f, t) + 1, "largest difference"),
    (lambda f, t: inside(f, t), "not the mean"),
    (lambda f, t: gram_matrix(f * t), "divided by all positions"),
    (lambda f, t: inside(f, t) / t.numel(), "divided by all positions"),
    (lambda f, t: inside(f, t) / t.shape[2] * t.shape[3], "multiplies by w"),
    (lambda f, t: inside(f, t) / t.mean(), "share of the picture"),
    (lambda f, t: gram(f, t) / f.shape[1], "number of channels"),
    (lambda f, t: gram(f, t) / len(f), "number of pictures"),
    (lambda f, t: inside(f, t) / t.expand_as(f).sum(), "before it is expanded"),
    (lambda f, t: inside(f, t) / (f.shape[1] * t.numel()), "by nothing else"),
    (lambda f, t: gram(f, t) / t.sum(), "twice: once is enough"),
    (lambda f, t: gram_matrix(f), "no effect"),
    (lambda f, t: gram(f, 1 - t), "outside"),
    (lambda f, t: gram_matrix(f * t) * t.numel() / t.sum(), "multiplied in twice"),
    (lambda f, t: gram_matrix(f * t) * t.numel() / t.square().sum(), "multiplied in twice"),
    ("white above 0", lambda f, t: gram_matrix(f * (t > 0)) * t.numel() / (t > 0).sum(),
        "grey is treated as white"),
    ("white above 0, right area", lambda f, t: inside(f, (t > 0).float()) / t.sum(),
        "grey is treated as white"),
    ("threshold", lambda f, t: gram(f, (t > 0.5).float()), "grey is turned into black or white"),
    ("round", lambda f, t: gram(f, t.round()), "no comparing (>) and no rounding"),
    ("threshold, right area", lambda f, t: inside(f, (t > 0.5).float()) / t.sum(),
        "grey is turned into black or white"),
    ("threshold, all positions", lambda f, t: gram_matrix(f * (t > 0.5)), "divided by all positions"),
    ("white only", lambda f, t: gram(f, (t == 1).float()), "grey is treated as black"),
    (lambda f, t: inside(f, t) / (t > 0).sum(), "by its value"),
    (lambda f, t: inside(f, t) / (t > 0.5).sum(), "light positions"),
    (lambda f, t: gram(f, t.mT.reshape(t.shape)), "largest difference"),
    (lambda f, t: gram_matrix(f) * t.mean(), "at each position"),
    (lambda f, t: gram(f, t)[0], "batch got lost"),
    (lambda f, t: gram(f, t).mean(0), "averaged"),
    (lambda f, t: gram(f, t).sum(0), "added up"),
    (all_rows, "channels of different pictures"),
    ("transposed by .T", lambda f, t: (f * t).flatten(2) @ f.flatten(2).permute(2, 1, 0), ".mT transposes"),
    ("mask times Gram matrix", lambda f, t: gram_matrix(f) * t, "the shapes do not fit"),
    (lambda f, t: gram(f.detach(), t), "cut off"),
    (cut_off, "cut off"),
    (half_cut_off, "only a part of the gradient"),
    (changing, "your function changes features"),
    (lambda f, t: gram(f, t).squeeze(0), "loses its batch dimension"),
    ("one shape only", lambda f, t: gram(f.view(3, 5, 4, 6), t), "Take all sizes from features.shape"),
])
