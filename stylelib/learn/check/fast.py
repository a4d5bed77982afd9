"""Checkers of notebook 08: normalisation of one picture, AdaIN, and a mixture of styles."""
from collections.abc import Callable, Iterable

import torch
from torch import Tensor

from ...engine.language import mark, tr
from ...fast.layers import instance_norm as normalised
from .verdict import (
    Mistake,
    Mistakes,
    compare,
    compare_gradient,
    exercise,
    holds_elsewhere,
    watched,
)

CLOSE = 8e-3                # right is whether squares are divided by H*W or by H*W - 1, and any small epsilon
EACH = (2, 3)               # over the positions: each channel of each picture for itself
TOGETHER = {                # {wrong axes: what they mean}
    (0, 2, 3): mark("the pictures of the batch share one mean: that is batch normalisation, and a picture "
                    "would look different beside others. Take .mean((2, 3), keepdim=True)"),
    (1, 2, 3): mark("all channels of a picture share one mean: but each channel is a feature of its own. "
                    "Take .mean((2, 3), keepdim=True)"),
    (0, 1, 2, 3): mark(".mean() without dimensions is one number for everything: take each channel of each "
                       "picture for itself, .mean((2, 3), keepdim=True)"),
    (1,): mark("at each position all channels share one mean: the mean is over the positions, .mean((2, 3), "
               "keepdim=True)"),
    (0,): mark("the mean is over the pictures of the batch: it must be over the positions, .mean((2, 3), "
               "keepdim=True)"),
    (3,): mark("each row has a mean of its own: take both dimensions of the picture, .mean((2, 3), "
               "keepdim=True)"),
    (2,): mark("each column has a mean of its own: take both dimensions of the picture, .mean((2, 3), "
               "keepdim=True)"),
}
SHAPES = mark("the shapes do not fit ({error}). A mean over positions is (N, C), and broadcasting takes this "
              "for the last two dimensions: keep them, .mean((2, 3), keepdim=True), or add them, [:, :, "
              "None, None]")
MISFITS = [(words, SHAPES) for words in ("size of tensor", "must match", "shape mismatch")]
EPSILON = mark("a channel that is the same everywhere gives 0 / 0: add a small number to the variance, "
               "(variance + 1e-5).sqrt()")
SLOPE = mark("the numbers are right, but where a channel is the same everywhere the gradient is not finite: "
             "a root has no slope at 0. Add the small number under the root, (variance + 1e-5).sqrt()")


# ------------------------------------------------------------------------------------- instance normalisation

@exercise
def instance_norm(answer: Callable) -> None:
    """Check `instance_norm(x)`: each channel of each picture to mean 0 and deviation 1."""
    x = _activations(0, 3, 4, 12, 17).requires_grad_(True)
    got = watched(answer, MISFITS, x=x.clone())
    right = normalised(x)
    compare(got, right.detach(), list(_wrong_norms(x.detach())), CLOSE)
    compare_gradient(got, right, x, 2 * CLOSE)
    x = _with_silent_channel(_activations(1, 1, 3, 15, 20)).requires_grad_(True)
    _even_where_silent(answer, normalised(x).detach(), x, x=x * 1)


def _activations(seed, *shape):
    """Of both signs; each channel of each picture has its own mean and deviation."""
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(shape, generator=generator) + 0.3 * torch.rand(shape, generator=generator)
    levels = 0.5 + 2 * torch.rand(2, shape[0], shape[1], 1, 1, generator=generator)
    return levels[0] * (noise + 0.3 * torch.linspace(-1, 1, shape[3])) + levels[1]


def _with_silent_channel(x):
    """The same where channel 1 is 0.5 everywhere."""
    x[:, 1] = 0.5
    return x


