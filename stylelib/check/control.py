"""Checkers of notebook 06: colours matched by mean and covariance, and the Gram matrix inside a mask."""
import torch

from .. import guided, losses
from ..colors import color_map
from .verdict import Mistake, compare, exercise

CUT_OFF = ("the right numbers, but cut off from the features: no gradient gets back to the picture. "
           "Leave out .detach(), .item(), .data, torch.tensor() and torch.no_grad()")
CLOSE = 2e-4                # of a colour's mean and covariance; the pictures' own covariances are some 0.01


@exercise
def match_colors(answer):
    """Check `match_colors(image, reference)`: (1, 3, H, W) -> the same shape, with the reference's mean colour and covariance."""
    image, reference = _picture(0, 12, 17), _picture(1, 9, 14)
    given = image.clone(), reference.clone()
    got = answer(*given)
    if got is None:
        raise Mistake("your function returned None: does it end with `return`?")
    if not isinstance(got, torch.Tensor):
        raise Mistake(f"a tensor is expected, got {type(got).__name__}")
    if got.shape == (3, 12 * 17):
        raise Mistake("this is the table of colours (3, H*W): give it back its shape with .view_as(image)")
    if got.shape != image.shape:
        raise Mistake(f"the shape should be {tuple(image.shape)}, that of image, got {tuple(got.shape)}")
    for wrong, hint in _wrong_colors(image, reference):
        if (got - wrong).abs().max() < 1e-4:
            raise Mistake(hint)
    (mean, C), (got_mean, got_C) = _statistics(reference), _statistics(got)
    if (got_mean - mean).abs().max() > CLOSE:
        raise Mistake("the mean colour is not the reference's: subtract the mean of image before you multiply with A, "
                      "and add that of reference afterwards")
    if (got_C - C).abs().max() > CLOSE:
        if (got_C.diagonal() - C.diagonal()).abs().max() < CLOSE:
            raise Mistake("the mean and each channel's spread are right, but not which channels vary together: "
                          "the whole matrix must match, A S A^T = C")
        raise Mistake("the mean is right, the covariance is not: check A S A^T = C, for instance with A = L_C L_S^-1")
    known = torch.cat([image[0].flatten(1).T, torch.ones(12 * 17, 1)], 1)         # (H*W, 4): each pixel's colour, and 1
    guess = known @ torch.linalg.lstsq(known, got.detach()[0].flatten(1).T).solution
    if (guess.T - got[0].flatten(1)).square().mean() > 0.5 * got.flatten(2).var(2).mean():
        raise Mistake("mean and covariance are right, but the picture is gone: each pixel must stay in its place")
    if not (torch.equal(given[0], image) and torch.equal(given[1], reference)):
        raise Mistake("right, but your function changes a picture that it is given: do not work in place (no -=, sub_)")


@exercise
def guided_gram(answer):
    """Check `guided_gram(features, mask)`: (N, C, H, W) and (1, 1, H, W) -> (N, C, C), the mean inside the mask."""
    activations, half, grey = _activations(), _half(), _grey()
    features = activations.clone().requires_grad_(True)
    got = answer(features.clone(), grey.clone())
    compare(got, guided.guided_gram(activations, grey), list(_wrong_grams(activations, grey)))
    if not got.requires_grad:
        raise Mistake(CUT_OFF)
    given, mask = activations.clone(), grey.clone()
    answer(given, mask)
    if not (torch.equal(given, activations) and torch.equal(mask, grey)):
        raise Mistake("right, but your function changes what it is given: do not work in place (no *=, /=, mul_)")
    compare(answer(activations[:1], half), guided.guided_gram(activations[:1], half),
            [(guided.guided_gram(activations[:1], half)[0], "right for two pictures, but a single one loses its batch dimension")])


def _picture(seed, height, width):
    """Of correlated colours, well inside [0, 1], so that nothing needs to be clamped."""
    generator = torch.Generator().manual_seed(seed)
    noise = torch.rand(3, height * width, generator=generator)
    mix = torch.tensor([[[0.30, 0.05, 0.00], [-0.10, 0.20, 0.05], [0.05, 0.10, 0.25]],
                        [[0.15, 0.10, 0.10], [0.20, 0.25, -0.05], [0.00, 0.20, 0.10]]])[seed]
    return (mix @ (noise - 0.5) + torch.tensor([[0.4, 0.5, 0.45], [0.6, 0.45, 0.5]])[seed][:, None]).view(1, 3, height, width)


def _statistics(image):
    pixels = image.detach().double()[0].flatten(1)          # (3, H*W)
    centred = pixels - pixels.mean(1, keepdim=True)
    return pixels.mean(1), centred @ centred.T / pixels.shape[1]


