"""Checkers of notebook 03: the Gram matrix, the style loss, and the divisor that the article left open."""
from collections.abc import Callable

import torch

from ... import losses
from ...engine.language import mark, tr
from .verdict import (
    BRACKETS,
    DOUBLED,
    POWER,
    compare,
    compare_gradient,
    exercise,
    holds_elsewhere,
    number,
    watched,
)

SHAPE = (2, 5, 4, 7)        # pictures, channels, rows, columns: all products differ, so no mix-up goes unseen
OTHER_SHAPE = (3, 4, 5, 6)  # shows numbers that an answer has from SHAPE alone
ONE_NUMBER = mark("an array of numbers came back: a loss is one number, so add up all squared differences "
                  "with .sum()")
MISFITS = ("t() expects", "must be a matrix", "size of tensor", "sizes of tensor", "expected size",
           "mat1 and mat2", "must match", "is invalid for input of size", "view size is not compatible",
           "only supported on matrices", "dimension")       # words of an error


@exercise
def gram_matrix(answer: Callable) -> None:
    """Check `gram_matrix(features)`: (N, C, H, W) -> (N, C, C), F F^T / (H*W)."""
    activations = _activations(0)
    features = activations.clone().requires_grad_(True)
    misfit = tr("the shapes do not fit ({error}). Flatten to (N, C, H*W) first; then transpose only the "
                "last two dimensions, with .mT: .T and .t() are made for a single table")
    got = watched(answer, [(words, misfit) for words in MISFITS], features=features.clone())
    right = losses.gram_matrix(features)
    compare(got, right.detach(), list(_wrong_grams(activations)))
    one = losses.gram_matrix(activations[:1])
    compare(answer(activations[:1]), one,
            [(one[0], tr("right for two pictures, but one alone loses its batch dimension: do not squeeze"))])
    signed = torch.randn(OTHER_SHAPE, generator=torch.Generator().manual_seed(2))
    other = losses.gram_matrix(signed)
    signs = tr("right for activations of a ReLU; where some are negative, as in conv layers, the signs must "
               "stay: leave out abs and relu")
    lost = other.abs(), other.relu(), losses.gram_matrix(signed.abs()), losses.gram_matrix(signed.relu())
    holds_elsewhere(answer, other, [(wrong, signs) for wrong in lost], features=signed)
    compare_gradient(got, right, features)


@exercise
def style_loss(answer: Callable) -> None:
    """Check `style_loss(features, target_gram)`: sum (G - A)^2 / (4 C^2), the mean over the batch."""
    activations = _activations(0)
    target = losses.gram_matrix(_activations(3).flip(1))        # flipped, so that G - A has both signs
    features = activations[:1].clone().requires_grad_(True)
    misfit = tr("the shapes do not fit ({error}). features are activations (1, C, H, W): make their Gram "
                "matrix G. target_gram is a Gram matrix (1, C, C) already: that is A")
    got = watched(answer, [(words, misfit) for words in ("target_gram", "(N, C, H, W)", "size of tensor")],
                  features=features.clone(), target_gram=target[:1].clone())
    right = losses.style_loss(features, target[:1])
    compare(got, right.detach(), list(_wrong_losses(activations[:1], target[:1])))
    compare_gradient(got, right, features)
    right = losses.style_loss(activations, target)
    compare(answer(activations.clone(), target.clone()), right, [
        (2 * right, tr("right for one picture, but twice too large for a batch of two: divide by the number "
                       "of pictures too, len(features)")),
        (4 * right, BRACKETS),                       # total / (4 * C**2) * N
        (losses.style_loss(activations.flip(0), target), tr("the pictures of the batch got mixed up: "
                                                            "compare each G with its own A")),
    ])
    signed = torch.randn(OTHER_SHAPE, generator=torch.Generator().manual_seed(2))
    target = losses.gram_matrix(signed.flip(3) + 0.3)
    holds_elsewhere(answer, losses.style_loss(signed, target), features=signed, target_gram=target)