def _even_where_silent(answer, right, leaf, **arguments):
    """In another shape, and where a channel of the first argument is the same everywhere: also its gradient.

    Args:
        right: the right values.
        leaf: what the gradient leads to.
    """
    try:
        got = watched(answer, **arguments)
    except Exception:  # noqa: BLE001 - holds_elsewhere meets it again, and says what to say
        got = None
    if isinstance(got, Tensor) and got.shape == right.shape and not got.isfinite().all():
        raise Mistake(tr(EPSILON))
    holds_elsewhere(answer, right, rtol=CLOSE, **{name: value.detach() for name, value in arguments.items()})
    gradient, = torch.autograd.grad(got.square().sum(), leaf)
    if not gradient.isfinite().all():
        raise Mistake(tr(SLOPE))


def _moments(x, axes=EACH):
    return x.mean(axes, keepdim=True), x.std(axes, keepdim=True, unbiased=False)


def _wrong_norms(x):
    """(wrong result, hint)."""
    mean, deviation = _moments(x)
    for axes, hint in TOGETHER.items():
        others, spread = _moments(x, axes)
        for wrong in ((x - others) / spread, (x - others) / spread**2, (x - mean) / spread,
                      (x - others) / deviation):
            yield wrong, hint
    yield x, tr("the activations come back unchanged")
    yield x - mean, tr("the mean is 0, the deviation is not 1: divide by each channel's deviation")
    yield x / deviation, tr("the deviation is 1, the mean is not 0: subtract each channel's mean first")
    yield (x - mean) / deviation**2, tr("you divide by the wrong number. this is the variance: its root is "
                                        "the deviation")
    yield (x - mean) * deviation, tr("you multiply with the deviation: divide by it")
    yield x / deviation - mean, tr("first subtract the mean, then divide: brackets, (x - mean) / deviation")
    yield x - mean / deviation, tr("the division comes before the difference: brackets, (x - mean) / "
                                   "deviation")
    yield (mean - x) / deviation, tr("the sign is turned round: x - mean, not mean - x")
    yield ((x - mean) / x.square().mean(EACH, keepdim=True).sqrt(),
           tr("the deviation is taken about 0: square what is left after the mean was subtracted"))
    yield ((x - mean) / (x - mean).abs().mean(EACH, keepdim=True),
           tr("you divide by the mean distance from the mean: the deviation is the root of the "
              "mean *square*"))
    low, high = x.amin(EACH, keepdim=True), x.amax(EACH, keepdim=True)
    yield (x - low) / (high - low), tr("this brings each channel to [0, 1]: subtract the mean, divide by the "
                                       "deviation")
    yield (x - mean) / (deviation**2 + deviation), tr("epsilon must be small, such as 1e-5")
    for small in (1.0, 0.1):
        yield (x - mean) / (deviation**2 + small).sqrt(), tr("epsilon must be small, such as 1e-5")
    yield ((x - mean) / deviation).relu(), tr("no ReLU here: negative values stay")


# ------------------------------------------------------------------------------------------------------ AdaIN

@exercise
def adain(answer: Callable) -> None:
    """Check `adain(content, style)`: content with mean and deviation of style, channel by channel."""
    content, style = _activations(2, 2, 4, 12, 17).requires_grad_(True), _activations(3, 2, 4, 14, 13)
    misfit = tr("the shapes do not fit ({error}). Content and style may differ in size: only means and "
                "deviations of the style count, each (N, C, 1, 1) with keepdim=True")
    got = watched(answer, [(words, misfit) for words, _ in MISFITS], content=content.clone(), style=style)
    right = _adain(content, style)
    compare(got, right.detach(), list(_wrong_adains(content.detach(), style)), CLOSE)
    compare_gradient(got, right, content, 2 * CLOSE)
    content, style = _with_silent_channel(_activations(4, 1, 3, 15, 20)), _activations(5, 1, 3, 16, 18)
    content.requires_grad_(True)
    _even_where_silent(answer, _adain(content, style).detach(), content, content=content * 1, style=style)


def _adain(content, style):
    mean, deviation = _moments(style)
    return normalised(content) * deviation + mean


