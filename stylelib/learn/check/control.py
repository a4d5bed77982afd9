"""Checkers of notebook 06: colours matched by mean and covariance, and the Gram matrix inside a mask."""
from collections.abc import Callable

import torch

from ... import losses
from ...engine.language import mark, tr
from ...style import masks
from ...style.colors import color_map
from .verdict import (
    Mistake,
    a_tensor,
    compare,
    compare_gradient,
    exercise,
    has_shape,
    holds_elsewhere,
    is_finite,
    recognise,
    watched,
)

NEAR = 5e-3                 # two pictures are the same, whether covariances are divided by H*W or by H*W - 1
CLOSE = 0.01                # of a mean or a covariance, relative to the largest
NO_COVARIANCE = mark("this matrix is not a covariance of three colours: subtract from each channel its own "
                     "mean, .mean(1, keepdim=True), then table @ table.T / (H*W), which is (3, 3) ({error})")


# ---------------------------------------------------------------------------------------------------- colours

@exercise
def match_colors(answer: Callable) -> None:
    """Check `match_colors(image, reference)`: image with the reference's mean colour and covariance."""
    image, reference = _picture(0, 24, 33), _picture(1, 21, 28)
    got = watched(answer, [("positive-definite", NO_COVARIANCE), ("singular", NO_COVARIANCE)],
                  image=image.clone(), reference=reference.clone())
    got = _picture_like_image(got, image)
    recognise(got, _wrong_colors(image, reference), _near)
    at_limits = ((got == 0) | (got == 1)).double().mean()
    if 0.002 < at_limits < 0.5:
        raise Mistake(tr("some values are cut off at 0 or 1, so mean and covariance match no longer: return "
                         "the picture without clamp"))
    _check_memory(got, reference)
    _check_statistics(got, image, reference)
    _check_places(got, image)


def _picture_like_image(got, image):
    """The answer in double precision, if it is a picture of the image's shape."""
    got = a_tensor(got)
    if got.shape == image[0].flatten(1).shape:
        raise Mistake(tr("this is the table of colours (3, H*W): give it back its shape "
                         "with .view_as(image)"))
    has_shape(got, image.shape)
    is_finite(got, tr("is something divided by 0, or inverted that has no inverse?"))
    return got.detach().double()


def _check_memory(got, reference):
    """Are right colours in wrong places of the memory, or red in the place of blue?"""
    for table, wanted, hint in (
            (got.reshape(-1, 3).T, _table(reference), tr(
                "right colours, scrambled on their way back: a table with one pixel a row, (H*W, 3), must be "
                "turned before it gets its shape, table.T.reshape(image.shape); one with one pixel a column "
                "must not be")),
            (got.reshape(-1, 3).T, reference.double().reshape(-1, 3).T,
             tr("image.reshape(-1, 3) mixes the colours up: in memory all reds come first, then all "
                "greens. The table of colours is image[0].flatten(1), (3, H*W)")),
            (_table(got.flip(1)), _table(reference), tr(
                "red and blue are swapped: keep the order of the channels"))):
        if _matches(_statistics(table), _statistics(wanted)):
            raise Mistake(hint)


def _check_statistics(got, image, reference):
    (got_mean, got_C), (mean, C) = _statistics(_table(got)), _statistics(_table(reference))
    if not _agree(got_mean, mean):
        found, wanted = (", ".join(f"{value:.2f}" for value in color) for color in (got_mean, mean))
        raise Mistake(tr("the mean colour is not the reference's ({found} instead of {wanted}): subtract the "
                         "mean of image before you multiply with A, and add that of reference afterwards",
                         found=found, wanted=wanted))
    if _agree(got_C, C):
        return
    if _agree(got_C, C * reference[0, 0].numel() / image[0, 0].numel()):
        raise Mistake(tr("the covariance is too small by the ratio of the two sizes: divide each table @ "
                         "table.T by its own number of pixels"))
    if _agree(got_C.diagonal(), C.diagonal()):
        raise Mistake(tr("the mean and each channel's spread are right, but not which channels vary "
                         "together: the whole matrix must match, A S A^T = C"))
    raise Mistake(tr("the mean is right, the covariance is not: check A S A^T = C, for instance with A = L_C "
                     "L_S^-1"))