@exercise
def style_divisor(answer: Callable) -> None:
    """Check `style_divisor(channels, positions)`: 4 N^2 M^2, what the paper divides each layer by."""
    for n, m in ((3, 10), (64, 12288)):              # a toy, and conv1_1 of a picture of 128x96 px
        got = number(answer(n, m))
        mistakes = [(_exact(wrong), hint) for wrong, hint in _wrong_divisors(n, m)]
        compare(_exact(got), _exact(4 * n**2 * m**2), mistakes, rtol=1e-7)


def _exact(value):
    return torch.tensor(value, dtype=torch.float64)


def _activations(seed):
    """As after a ReLU, with zeros, different for each channel."""
    generator = torch.Generator().manual_seed(seed)
    levels = torch.tensor([0.2, 0.5, 0.8, 1.1, 1.4]).view(1, 5, 1, 1)
    return (torch.randn(SHAPE, generator=generator) + levels).relu()


def _wrong_grams(features):
    """(wrong Gram matrix, hint): the right pattern with wrong scales, then wrong patterns of any scale."""
    n, c, h, w = features.shape
    m = h * w
    flat = features.flatten(2)
    table = features.flatten(0, 1).flatten(1)                        # all pictures' channels below each other
    sums = flat @ flat.mT
    yield (sums,
           tr("right pattern, wrong scale: it is not divided by the number of positions H*W, and would grow "
              "with the picture"))
    yield (sums / (c * m),
           tr("right pattern, wrong scale: you divide by C*H*W, as PyTorch's tutorial does; here divide by "
              "H*W only"))
    yield (sums / (n * c * m),
           tr("right pattern, wrong scale: you divide by the number of all values; here divide by H*W only"))
    yield (sums / (n * m),
           tr("right pattern, wrong scale: the number of pictures must not matter; divide by H*W only"))
    yield (sums / c,
           tr("right pattern, wrong scale: you divide by the number of channels C; divide by the number of "
              "positions H*W"))
    yield (sums / c**2,
           tr("right pattern, wrong scale: C^2 belongs to the style loss; here divide by the number of "
              "positions H*W"))
    yield (sums / (4 * c**2),
           tr("right pattern, wrong scale: 4 C^2 belongs to the style loss; here divide by the number of "
              "positions H*W"))
    yield (sums / (c * c * m),
           tr("right pattern, wrong scale: C^2 belongs to the style loss; here divide by H*W only"))
    yield (sums / m**2,
           tr("right pattern, wrong scale: H*W once, not squared; the square comes with the style loss"))
    yield sums / h, tr("right pattern, wrong scale: you divide by H alone; the number of positions is H*W")
    yield sums / w, tr("right pattern, wrong scale: you divide by W alone; the number of positions is H*W")
    yield (sums / (m - 1),
           tr("right pattern, wrong scale: divide by H*W, not by H*W - 1; this does not estimate a "
              "covariance"))
    for first, then in ((h, w), (w, h), (c, m), (n, c * m), (c * h, w)):
        yield sums / first * then, BRACKETS
    yield (sums / m**0.5,
           tr("right pattern, wrong scale: you divide by the root of H*W; here divide by H*W itself"))
    for wrong in (n * c, c * h, c * w, n * h, n * w):
        yield (sums / wrong,
               tr("right pattern, wrong scale: the positions are H*W, features.shape[2] * "
                  "features.shape[3]. Shapes are (N, C, H, W), in this order"))
    transposed = tr("this is F^T F: which positions look alike, and its size grows with the picture. The "
                    "channels must be left over: the first factor is F, the second its transpose")
    mixed = tr("the shape is right, the values are mixed up: reshape or view only cuts the numbers up "
               "differently and never moves an axis. Flatten H and W, features.flatten(2), and transpose "
               "with .mT")
    whole = tr("both pictures of the batch are in one table, so channels of different pictures get "
               "multiplied: keep the batch dimension, (N, C, H*W)")
    summed = tr("both pictures of the batch are added up: there must be one Gram matrix for each, so the "
                "shape is (N, C, C)")
    centred = flat - flat.mean(2, keepdim=True)
    rolled = features.permute(1, 0, 2, 3).flatten(1)                 # (C, N*H*W)
    unmoved, rows = features.reshape(c, n * m), features.reshape(n, m, c)
    orders = (0, 2, 3, 1), (0, 3, 2, 1), (0, 2, 1, 3), (0, 3, 1, 2)
    moved = [features.permute(order).reshape(n, c, m) for order in orders]
    strangers = tr("channels of different pictures get multiplied: each picture's own table goes with "
                   "itself. In einsum the picture needs the same letter n in both")
    everything = {transposed: [flat.mT @ flat, table.T @ table],
                  mixed: [rows.mT @ rows, unmoved @ unmoved.T, *(table @ table.mT for table in moved)],
                  whole: [table @ table.T], summed: [rolled @ rolled.T, sums.mean(0)],
                  strangers: [flat @ flat.sum(0).T, flat @ flat.flip(0).mT]}
    for hint, patterns in everything.items():
        for pattern in patterns:
            for scale in (1, m, c, c * m, n * m, n * c * m, m**2):
                yield pattern / scale, hint
    for scale in (1, m, m - 1, c * m):
        yield (centred @ centred.mT / scale,
               tr("this is the covariance: you subtracted each channel's mean. The Gram matrix keeps the "
                  "mean, it is part of the style"))
    unit = flat / flat.norm(dim=2, keepdim=True)
    yield (unit @ unit.mT,
           tr("this is the cosine of each pair: the diagonal is 1 everywhere and how strong a channel is "
              "gets lost. Divide by H*W"))
    for scale in (1, m, c * m):
        yield (features @ features.mT / scale,
               tr("@ multiplies the last two dimensions, which are H and W here: lay all positions in one "
                  "row first, with .flatten(2)"))
    for scale in (1, m, c * m):
        yield (sums[0] / scale,
               tr("this is the first picture's alone, without batch dimension: the shape must be (N, C, C)"))
        yield (features.square().sum((2, 3)) / scale,
               tr("these are the squares of each channel with itself, the diagonal: use a matrix product, "
                  "@, so that each channel meets each other one"))
    added = flat.sum(2)
    for scale in (1, m, m**2):
        yield (added[:, :, None] * added[:, None, :] / scale,
               tr("this multiplies the channels' means or sums: add up only after multiplying, or what "
                  "happens at the same place is lost"))