def _wrong_adains(content, style):
    """(wrong result, hint)."""
    yield from _wrong_axes(content, style)
    plain, (own, spread), (mean, deviation) = normalised(content), _moments(content), _moments(style)
    yield content, tr("the content comes back unchanged")
    yield style, tr("the style comes back: keep the content, and give it mean and deviation of the style")
    yield _adain(style, content), tr("content and style are exchanged: normalise the content, then give it "
                                     "mean and deviation of the style")
    yield plain, tr("the content is normalised, and that is half of it: now multiply with the style's "
                    "deviation, add its mean")
    yield plain + mean, tr("the style's mean is there, its deviation is missing: multiply with it first")
    yield plain * deviation, tr("the style's deviation is there, its mean is missing: add it")
    yield plain * deviation + own, tr("this adds the content's own mean: add that of the style")
    yield plain * spread + mean, tr("this multiplies with the content's own deviation: take that of "
                                    "the style")
    yield (content - own) * deviation + mean, tr("divide by the content's own deviation before you multiply")
    yield content / spread * deviation + mean, tr(
        "subtract the content's own mean first, or it gets multiplied, too")
    yield content * deviation + mean, tr("the content is not normalised: subtract its mean, divide by its "
                                         "deviation")
    for wrong in (plain * deviation**2 + mean, (content - own) / spread**2 * deviation + mean,
                  (content - own) / spread**2 * deviation**2 + mean):
        yield wrong, tr("a deviation is wrong. this is the variance: its root is the deviation")
    yield (plain + mean) * deviation, tr("first multiply with the deviation, then add the mean: else it gets "
                                         "multiplied, too")
    yield plain * mean + deviation, tr("mean and deviation change places: the deviation multiplies, the mean "
                                       "is added")
    yield plain / deviation + mean, tr("multiply with the style's deviation, do not divide by it")
    yield plain * deviation - mean, tr("add the style's mean, do not subtract it")
    yield content + _adain(content, style), tr("the content is added once more")
    yield (content - mean) / deviation * spread + own, tr(
        "the other way round: subtract and divide by what the content has, multiply with and add what the "
        "style has")


def _wrong_axes(content, style):
    """(wrong result, hint) where means are taken over other axes than the positions."""
    for axes in ((0, 2, 3), (1, 2, 3), (0, 1, 2, 3)):
        (own, spread), (mean, deviation) = _moments(content, axes), _moments(style, axes)
        for wrong in ((content - own) / spread * deviation + mean, normalised(content) * deviation + mean,
                      (content - own) / spread * _moments(style)[1] + _moments(style)[0]):
            yield wrong, TOGETHER[axes]


# --------------------------------------------------------------------------------------------------- mixtures

@exercise
def style_mixture(answer: Callable) -> str:
    """Check `style_mixture(x, gains, shifts, weights)`: instance norm of x, then mixed gain and shift."""
    x, (gains, shifts) = _activations(6, 2, 5, 12, 17).requires_grad_(True), _tables(4, 5)
    weights = torch.tensor([1.0, 3.0, 0.5, 1.5])
    hints = [("mat1 and mat2", TABLES), ("size mismatch", TABLES), *((words, GAINS) for words, _ in MISFITS)]
    got = watched(answer, hints, x=x.clone(), gains=gains, shifts=shifts, weights=weights)
    right = _mixture(x, gains, shifts, weights)
    compare(got, right.detach(), list(_wrong_mixtures(x.detach(), gains, shifts, weights)), CLOSE)
    compare_gradient(got, right, x, 2 * CLOSE)
    x, (gains, shifts) = _activations(7, 1, 3, 15, 20), _tables(26, 3)
    for weights in (torch.eye(26)[11], torch.linspace(0, 1, 26)):
        holds_elsewhere(answer, _mixture(x, gains, shifts, weights), rtol=CLOSE, x=x, gains=gains,
                        shifts=shifts, weights=weights)
    return tr("A style is one row of each table, and mixtures of rows are styles, too.")


TABLES = mark("the shapes do not fit ({error}). The tables have one row for each style, (S, C), and there "
              "are S weights: weights @ gains is the weighted sum of the rows, (C,)")
GAINS = mark("the shapes do not fit ({error}). A mixed gain is (C,), and broadcasting takes that for the "
             "columns of the picture: write gain[:, None, None]. To multiply rows with weights: weights[:, "
             "None] * gains")