def _wrong_colors(image, reference):
    """(wrong picture, hint)."""
    (mean, S), (wanted, C) = _statistics(image), _statistics(reference)
    table = image[0].flatten(1).double()
    centred = table - mean[:, None]

    def picture(pixels):
        return pixels.view_as(image).float()

    roots = {name: torch.linalg.cholesky(matrix) for name, matrix in (("S", S), ("C", C))}
    symmetric = {name: _root(matrix) for name, matrix in (("S", S), ("C", C))}
    maps = [roots["C"] @ torch.linalg.inv(roots["S"]), symmetric["C"] @ torch.linalg.inv(symmetric["S"]),
            color_map(image, reference)[0].double()]
    for A in maps:
        yield picture(A @ table + wanted[:, None]), ("the mean of image is still in it: subtract it before you multiply with A, "
                                                     "or it gets multiplied too")
        yield picture(A @ centred), "the mean is 0: add the reference's mean at the end"
        yield picture(A @ centred + mean[:, None]), "the spread is the reference's, but the mean is still the image's own"
        yield picture(torch.linalg.inv(A) @ centred + wanted[:, None]), ("A and its inverse are mixed up: A = L_C L_S^-1, first undo S, "
                                                                         "then bring C")
        if not torch.allclose(A, A.T, atol=1e-4):
            yield picture(A.T @ centred + wanted[:, None]), "A is transposed: colours are columns of the table, so it is A @ table"
    for L_C, L_S in ((roots["C"], roots["S"]), (symmetric["C"], symmetric["S"])):
        yield picture(torch.linalg.inv(L_S) @ L_C @ centred + wanted[:, None]), ("the order is mixed up: L_S^-1 must act on the colours "
                                                                                 "first, so it stands on the right")
        yield picture(L_C @ centred + wanted[:, None]), "S is not undone: its own spread must go first, by L_S^-1"
    yield picture(C @ torch.linalg.inv(S) @ centred + wanted[:, None]), ("these are the covariances themselves: A needs their roots, as A "
                                                                         "stands on both sides in A S A^T")
    yield picture(centred + wanted[:, None]), "only the mean is matched; now the covariance, by a matrix A"
    ratio = (C.diagonal() / S.diagonal())[:, None]
    yield picture(centred * ratio.sqrt() + wanted[:, None]), ("each channel is stretched on its own: this matches the three variances, but "
                                                              "not which channels vary together")
    yield picture(centred * ratio + wanted[:, None]), "a spread is the root of a variance, and the channels belong together: use a matrix A"
    yield image, "the picture comes back unchanged"


def _root(symmetric):
    values, directions = torch.linalg.eigh(symmetric)
    return directions * values.sqrt() @ directions.T


def _activations():
    """As after a ReLU, two pictures, all dimensions different."""
    generator = torch.Generator().manual_seed(0)
    return (torch.randn((2, 5, 4, 6), generator=generator) + torch.tensor([0.2, 0.5, 0.8, 1.1, 1.4]).view(1, 5, 1, 1)).relu()


def _half():
    mask = torch.zeros(1, 1, 4, 6)
    mask[..., 1:, :2] = 1
    return mask


def _grey():
    return (1.6 * torch.rand((1, 1, 4, 6), generator=torch.Generator().manual_seed(1)) - 0.4).clamp(0, 1)


def _wrong_grams(features, mask):
    """(wrong Gram matrix, hint)."""
    m, c, area = mask[0, 0].numel(), features.shape[1], mask.sum()
    flat, weights = features.flatten(2), mask.flatten(2)
    inside = flat * weights @ flat.mT                       # the sum inside
    right = inside / area
    yield inside / m, "divided by all positions H*W, so a small mask gives a small Gram matrix: divide by the mask's area, mask.sum()"
    yield inside, "the sum inside the mask, not the mean: divide by the mask's area, mask.sum()"
    yield inside / mask.mean(), "mask.mean() is the share of the picture: either divide by mask.sum(), or by mask.mean() and by H*W"
    yield right / c, "right pattern, wrong scale: the number of channels does not belong here"
    yield inside / (c * m), "divide by the mask's area, mask.sum(), and by nothing else"
    yield inside / (mask > 0).sum(), "a grey position counts by its value: the area is mask.sum(), not the number of positions above 0"
    yield losses.gram_matrix(features), "the mask has no effect: this is the Gram matrix of the whole picture"
    yield guided.guided_gram(features, 1 - mask), "this is the outside: white is where it counts, so multiply with mask, not with 1 - mask"
    squared = flat * weights**2 @ flat.mT
    yield squared / m, "divided by all positions H*W, not by the mask's area mask.sum(); and multiply only one F with the mask"
    for divisor in (area, (mask**2).sum()):
        yield squared / divisor, ("with 0 and 1 it cannot be seen, with grey it can: the mask is multiplied in twice, once with each F. "
                                  "Multiply one of them, or both with mask.sqrt()")
    for wrong, words in ((mask.flip(3), "left and right"), (mask.flip(2), "top and bottom"), (mask.flip(2, 3), "the corners")):
        yield guided.guided_gram(features, wrong), f"the mask is flipped: {words} are swapped"
    yield guided.guided_gram(features, mask.mT.reshape(mask.shape)), "rows and columns of the mask are mixed up"
    cut = features.masked_fill(mask == 0, 0.0)
    yield losses.gram_matrix(cut), "divided by all positions H*W: divide by the mask's area, mask.sum()"
    yield losses.gram_matrix(cut) * m / (mask > 0).sum(), "grey is treated as white: each position counts by its value in the mask"
    yield losses.gram_matrix(features) * mask.mean(), "the whole Gram matrix, scaled: the mask must act on the features at each position"
    yield right[0], "the batch got lost: there must be one Gram matrix for each picture, (N, C, C)"
    yield right.mean(0), "the pictures of the batch are averaged: there must be one Gram matrix for each, (N, C, C)"
    yield right.sum(0), "the pictures of the batch are added up: there must be one Gram matrix for each, (N, C, C)"
