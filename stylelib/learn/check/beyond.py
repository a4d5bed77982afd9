"""Checkers of notebook 07: comparing sorted values, and a style loss of the learner's own."""
import functools
import numbers
from collections.abc import Callable

import torch

from ...engine.language import mark, tr
from ...style.statistics import STATISTICS
from .verdict import (
    Mistake,
    a_tensor,
    compare,
    compare_gradient,
    exercise,
    holds_elsewhere,
    watched,
)

SORT_RETURNS_TWO = mark("sort returns two things, the sorted values and where they were: take "
                        ".sort(dim=1).values")
PLACES = mark("argsort gives places, not values: use .sort(dim=1).values")
SORT_ERRORS = (*((words, SORT_RETURNS_TWO) for words in ("return_types.sort", "'tuple'", "not tuple")),
               ("infer output dtype", PLACES),
               ("'Tensor' object is not callable",
                mark("values is not a function: .sort(dim=1).values, without ()")),
               ("ambiguous", mark("Python's own sorted() compares whole rows: a.sort(dim=1).values sorts "
                                  "each row")))


# ---------------------------------------------------------------------------------------------- sorted values

@exercise
def sorted_distance(answer: Callable) -> None:
    """Check `sorted_distance(a, b)`: tables (C, M) -> mean squared difference of the sorted rows."""
    a, b = _table(0, 4, 11).requires_grad_(True), _table(1, 4, 11)
    got = watched(answer, SORT_ERRORS, a=a.clone(), b=b.clone())
    right = _sorted_distance(a, b)
    compare(got, right.detach(), list(_wrong_sorted(a.detach(), b)))
    compare_gradient(got, right, a)
    a, b = _table(2, 3, 8), _table(3, 3, 8)
    holds_elsewhere(answer, _sorted_distance(a, b), a=a, b=b)


def _sorted_distance(a, b):
    return (a.sort(1).values - b.sort(1).values).square().mean()


def _table(seed, channels, positions):
    """(C, M) with values of both signs, rows at different levels."""
    noise = torch.randn(channels, positions, generator=torch.Generator().manual_seed(seed))
    return noise + torch.tensor([[0.0], [0.5], [1.0], [2.0]])[:channels]


def _wrong_sorted(a, b):
    """(wrong number, hint)."""
    by_row = (a.sort(1).values - b.sort(1).values).square()
    yield (a - b).square().mean(), tr("this compares position with position: sort each row first, because "
                                      "places must not count")
    yield (a.sort(1).values - b).square().mean(), tr("only the first table is sorted: sort both")
    yield (a - b.sort(1).values).square().mean(), tr("only the second table is sorted: sort both")
    yield (a.sort(0).values - b.sort(0).values).square().mean(), tr(
        "this sorts each column: channels get mixed. Sort along the rows, dim=1")
    together = a.flatten().sort().values - b.flatten().sort().values
    yield together.square().mean(), tr("all channels are sorted into one long row: sort each row by itself, "
                                       "with dim=1")
    yield (a.sort(1, descending=True).values - b.sort(1).values).square().mean(), tr(
        "one table rises, the other falls: sort both the same way")
    yield (a.argsort(1) - b.argsort(1)).float().square().mean(), PLACES
    yield by_row.sum(), tr("right differences, but added up: take the mean, so that the size of the picture "
                           "does not count")
    yield by_row.sum(1).mean(), tr("added up over the positions: take the mean over them too, so that the "
                                   "size does not count")
    yield by_row.mean(1).sum(), tr("added up over the channels: take the mean over all values")
    yield by_row.mean().sqrt(), tr("no square root: the loss is the mean of the squares itself")
    yield by_row.sqrt().mean(), tr("the square is missing: these are absolute differences")
    yield by_row.mean() / 2, tr("no factor 1/2 here: the mean of the squares itself")
    yield (a.sort(1).values - b.sort(1).values).mean(), tr(
        "the square is missing: positive and negative differences cancel each other")
    yield by_row, tr("a table came back: a loss is one number, so end with .mean()")
    yield by_row.mean(1), tr("one number for each channel came back: a loss is one number, so take the mean "
                             "over all values")


# --------------------------------------------------------------------------------------- one's own style loss

