"""Checkers of notebook 07: comparing sorted values, and a style loss of the learner's own."""
import torch

from ..statistics import STATISTICS
from .verdict import Mistake, compare, exercise

SORT_RETURNS_TWO = ".sort() returns two things, the sorted values and where they were: take .sort(dim=1).values"
CUT_OFF = ("the right number, but cut off from the features: no gradient gets back to the picture. "
           "Leave out .detach(), .item(), .numpy(), torch.tensor() and torch.no_grad()")


@exercise
def sorted_distance(answer):
    """Check `sorted_distance(a, b)`: tables (C, M) -> mean squared difference of the sorted rows."""
    a, b = _table(0), _table(1)
    given = a.clone().requires_grad_(True)
    try:
        got = answer(given * 1, b.clone())
    except (TypeError, AttributeError) as error:
        if "sort" in str(error) or "tuple" in str(error):
            raise Mistake(SORT_RETURNS_TWO) from None
        raise
    compare(got, (a.sort(1).values - b.sort(1).values).square().mean(), list(_wrong_sorted(a, b)))
    if not (isinstance(got, torch.Tensor) and got.requires_grad):
        raise Mistake(CUT_OFF)
    kept = a.clone()
    answer(kept, b.clone())
    if not torch.equal(kept, a):
        raise Mistake("right, but your function changes the table that it is given: do not work in place")


@exercise
def own_distance(answer):
    """Check `own_distance(features, painting)`: whatever it measures, it must be fit to be a style loss."""
    picture, painting = _features(0, 7, 9), _features(1, 8, 6)
    empty = _own_value(answer, torch.zeros_like(picture), painting)
    far = _own_value(answer, picture, painting)
    unit = max(abs(empty), abs(far))
    if min(empty, far) < 0:
        raise Mistake("a distance cannot be below 0, or the picture runs away from the painting: square the differences")
    if unit == 0 or (abs(_own_value(answer, 2 * painting, painting)) <= 1e-4 * unit and far <= 1e-4 * unit):
        raise Mistake("it is 0 for pictures that have nothing in common with the painting: it must notice something")
    if abs(_own_value(answer, painting, painting)) > 1e-3 * unit:
        raise Mistake("for the painting itself it must be 0, or the optimisation aims at something else")
    if empty <= 1e-4 * unit:
        raise Mistake("it is 0 for an empty picture (all activations 0): then an empty picture would be the best of all")
    if _own_value(answer, picture, painting) != far:
        raise Mistake("the same features gave two different numbers: fix the seed, L-BFGS compares losses of one and the same function")
    if _own_value(answer, painting.repeat(1, 1, 2, 2), painting) > 0.5 * unit:
        raise Mistake("four copies of the painting side by side are far from one: divide sums by the number of positions")
    _must_lead_somewhere(answer, picture, painting)
    _must_be_new(answer, picture, painting)


def _own_value(answer, features, painting):
    """The learner's number, if it is one."""
    given = features.clone()
    try:
        got = answer(given, painting.clone())
    except RuntimeError as error:
        if any(words in str(error) for words in ("size", "shape", "match")):
            raise Mistake(f"picture and painting may differ in size ({error}). Describe each by numbers whose count does not "
                          "depend on H and W: means over the positions, for instance") from None
        raise
    if got is None:
        raise Mistake("your function returned None: does it end with `return`?")
    if not isinstance(got, torch.Tensor):
        raise Mistake(f"a tensor is expected, got {type(got).__name__}: leave out .item() and float(), gradients must get through")
    if got.numel() != 1:
        raise Mistake(f"a loss is one number, got the shape {tuple(got.shape)}: end with .mean() or .sum()")
    if not torch.equal(given, features):
        raise Mistake("your function changes the features that it is given: do not work in place (no -=, /=, mul_)")
    if not got.isfinite():
        raise Mistake(f"it gave {got.item()}: somewhere something is divided by 0, or a root is taken of something negative")
    return got.item()