def _check_places(got, image):
    """Is each pixel's new colour A x + b of its old colour x?"""
    known = torch.cat([_table(image).T, torch.ones(image[0, 0].numel(), 1).double()], 1)       # (H*W, 4)
    new = _table(got).T
    rest = (new - known @ torch.linalg.lstsq(known, new).solution).square().mean() / new.var(0).mean()
    if rest > 0.5:
        raise Mistake(tr("mean and covariance are right, but the picture is gone: each pixel must stay in "
                         "its place"))
    if rest > 1e-3:
        raise Mistake(tr("mean and covariance are right, but pixels of one colour got different colours, or "
                         "left their place: it must be one and the same linear map, A x + b, for all pixels"))


def _picture(seed, height, width):
    """In [0, 1], of correlated colours. The reference's vary more: matched ones leave [0, 1] at both ends."""
    noise = 2 * torch.rand(3, height * width, generator=torch.Generator().manual_seed(seed)) - 1
    noise = (noise**3, noise.sign() * noise.abs() ** 0.3)[seed]
    mix = torch.tensor([[[0.25, 0.05, 0.00], [-0.10, 0.20, 0.05], [0.05, 0.10, 0.25]],
                        [[0.25, 0.10, 0.05], [0.10, 0.30, -0.05], [0.00, 0.15, 0.25]]])[seed]
    mean = torch.tensor([[0.4, 0.5, 0.45], [0.55, 0.46, 0.5]])[seed][:, None]
    return (mix @ noise + mean).view(1, 3, height, width)


def _table(image):
    """(1, 3, H, W) -> (3, H*W) in double precision."""
    return image.double()[0].flatten(1)


def _statistics(table):
    centred = table - table.mean(1, keepdim=True)
    return table.mean(1), centred @ centred.T / table.shape[1]


def _matches(statistics, wanted):
    return all(_agree(mine, other) for mine, other in zip(statistics, wanted))


def _agree(got, wanted):
    return bool((got - wanted).abs().max() <= CLOSE * wanted.abs().max())


def _near(got, wrong):
    """Is it this picture, as it is or clamped?"""
    return any(bool((got - seen).abs().max() < NEAR) for seen in (wrong, wrong.clamp(0, 1)))


def _root(symmetric):
    values, directions = torch.linalg.eigh(symmetric)
    return directions * values.clamp(min=0).sqrt() @ directions.T


ROOTS = (torch.linalg.cholesky, _root)       # two that learners know: L with L L^T = S, and the symmetric one


def _wrong_colors(image, reference):
    """(wrong picture, in double precision, hint)."""
    table, (mean, S), (wanted, C) = _table(image), _statistics(_table(image)), _statistics(_table(reference))
    pairs = [(root(C), root(S)) for root in ROOTS]
    maps = [L_C @ torch.linalg.inv(L_S) for L_C, L_S in pairs] + [color_map(image, reference)[0].double()]
    tables = [slip for A in maps for slip in _wrong_use(A, table, mean[:, None], wanted[:, None])]
    tables += [(A @ (table - mean[:, None]) + wanted[:, None], hint)
               for A, hint in _wrong_maps(S, C, pairs, maps)]
    tables += _one_mean(table, _table(reference), maps)
    for wrong, hint in tables:
        yield wrong.view_as(image), hint
    yield image.double(), tr("the picture comes back unchanged")


def _wrong_use(A, table, mean, wanted):
    """(wrong table, hint) with a right A."""
    yield A @ table + wanted, tr("the mean of image is still in it: subtract it before you multiply with A, "
                                 "or it gets multiplied too")
    yield A @ table, tr("the means are missing: subtract that of image before you multiply with A, add that "
                        "of reference afterwards")
    yield A @ (table - mean), tr("the mean is 0: add the reference's mean at the end")
    yield A @ (table - mean) + mean, tr("the spread is the reference's, but the mean is still the "
                                        "image's own")
    yield A @ (table - wanted) + wanted, tr("each picture has a mean of its own: subtract that of image, add "
                                            "that of reference")