def _tables(styles, channels):
    """(gains, shifts), one row for each style."""
    generator = torch.Generator().manual_seed(styles)
    return (0.5 + torch.rand(styles, channels, generator=generator),
            torch.randn(styles, channels, generator=generator))


def _mixture(x, gains, shifts, weights):
    shares = weights / weights.sum()
    return _painted(normalised(x), shares @ gains, shares @ shifts)


def _painted(x: Tensor, gain: Tensor, shift: Tensor) -> Tensor:
    return x * gain[:, None, None] + shift[:, None, None]


def _wrong_mixtures(x, gains, shifts, weights):
    """(wrong result, hint)."""
    plain, shares = normalised(x), weights / weights.sum()
    gain, shift = shares @ gains, shares @ shifts
    yield from _wrong_shares(plain, gains, shifts, weights)
    for axes in ((0, 2, 3), (1, 2, 3), (0, 1, 2, 3)):
        mean, deviation = _moments(x, axes)
        yield _painted((x - mean) / deviation, gain, shift), TOGETHER[axes]
    yield _painted(x, gain, shift), tr("x is not normalised: instance_norm comes first")
    yield plain, tr("x is normalised, and no style is in it: multiply with the mixed gain, add the mixed "
                    "shift. (A normalisation that comes last takes both away again)")
    yield plain * gain[:, None, None], tr("the mixed shift is missing: add it")
    yield plain + shift[:, None, None], tr("the mixed gain is missing: multiply with it first")
    yield _painted(plain, shift, gain), tr("gain and shift are exchanged: the gain multiplies, the shift is "
                                           "added")
    yield ((plain + shift[:, None, None]) * gain[:, None, None],
           tr("first multiply with the gain, then add the shift: else it gets multiplied, too"))
    yield _painted(plain, 1 + gain, shift), tr("the gain is the whole factor: no 1 is added")
    yield (_painted(plain, (gains.log() * shares[:, None]).sum(0).exp(), shift),
           tr("gains are added with weights, not multiplied with powers"))


def _wrong_shares(plain: Tensor, gains: Tensor, shifts: Tensor, weights: Tensor) -> Mistakes:
    """(wrong result, hint) where the weights are used wrongly."""
    shares = weights / weights.sum()
    raw = tr("the weights do not add up to 1, so gain and shift come out too large: divide by weights.sum()")
    wrong: Iterable[tuple[Tensor, str]] = (
        (weights, raw),
        (weights.softmax(0), tr("softmax changes the ratios: 3 and 1 shall mean three quarters and a "
                                "quarter. Divide by weights.sum()")),
        (weights / weights.max(), tr("the largest weight is 1 now, the sum is not: divide by weights.sum()")),
        (weights / weights.norm(), tr("the squares add up to 1 now: divide by weights.sum()")),
        (weights / len(weights), tr("divide by the sum of the weights, not by their number (and .mean() does "
                                    "that)")),
        (shares / len(weights), tr("a weighted *sum* of the rows is expected: .mean() divides once more, by "
                                   "the number of styles")),
        (torch.full_like(weights, 1 / len(weights)), tr(
            "the weights have no effect: this is the mean of all styles")),
        (torch.eye(len(weights))[int(weights.argmax())], tr("only the strongest style counts: mix the rows")),
        (torch.eye(len(weights))[0], tr("only the first style counts: mix all rows, by their weights")),
        (shares.flip(0), tr("the weights are in the wrong order: weight i belongs to row i")),
        (shares.square() / shares.square().sum(), tr("the weights are squared")),
    )
    for used, hint in wrong:
        yield _painted(plain, used @ gains, used @ shifts), hint
    half = tr("only one of the two is mixed with weights that add up to 1: divide by weights.sum(), for both")
    yield _painted(plain, weights @ gains, shares @ shifts), half
    yield _painted(plain, shares @ gains, weights @ shifts), half
    yield (_painted(plain, shares @ gains, shifts.mean(0)), tr("the shifts need the weights, too"))
    yield (_painted(plain, gains.mean(0), shares @ shifts), tr("the gains need the weights, too"))