PLAIN_NUMBER = mark("a tensor is expected, got {type_name}: leave out .item() and float(), gradients must "
                    "get through")
OWN_CUT_OFF = mark("a number, but cut off from the features: no gradient gets back to the picture. Leave out "
                   ".detach(), .item(), .data, float(), .numpy(), torch.tensor() and torch.no_grad()")


@exercise
def own_distance(answer: Callable) -> None:
    """Check `own_distance(features, painting)`: whatever it measures, it must be fit to be a style loss."""
    value = functools.partial(_own_value, answer)
    picture, painting = _features(0, 14, 18), _features(1, 16, 13)
    if value(picture, painting) != value(picture, painting):
        raise Mistake(tr("the same features gave two different numbers: fix the seed, L-BFGS compares losses "
                         "of one and the same function"))
    unit = _check_zero(value, picture, painting)
    _must_not_grow(value, picture, painting, unit)
    _must_forget_places(value)
    _must_lead_somewhere(answer, picture, painting)
    _must_be_new(value)


def _must_not_grow(value, picture, painting, unit):
    """Four copies side by side are the same style, and no further away."""
    if value(painting.repeat(1, 1, 2, 2), painting) > 0.5 * unit:
        raise Mistake(tr("four copies of the painting side by side are far from one: divide sums by the "
                         "number of positions"))
    one, four = value(picture, painting), value(picture.repeat(1, 1, 2, 2), painting)
    if one > 0 and not one / 2 < four < 2 * one:
        raise Mistake(tr("four copies of a picture side by side are {ratio:.2g} times as far from the "
                         "painting as one: take the mean over the positions, neither a sum nor a further "
                         "division", ratio=four / one))


def _check_zero(value, picture, painting):
    """It must be 0 for the painting and nothing else. Returns the larger of two pictures' distances."""
    empty, far = value(torch.zeros_like(picture), painting), value(picture, painting)
    unit = max(abs(empty), abs(far))
    if min(empty, far) < 0:
        raise Mistake(tr("a distance cannot be below 0, or the picture runs away from the painting: square "
                         "the differences"))
    if unit == 0 or (abs(value(2 * painting, painting)) <= 1e-4 * unit and far <= 1e-4 * unit):
        raise Mistake(tr("it is 0 for pictures that have nothing in common with the painting: it must notice "
                         "something"))
    if value(3 * picture, painting) <= 1e-8 * unit:
        raise Mistake(tr("it is 0 for a picture whose activations are all stronger than the painting's: too "
                         "much must count like too little"))
    if abs(value(painting, painting)) > 1e-2 * unit:
        raise Mistake(tr("for the painting itself it must be 0, or the optimisation aims at something else"))
    if empty <= 1e-4 * unit:
        raise Mistake(tr("it is 0 for an empty picture (all activations 0): then an empty picture would be "
                         "the best of all"))
    return unit


def _own_value(answer, features, painting):
    """The learner's number, if it is one."""
    got = watched(functools.partial(_call, answer), features=features.clone(), painting=painting.clone())
    got = a_tensor(got, PLAIN_NUMBER) if isinstance(got, numbers.Number) else a_tensor(got)
    if got.numel() != 1:
        raise Mistake(tr("a loss is one number, got the shape {shape}: end with .mean() or .sum()",
                         shape=tuple(got.shape)))
    if got.ndim:
        raise Mistake(tr("one number, but still in a table of shape {shape}: a scalar has no dimensions. "
                         "Let the last .mean() or .sum() run over everything, without dim, or end with "
                         ".squeeze()", shape=tuple(got.shape)))
    if not got.isfinite():
        raise Mistake(tr("it gave {number}: somewhere something is divided by 0, or a root is taken of "
                         "something negative, or a logarithm of 0", number=got.item()))
    return got.item()


def _call(answer, features, painting):
    """answer(features, painting); an error that only two sizes bring gets a hint."""
    try:
        return answer(features, painting)
    except RuntimeError as error:
        about_sizes = any(words in str(error) for words in ("size", "shape", "match"))
        if about_sizes and _works(answer, painting.clone(), painting.clone()):
            raise Mistake(tr("picture and painting may differ in size ({error}). Describe each by numbers "
                             "whose count does not depend on H and W: means over the positions, for instance",
                             error=error)) from None
        raise