def _wrong_maps(S, C, pairs, maps):
    """(wrong A, hint)."""
    for A in maps:
        yield torch.linalg.inv(A), tr("A and its inverse are mixed up: A = L_C L_S^-1, first undo S, then "
                                      "bring C")
    # The others are symmetric, or their factors change places, which is the next slip
    yield maps[0].T, tr("A is transposed: colours are columns of the table, so it is A @ table")
    for L_C, L_S in pairs:
        yield torch.linalg.inv(L_S) @ L_C, tr("the order is mixed up: L_S^-1 must act on the colours first, "
                                              "so it stands on the right")
        yield L_C, tr("S is not undone: its own spread must go first, by L_S^-1")
    (L_C, L_S), _ = pairs
    yield L_C.T @ torch.linalg.inv(L_S.T), tr("L is the lower triangle, with L L^T = S: here the upper one "
                                              "was taken")
    yield C @ torch.linalg.inv(S), tr("these are the covariances themselves: A needs their roots, as A "
                                      "stands on both sides in A S A^T")
    yield torch.eye(3).double(), tr("only the mean is matched; now the covariance, by a matrix A")
    ratio = C.diagonal() / S.diagonal()
    yield ratio.sqrt().diag(), tr("each channel is stretched on its own: this matches the three variances, "
                                  "but not which channels vary together")
    yield ratio.diag(), tr("a spread is the root of a variance, and the channels belong together: use a "
                           "matrix A")


def _one_mean(table, other, maps):
    """(wrong table, hint) with one mean for all channels."""
    hint = tr(".mean() without a dimension is one number for all three colours: take each channel's own, "
              ".mean(1, keepdim=True)")
    centred = [x - x.mean() for x in (table, other)]
    for root in ROOTS:
        L_S, L_C = (root(x @ x.T / x.shape[1]) for x in centred)
        for added in (other.mean(), other.mean(1, keepdim=True)):
            yield L_C @ torch.linalg.inv(L_S) @ centred[0] + added, hint
            yield from ((A @ centred[0] + added, hint) for A in maps)


# ---------------------------------------------------------------------------------------------- Gram matrices

@exercise
def guided_gram(answer: Callable) -> None:
    """Check `guided_gram(features, mask)`: (N, C, H, W) -> (N, C, C), the mean inside the mask."""
    activations, grey = _activations(3, 5, 4, 6), _grey(4, 6)
    activations.requires_grad_(True)
    misfit = tr("the shapes do not fit ({error}). features.flatten(2) is (N, C, H*W), mask.flatten(2) is (1, "
                "1, H*W); .mT transposes the last two dimensions, .T and .t() are made for a single table")
    got = watched(answer, [("size", misfit), ("t() expects", misfit)],
                  features=activations.clone(), mask=grey.clone())
    right = masks.guided_gram(activations, grey)
    compare(got, right.detach(), list(_wrong_grams(activations.detach(), grey)))
    compare_gradient(got, right, activations)
    single = _activations(1, 4, 6, 5)
    half = torch.zeros(1, 1, 6, 5)
    half[..., 1:, :2] = 1
    expected = masks.guided_gram(single, half)
    lost = [(expected[0], tr("right for several pictures, but a single one loses its batch dimension"))]
    holds_elsewhere(answer, expected, lost, features=single, mask=half)


def _activations(*shape):
    """As after a ReLU, all dimensions different."""
    noise = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    return (noise + torch.linspace(0.2, 1.4, shape[1]).view(1, -1, 1, 1)).relu()


def _grey(height, width):
    noise = torch.rand((1, 1, height, width), generator=torch.Generator().manual_seed(1))
    return (1.6 * noise - 0.4).clamp(0, 1)


def _wrong_grams(features, mask):
    """(wrong Gram matrix, hint)."""
    inside = features.flatten(2) * mask.flatten(2) @ features.flatten(2).mT         # the sum inside
    yield from _wrong_divisors(inside, features, mask)
    yield from _wrong_masks(features, mask)
    yield from _wrong_batches(features, mask)