def _wrong_losses(features, target):
    """(wrong loss, hint)."""
    gram = losses.gram_matrix(features)
    c, m = features.shape[1], features.shape[2] * features.shape[3]
    difference = gram - target
    total = difference.square().sum()
    yield total / c**2, tr("4 times too large: this is the mean squared difference; the paper also divides "
                           "by 4")
    yield (total / 4,
           tr("right differences, wrong scale: divide by C^2 too, the number of entries of a Gram matrix. C "
              "is features.shape[1]; shape[0] counts the pictures"))
    yield total, tr("right differences, wrong scale: the sum is still to be divided by 4 C^2")
    yield total / (4 * c), tr("right differences, wrong scale: C must be squared, a Gram matrix has C^2 "
                              "entries")
    yield total / c, tr("right differences, wrong scale: the sum is to be divided by 4 C^2, not by C")
    yield total / (2 * c**2), tr("twice too large: divide by 4 C^2, not by 2 C^2")
    yield total / (4 * c)**2, tr("4 times too small: divide by 4 C^2; the 4 is not squared")
    yield (total / (4 * c**2 * m**2),
           tr("M^2 divided away twice: both Gram matrices are divided by the number of positions already"))
    yield (total / (4 * c**2 * m),
           tr("our Gram matrices are divided by the number of positions already: leave M out"))
    for both in (4 * c**4, c**4):
        yield (total / both,
               tr("too small: G and A are both divided by C once more, as in PyTorch's tutorial. Ours are "
                  "divided by the number of positions only"))
    for axis in (features.shape[2], features.shape[3], m):
        for scale in (1, 4):
            yield (total / (scale * axis**2),
                   tr("right differences, wrong scale: C is the number of channels, features.shape[1]"))
    yield total / (4 * c * 2), DOUBLED
    for wrong in (total / 4 * c**2, total / 2 * c**2, total / 4 * c):
        yield wrong, BRACKETS
    for divisor in (4 * c ^ 2, 4 * (c ^ 2), c ^ 2, (2 * c) ^ 2):
        yield total / divisor, POWER
    yield total / target.square().sum(), tr("this is a relative loss, which comes later: divide by 4 C^2 "
                                            "instead")
    for scale in (1, 4, c**2, 4 * c**2):
        yield difference.abs().sum() / scale, tr("the square is missing: these are absolute differences")
        yield (difference.sum() / scale,
               tr("the square is missing: positive and negative differences cancel each other"))
        yield (difference.sum()**2 / scale,
               tr("square first, then add: here positive and negative differences cancel each other"))
        yield (total.sqrt() / scale,
               tr("no square root: the loss is the sum of the squares itself, divided by 4 C^2"))
        yield ((gram.square() - target.square()).sum() / scale,
               tr("subtract first, then square: (G - A)^2, not G^2 - A^2"))
    for scale in (1, 4, c**2, 4 * c**2, 4 * c**2 * m**2):
        yield ((gram * m - target).square().sum() / scale,
               tr("G is not divided by the number of positions and A is: make G with stylelib.gram_matrix, "
                  "as A was"))
    for scale in (1, 4, c**2, 4 * c**2):
        yield ((gram / c - target).square().sum() / scale,
               tr("G is divided by C as well, A is not: make G with stylelib.gram_matrix, as A was"))
        yield (difference.diagonal(dim1=1, dim2=2).square().sum() / scale,
               tr("only the diagonal is compared: all C^2 entries count"))
        yield difference.square() / scale, ONE_NUMBER
        yield difference.square().sum((1, 2)) / scale, ONE_NUMBER
        yield difference.square().sum(2) / scale, ONE_NUMBER