def _works(answer, *arguments):
    try:
        answer(*arguments)
    except Exception:  # noqa: BLE001 - the learner's own code may raise anything
        return False
    return True


def _must_forget_places(value):
    """The same marks at another place are the same style."""
    for dim, way in ((2, 10), (3, 10), (2, -4), (3, -4)):           # by half, and across the border
        here = _marks(dim)
        there = here.roll(way, dim)
        if value(there, here) > 0.5 * value(torch.zeros_like(here), here):
            raise Mistake(tr("the same marks at another place count as another style: what you compare is "
                             "places, position with position or region with region, and that is a content "
                             "loss. Describe each picture as a whole first: by means over all positions, by "
                             "sorted values"))


def _marks(dim):
    """(1, 5, 20, 20): even ground, along `dim` a block of other channels, with room to move by half."""
    block = torch.zeros(20)
    block[2:8] = 1
    block = block.view(20, 1) if dim == 2 else block
    marks = 1 + 4 * torch.rand(1, 2, 20, 20, generator=_seeded(dim))
    return torch.cat([marks * block, (1 - block).expand(1, 3, 20, 20)], 1)


def _must_lead_somewhere(answer, picture, painting):
    """The gradient must be finite everywhere, and not 0 on the way."""
    for given, not_finite in _gradient_cases(picture, painting):
        features = given.clone().requires_grad_(True)
        got = answer(features * 1, painting.clone())
        gradient = torch.autograd.grad(got, features, allow_unused=True)[0] if got.requires_grad else None
        if gradient is None:
            raise Mistake(tr(OWN_CUT_OFF))
        if not gradient.isfinite().all():
            raise Mistake(not_finite)
        if given is picture and gradient.abs().max() == 0:
            raise Mistake(tr("the gradient is 0: counting, rounding and comparing (>) have no slope that "
                             "could be followed"))


def _gradient_cases(picture, painting):
    """(features, hint where their gradient is not finite)."""
    yield picture, tr("the gradient of a picture is not finite: a root has no slope at 0, so add a little "
                      "under it, (variance + 1e-5).sqrt()")
    yield torch.zeros_like(picture), tr(
        "the gradient of an empty picture, where all activations are 0, is not finite: a root has no slope "
        "at 0, so add a little under it, (variance + 1e-5).sqrt()")
    yield painting, tr("the gradient of the painting itself, where the distance is 0, is not finite: a root "
                       "has no slope at 0, so leave the last root out: the mean of the squares is smooth")


def _must_be_new(value):
    """Not one of the six: in one statistic, pictures' distances have the same ratios, whatever its unit."""
    painting, empty = _features(1, 26, 32), torch.zeros(1, 5, 26, 32)
    noise = torch.rand(1, 5, 28, 29, generator=_seeded(3))
    pictures = _features(0, 30, 27), _features(2, 25, 31).square(), 2 * noise.square()

    def ratios(distance):
        far = torch.tensor([float(distance(picture, painting)) for picture in pictures])
        return far / float(distance(empty, painting))

    mine = ratios(value)
    for name, distance in _known():
        if ((mine / ratios(distance)).log().abs() < 0.01).all():           # whether divided by M or by M - 1
            raise Mistake(tr("it works, and it is the statistic {name!r} of this notebook: change what it "
                             "keeps, to make it your own", name=name))


def _known():
    """(name, distance) of the six, one of them in two ways."""
    for name, statistic in STATISTICS.items():
        yield name, lambda f, p, statistic=statistic: statistic.distance(f, statistic.describe(p))
    yield "mean_variance", lambda f, p: sum((x - y).square().mean() for x, y in zip(*(
        torch.var_mean(features, (2, 3)) for features in (f, p))))


def _seeded(seed):
    return torch.Generator().manual_seed(seed)


def _features(seed, height, width):
    """As after a ReLU, (1, C, H, W), and smooth over the positions, as a picture's activations are."""
    strengths = 1 + torch.arange(5.0).view(5, 1, 1) / (1 + seed)
    rough = torch.rand(1, 5, height, width, generator=_seeded(seed)) * strengths
    return 2 * torch.nn.functional.avg_pool2d(rough, 3, 1, 1)