def _wrong_divisors(inside, features, mask):
    (n, c, h, w), area = features.shape, mask.sum()
    m = h * w
    yield inside / m, tr("divided by all positions H*W, so a small mask gives a small Gram matrix: divide by "
                         "the mask's area, mask.sum()")
    yield inside / h * w, tr("/ h * w divides by h and multiplies by w. But the divisor here is the mask's "
                             "area, mask.sum()")
    yield inside, tr("the sum inside the mask, not the mean: divide by the mask's area, mask.sum()")
    yield inside / mask.mean(), tr("mask.mean() is the share of the picture: either divide by mask.sum(), or "
                                   "by mask.mean() and by H*W")
    yield inside / area / c, tr("right pattern, wrong scale: the number of channels does not belong here (or "
                                "you summed up a mask that was expanded to all channels)")
    yield inside / area / n, tr("right pattern, wrong scale: the number of pictures does not belong here, "
                                "each has a Gram matrix of its own (or you summed up a mask that was "
                                "expanded to all pictures)")
    yield inside / area / (n * c), tr("too small by the number of pictures times channels: sum up the mask "
                                      "as it is given, before it is expanded")
    yield inside / (c * m), tr("divide by the mask's area, mask.sum(), and by nothing else")
    yield inside / (mask > 0).sum(), tr("a grey position counts by its value: the area is mask.sum(), not "
                                        "the number of positions above 0")
    yield inside / (mask > 0.5).sum(), tr("a grey position counts by its value: the area is mask.sum(), not "
                                          "the number of light positions")
    yield inside / area.square(), tr("divided by the mask's area twice: once is enough")


def _wrong_masks(features, mask):
    area, m = mask.sum(), mask.numel()
    yield losses.gram_matrix(features), tr("the mask has no effect: this is the Gram matrix of the whole "
                                           "picture")
    yield losses.gram_matrix(features) * mask.mean(), tr(
        "the whole Gram matrix, scaled: the mask must act on the features at each position")
    yield masks.guided_gram(features, 1 - mask), tr(
        "this is the outside: white is where it counts, so multiply with mask, not with 1 - mask")
    squared = losses.gram_matrix(features * mask) * m
    yield squared / m, tr("divided by all positions H*W, not by the mask's area mask.sum(); and multiply "
                          "only one F with the mask")
    for divisor in (area, (mask**2).sum()):
        yield squared / divisor, tr("with 0 and 1 it cannot be seen, with grey it can: the mask is "
                                    "multiplied in twice, once with each F. Multiply one of them, or both "
                                    "with mask.sqrt()")
    for hard, mistake in ((mask > 0, tr("grey is treated as white")),
                          (mask > 0.5, tr("grey is turned into black or white")),
                          (mask == 1, tr("grey is treated as black"))):
        cut = losses.gram_matrix(features * hard) * m
        # Translators: {mistake} is "grey is treated as white" or the like, here and in the next message
        yield cut / m, tr("{mistake}, and it is divided by all positions H*W: multiply with the mask, divide "
                          "by its area, mask.sum()", mistake=mistake)
        for divisor in (hard.sum(), area):
            yield cut / divisor, tr("{mistake}: each position counts by its value in the mask, so no "
                                    "comparing (>) and no rounding", mistake=mistake)


def _wrong_batches(features, mask):
    right = masks.guided_gram(features, mask)
    yield right[0], tr("the batch got lost: there must be one Gram matrix for each picture, (N, C, C)")
    yield right.mean(0), tr("the pictures of the batch are averaged: there must be one Gram matrix for each, "
                            "(N, C, C)")
    yield right.sum(0), tr("the pictures of the batch are added up: there must be one Gram matrix for each, "
                           "(N, C, C)")
    rows = (features * mask.sqrt()).flatten(2).flatten(0, 1)                        # (N*C, H*W)
    for divisor in (mask.sum(), 1):
        yield rows @ rows.T / divisor, tr("channels of different pictures are multiplied with each other: "
                                          "keep the batch, features.flatten(2) is (N, C, H*W)")