def _wrong_divisors(n, m):
    """(wrong divisor, hint)."""
    yield 4 * n * m, tr("close: both must be squared, because the Gram matrices are squared in the loss")
    yield n**2 * m**2, tr("the 4 is missing: it cancels two factors 2 in the gradient, eq. 6")
    yield 2 * n**2 * m**2, tr("the factor in front is 4, not 2: see eq. 4")
    yield (4 * n * m)**2, tr("the 4 is not squared: 4 N^2 M^2")
    yield (4 * n**2,
           tr("right for our Gram matrices, which are divided by M already; the article's are not, so M^2 "
              "belongs here too"))
    yield 4 * m**2, tr("N is missing: the sum runs over N^2 entries, so divide by N^2 as well")
    yield 4 * n**2 * m, tr("M must be squared as well: G and A each grow with M, and their difference is "
                           "squared")
    yield 4 * n * m**2, tr("N must be squared as well: a Gram matrix has N^2 entries")
    for divisor in (4 * 5 * n, 4 * 5 * m, 4 * 5 * n * m, 4 * 5 * n**2 * m**2, 20, 4 * n, 4 * m):
        yield (divisor,
               tr("the number of layers has no place here: each layer is divided by its own N and M, both "
                  "squared"))
    for divisor in (4 * n ^ 2 * m ^ 2, 4 * (n ^ 2) * (m ^ 2), 4 * n * m ^ 2, 4 * (n * m ^ 2), 2 * n * m ^ 2):
        yield divisor, POWER
    yield 4 * n * 2 * m * 2, DOUBLED
    yield 1 / (4 * n**2 * m**2), tr("this is the factor 1/(4 N^2 M^2); the exercise asks for the divisor")
    yield n * m, tr("this is the tutorial's divisor of a Gram matrix, not that of the loss: see eq. 4")
    yield 4, tr("this leaves out N and M: see eq. 4")