def _must_lead_somewhere(answer, picture, painting):
    for features, words in ((picture, "a picture"), (torch.zeros_like(picture), "an empty picture, where all activations are 0")):
        features = features.clone().requires_grad_(True)
        got = answer(features * 1, painting)
        if not got.requires_grad:
            raise Mistake(CUT_OFF.replace("the right number", "a number"))
        got.sum().backward()
        if features.grad is None or not features.grad.isfinite().all():
            raise Mistake(f"the gradient of {words} is not finite: a root has no slope at 0, so add a little under it, "
                          "(variance + 1e-5).sqrt()")
        if words == "a picture" and features.grad.abs().max() == 0:
            raise Mistake("the gradient is 0: counting, rounding and comparing (>) have no slope that could be followed")


def _must_be_new(answer, picture, painting):
    """Not one of the six: two pictures' distances have the same ratio for one statistic, and another for any other."""
    def ratio(distance):
        return float(distance(picture, painting) / distance(torch.zeros_like(picture), painting))
    for name, statistic in STATISTICS.items():
        if abs(ratio(answer) / ratio(lambda f, p: statistic.distance(f, statistic.describe(p))) - 1) < 1e-4:     # noqa: B023
            raise Mistake(f"it works, and it is the statistic {name!r} of this notebook: change what it keeps, to make it your own")


def _table(seed):
    """(C, M) with values of both signs, rows at different levels."""
    return torch.randn(4, 11, generator=torch.Generator().manual_seed(seed)) + torch.tensor([[0.0], [0.5], [1.0], [2.0]])


def _features(seed, height, width):
    """As after a ReLU, (1, C, H, W), and smooth over the positions, as a picture's activations are."""
    generator = torch.Generator().manual_seed(seed)
    rough = torch.rand(1, 5, height, width, generator=generator) * (1 + torch.arange(5.0).view(5, 1, 1) / (1 + seed))
    return torch.nn.functional.avg_pool2d(rough, 3, 1, 1) * 2


def _wrong_sorted(a, b):
    """(wrong number, hint)."""
    by_row = (a.sort(1).values - b.sort(1).values).square()
    yield (a - b).square().mean(), "this compares position with position: sort each row first, because places must not count"
    yield (a.sort(1).values - b).square().mean(), "only the first table is sorted: sort both"
    yield (a - b.sort(1).values).square().mean(), "only the second table is sorted: sort both"
    yield (a.sort(0).values - b.sort(0).values).square().mean(), "this sorts each column: channels get mixed. Sort along the rows, dim=1"
    together = a.flatten().sort().values - b.flatten().sort().values
    yield together.square().mean(), "all channels are sorted into one long row: sort each row by itself, with dim=1"
    yield (a.sort(1, descending=True).values - b.sort(1).values).square().mean(), "one table rises, the other falls: sort both the same way"
    yield (a.argsort(1) - b.argsort(1)).float().square().mean(), "argsort gives places, not values: use .sort(dim=1).values"
    yield by_row.sum(), "right differences, but added up: take the mean, so that the size of the picture does not count"
    yield by_row.sum(1).mean(), "added up over the positions: take the mean over them too, so that the size does not count"
    yield by_row.mean(1).sum(), "added up over the channels: take the mean over all values"
    yield by_row.mean().sqrt(), "no square root: the loss is the mean of the squares itself"
    yield by_row.sqrt().mean(), "the square is missing: these are absolute differences"
    yield by_row.mean() / 2, "no factor 1/2 here: the mean of the squares itself"
    yield (a.mean(1) - b.mean(1)).square().mean(), "this compares the means only: subtract and square first, then take the mean"
    yield (a.sort(1).values - b.sort(1).values).mean(), "the square is missing: positive and negative differences cancel each other"
    yield by_row, "a table came back: a loss is one number, so end with .mean()"
    yield by_row.mean(1), "one number for each channel came back: a loss is one number, so take the mean over all values"
