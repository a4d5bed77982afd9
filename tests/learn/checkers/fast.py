"""Answers to the exercises of notebook 08: instance normalisation, AdaIN, a mixture of styles."""
import torch
import torch.nn.functional as F

from stylelib.fast.layers import ConditionalNorm
from stylelib.fast.layers import instance_norm as normalised
from stylelib.learn.check import adain, instance_norm, style_mixture

from ..answers import table

EACH = (2, 3)


def mean(x, axes=EACH):
    return x.mean(axes, keepdim=True)


def deviation(x, axes=EACH):
    return (x.var(axes, keepdim=True, unbiased=False) + 1e-5).sqrt()


def over(axes):
    return lambda x: (x - mean(x, axes)) / deviation(x, axes)


def one_by_one(x):
    result = torch.empty_like(x)
    for i, picture in enumerate(x):
        for j, channel in enumerate(picture):
            result[i, j] = (channel - channel.mean()) / (channel.var() + 1e-5).sqrt()
    return result


def flat(x):
    rows = x.flatten(2)
    rows = rows - rows.mean(2, keepdim=True)
    return (rows / (rows.square().mean(2, keepdim=True) + 1e-5).sqrt()).view_as(x)


def in_place(x):
    x -= mean(x)
    return x / deviation(x)


def half_detached(x):
    return (x - mean(x).detach()) / deviation(x).detach()


NORMS = table(instance_norm, {
    "mean and deviation": over(EACH),
    "the package's": normalised,
    "PyTorch's": F.instance_norm,
    "a layer of PyTorch": lambda x: torch.nn.InstanceNorm2d(x.shape[1])(x),
    "std": lambda x: (x - x.mean((2, 3), keepdim=True)) / (x.std((2, 3), keepdim=True) + 1e-5),
    "std, clamped": lambda x: (x - mean(x)) / x.std((2, 3), keepdim=True).clamp(min=1e-6),
    "another epsilon": lambda x: (x - mean(x)) / (x.var(EACH, keepdim=True) + 1e-8).sqrt(),
    "channel by channel": one_by_one,
    "flat": flat,
    "indexed": lambda x: (x - x.mean((2, 3))[:, :, None, None]) / deviation(x),
    "mean of squares": lambda x: (x - mean(x)) / (mean(x.square()) - mean(x).square() + 1e-5).sqrt(),
    "in double precision": lambda x: over(EACH)(x.double()),
    "group norm with a group for each": lambda x: F.group_norm(x, x.shape[1]),
    "rsqrt": lambda x: (x - mean(x)) * (x.var(EACH, keepdim=True, correction=0) + 1e-5).rsqrt(),
}, [
    (lambda x: None, "returned None"),
    (lambda x: "0", "got str"),
    (lambda x: over(EACH)(x).detach().numpy(), "got ndarray"),
    (lambda x: over(EACH)(x)[0], "the shape should be"),
    (lambda x: over(EACH)(x) + 1, "largest difference"),
    (over((0, 2, 3)), "batch normalisation"),
    ("PyTorch's batch norm", lambda x: F.batch_norm(x, None, None, training=True), "batch normalisation"),
    ("BatchNorm2d", lambda x: torch.nn.BatchNorm2d(x.shape[1])(x), "batch normalisation"),
    ("own mean, deviation of the batch", lambda x: (x - mean(x)) / deviation(x, (0, 2, 3)),
     "batch normalisation"),
    ("layer norm", over((1, 2, 3)), "each channel is a feature of its own"),
    ("layer norm of PyTorch", lambda x: F.layer_norm(x, x.shape[1:]), "each channel is a feature of its own"),
    ("one number for all", lambda x: (x - x.mean()) / x.std(), "one number for everything"),
    ("over the channels", over((1,)), "at each position all channels share one mean"),
    ("over the pictures", over((0,)), "over the pictures of the batch"),
    ("over the rows", over((3,)), "each row has a mean of its own"),
    ("over the columns", over((2,)), "each column has a mean of its own"),
    ("keepdim forgotten", lambda x: (x - x.mean((2, 3))) / x.std((2, 3)), "keepdim=True"),
    (lambda x: x, "unchanged"),
    (lambda x: x - mean(x), "the deviation is not 1"),
    (lambda x: x / deviation(x), "the mean is not 0"),
    (lambda x: (x - mean(x)) / x.var(EACH, keepdim=True), "its root is the deviation"),
    (lambda x: (x - mean(x)) * deviation(x), "divide by it"),
    (lambda x: x / deviation(x) - mean(x), "first subtract the mean, then divide"),
    (lambda x: x - mean(x) / deviation(x), "division comes before the difference"),
    (lambda x: -over(EACH)(x), "x - mean, not mean - x"),
    (lambda x: (x - mean(x)) / mean(x.square()).sqrt(), "about 0"),
    (lambda x: (x - mean(x)) / mean((x - mean(x)).abs()), "the mean *square*"),
    (lambda x: (x - x.amin(EACH, keepdim=True)) / (x.amax(EACH, keepdim=True) - x.amin(EACH, keepdim=True)),
     "to [0, 1]"),
    (lambda x: (x - mean(x)) / (x.var(EACH, keepdim=True) + 1).sqrt(), "epsilon must be small"),
    (lambda x: over(EACH)(x).relu(), "no ReLU here"),
    ("no epsilon", lambda x: (x - mean(x)) / x.std(EACH, keepdim=True), "0 / 0"),
    ("no epsilon, without a mean of squares", lambda x: (x - mean(x)) / x.var(EACH, keepdim=True).sqrt(),
     "0 / 0"),
    ("epsilon beside the root", lambda x: (x - mean(x)) / (x.var(EACH, keepdim=True).sqrt() + 1e-5),
     "a root has no slope at 0"),
    (in_place, "your function changes x"),
    ("all detached", lambda x: over(EACH)(x.detach()), "cut off from the features"),
    (half_detached, "only a part of the gradient"),
    ("one shape only", lambda x: flat(x.reshape(3, 4, 12, 17)), "Take all sizes from x.shape"),
    ("four channels only", lambda x: torch.nn.InstanceNorm2d(4)(x) if x.shape[1] == 4 else over((1,))(x),
     "Take all sizes from x.shape"),
])


def solution(content, style):
    return (content - mean(content)) / deviation(content) * deviation(style) + mean(style)


def adain_over(axes):
    return lambda c, s: (c - mean(c, axes)) / deviation(c, axes) * deviation(s, axes) + mean(s, axes)


def std(x):
    return x.std(EACH, keepdim=True)


def variance(x):
    return x.var(EACH, keepdim=True)


def by_batch_norm(content, style):
    plain = F.batch_norm(content, None, None, training=True)
    return plain * deviation(style) + mean(style)


def style_in_place(content, style):
    result = solution(content, style)
    style -= mean(style)
    return result


ADAINS = table(adain, {
    "mean and deviation": solution,
    "by instance norm": lambda c, s: normalised(c) * std(s) + mean(s),
    "PyTorch's": lambda c, s: F.instance_norm(c) * std(s) + mean(s),
    "std": lambda c, s: (c - mean(c)) / (std(c) + 1e-5) * std(s) + mean(s),
    "as gain and shift": lambda c, s: (c * (deviation(s) / deviation(c))
                                       + mean(s) - mean(c) * deviation(s) / deviation(c)),
    "flat": lambda c, s: (normalised(c).flatten(2) * s.flatten(2).std(2, keepdim=True)
                          + s.flatten(2).mean(2, keepdim=True)).view_as(c),
    "in double precision": lambda c, s: solution(c.double(), s.double()),
    "one by one": lambda c, s: torch.cat([solution(c[i:i + 1], s[i:i + 1]) for i in range(len(c))]),
}, [
    (lambda c, s: None, "returned None"),
    (lambda c, s: solution(c, s).tolist(), "got list"),
    (lambda c, s: solution(c, s)[:, :2], "the shape should be"),
    (lambda c, s: solution(c, s) + 1, "largest difference"),
    (lambda c, s: c, "the content comes back"),
    (lambda c, s: s, "the style comes back"),
    (lambda c, s: solution(s, c), "content and style are exchanged"),
    (lambda c, s: normalised(c), "half of it"),
    (lambda c, s: normalised(c) + mean(s), "its deviation is missing"),
    (lambda c, s: normalised(c) * deviation(s), "its mean is missing"),
    (lambda c, s: normalised(c) * deviation(s) + mean(c), "the content's own mean"),
    (lambda c, s: c - mean(c) + mean(s), "the content's own deviation"),
    (lambda c, s: (c - mean(c)) * deviation(s) + mean(s), "divide by the content's own deviation"),
    (lambda c, s: c / deviation(c) * deviation(s) + mean(s), "subtract the content's own mean"),
    (lambda c, s: c * deviation(s) + mean(s), "the content is not normalised"),
    (lambda c, s: normalised(c) * variance(s) + mean(s), "a deviation is wrong"),
    ("variances", lambda c, s: (c - mean(c)) / variance(c) * variance(s) + mean(s),
     "a deviation is wrong"),
    ("variance of the content", lambda c, s: (c - mean(c)) / variance(c) * deviation(s) + mean(s),
     "a deviation is wrong"),
    (lambda c, s: (normalised(c) + mean(s)) * deviation(s), "first multiply with the deviation"),
    (lambda c, s: normalised(c) * mean(s) + deviation(s), "change places"),
    (lambda c, s: normalised(c) / deviation(s) + mean(s), "do not divide by it"),
    (lambda c, s: normalised(c) * deviation(s) - mean(s), "do not subtract it"),
    (lambda c, s: c + solution(c, s), "added once more"),
    (lambda c, s: (c - mean(s)) / deviation(s) * deviation(c) + mean(c), "the other way round"),
    (adain_over((0, 2, 3)), "batch normalisation"),
    (by_batch_norm, "batch normalisation"),
    ("the style's batch", lambda c, s: normalised(c) * deviation(s, (0, 2, 3)) + mean(s, (0, 2, 3)),
     "batch normalisation"),
    (adain_over((1, 2, 3)), "each channel is a feature of its own"),
    (adain_over((0, 1, 2, 3)), "one number for everything"),
    ("the style's numbers for everything", lambda c, s: normalised(c) * s.std() + s.mean(),
     "one number for everything"),
    ("positions subtracted", lambda c, s: normalised(c) * deviation(s) + s, "may differ in size"),
    ("keepdim forgotten", lambda c, s: (c - c.mean((2, 3))) / c.std((2, 3)), "keepdim=True"),
    ("no epsilon", lambda c, s: (c - mean(c)) / c.std(EACH, keepdim=True) * deviation(s) + mean(s), "0 / 0"),
    ("epsilon beside the root", lambda c, s: (c - mean(c)) / (c.var(EACH, keepdim=True).sqrt() + 1e-5)
     * deviation(s) + mean(s), "a root has no slope at 0"),
    (style_in_place, "your function changes style"),
    ("all detached", lambda c, s: solution(c.detach(), s), "cut off from the features"),
    ("half detached", lambda c, s: half_detached(c) * deviation(s) + mean(s), "only a part of the gradient"),
    ("one shape only", lambda c, s: solution(c.view(2, 4, 12, 17), s), "Take all sizes from content.shape"),
])


def mixed(x, gains, shifts, weights):
    shares = weights / weights.sum()
    return painted(normalised(x), shares @ gains, shares @ shifts)


def painted(x, gain, shift):
    return x * gain[:, None, None] + shift[:, None, None]


def with_shares(shares):
    """The right answer, but for what the weights become."""
    return lambda x, g, s, w: painted(normalised(x), shares(w) @ g, shares(w) @ s)


def style_by_style(x, gains, shifts, weights):
    """Mixing results: in one layer the same."""
    total = 0
    for gain, shift, weight in zip(gains, shifts, weights):
        total = total + weight * painted(normalised(x), gain, shift)
    return total / weights.sum()


def by_the_layer(x, gains, shifts, weights):
    layer = ConditionalNorm(gains.shape[1], len(gains))
    layer.gain.weight.data, layer.shift.weight.data = gains.T, shifts.T
    return layer(x, (weights / weights.sum())[None])


def normalised_in_place(x, gains, shifts, weights):
    weights /= weights.sum()
    return mixed(x, gains, shifts, weights)


def of_shares(use):
    """A wrong use of right shares: use(normalised x, gain, shift)."""
    def answer(x, gains, shifts, weights):
        shares = weights / weights.sum()
        return use(normalised(x), shares @ gains, shares @ shifts)
    return answer


MIXTURES = table(style_mixture, {
    "a product with the tables": mixed,
    "rows times weights": lambda x, g, s, w: painted(
        normalised(x), (w[:, None] * g).sum(0) / w.sum(), (w[:, None] * s).sum(0) / w.sum()),
    "einsum": lambda x, g, s, w: painted(
        F.instance_norm(x), torch.einsum("s,sc->c", w, g) / w.sum(), torch.einsum("s,sc->c", w, s) / w.sum()),
    "the tables turned": lambda x, g, s, w: painted(normalised(x), g.T @ (w / w.sum()), s.T @ (w / w.sum())),
    "view": lambda x, g, s, w: normalised(x) * (w / w.sum() @ g).view(1, -1, 1, 1)
        + (w / w.sum() @ s).view(1, -1, 1, 1),
    "style by style": style_by_style,
    "the package's layer": by_the_layer,
    "PyTorch's instance norm": lambda x, g, s, w: F.instance_norm(x, weight=w / w.sum() @ g,
                                                                 bias=w / w.sum() @ s),
    "in double precision": lambda x, g, s, w: mixed(x.double(), g.double(), s.double(), w.double()),
}, [
    (lambda x, g, s, w: None, "returned None"),
    (lambda x, g, s, w: mixed(x, g, s, w)[0], "the shape should be"),
    (lambda x, g, s, w: mixed(x, g, s, w) + 1, "largest difference"),
    (with_shares(lambda w: w), "do not add up to 1"),
    (with_shares(lambda w: w.softmax(0)), "softmax changes the ratios"),
    (with_shares(lambda w: w / w.max()), "the largest weight is 1 now"),
    (with_shares(lambda w: w / w.norm()), "the squares add up to 1"),
    (with_shares(lambda w: w / len(w)), "not by their number"),
    ("mean of weighted rows", lambda x, g, s, w: painted(
        normalised(x), (w[:, None] * g).mean(0), (w[:, None] * s).mean(0)), "not by their number"),
    (with_shares(lambda w: w / w.sum() / len(w)), ".mean() divides once more"),
    ("mean of all", lambda x, g, s, w: painted(normalised(x), g.mean(0), s.mean(0)),
     "the weights have no effect"),
    ("the strongest", lambda x, g, s, w: painted(normalised(x), g[w.argmax()], s[w.argmax()]),
     "only the strongest style"),
    (with_shares(lambda w: torch.eye(len(w))[0]), "only the first style"),
    (with_shares(lambda w: w.flip(0) / w.sum()), "weight i belongs to row i"),
    (with_shares(lambda w: w.square() / w.square().sum()), "the weights are squared"),
    ("gains only", lambda x, g, s, w: painted(normalised(x), w / w.sum() @ g, w @ s), "only one of the two"),
    ("shifts only", lambda x, g, s, w: painted(normalised(x), w @ g, w / w.sum() @ s), "only one of the two"),
    (lambda x, g, s, w: painted(normalised(x), w / w.sum() @ g, s.mean(0)), "the shifts need the weights"),
    (lambda x, g, s, w: painted(normalised(x), g.mean(0), w / w.sum() @ s), "the gains need the weights"),
    (lambda x, g, s, w: painted(x, w / w.sum() @ g, w / w.sum() @ s), "x is not normalised"),
    (of_shares(lambda n, gain, shift: n), "no style is in it"),
    (of_shares(lambda n, gain, shift: n * gain[:, None, None]), "the mixed shift is missing"),
    (of_shares(lambda n, gain, shift: n + shift[:, None, None]), "the mixed gain is missing"),
    (of_shares(lambda n, gain, shift: painted(n, shift, gain)), "gain and shift are exchanged"),
    (of_shares(lambda n, gain, shift: (n + shift[:, None, None]) * gain[:, None, None]),
     "first multiply with the gain"),
    (of_shares(lambda n, gain, shift: painted(n, 1 + gain, shift)), "no 1 is added"),
    (of_shares(lambda n, gain, shift: normalised(painted(n, gain, shift))), "takes both away"),
    (of_shares(lambda n, gain, shift: n * gain + shift), "gain[:, None, None]"),
    ("batch norm", lambda x, g, s, w: F.batch_norm(x, None, None, w / w.sum() @ g, w / w.sum() @ s, True),
     "batch normalisation"),
    ("layer norm", lambda x, g, s, w: painted(F.layer_norm(x, x.shape[1:]), w / w.sum() @ g, w / w.sum() @ s),
     "each channel is a feature of its own"),
    ("tables the wrong way round", lambda x, g, s, w: g @ w, "one row for each style"),
    ("weights beside the channels", lambda x, g, s, w: (w * g).sum(0), "weights[:, None] * gains"),
    (normalised_in_place, "your function changes weights"),
    ("all detached", lambda x, g, s, w: mixed(x.detach(), g, s, w), "cut off from the features"),
    ("four styles only", lambda x, g, s, w: mixed(x, g[:4], s[:4], w[:4]), "Take all sizes from x.shape"),
    ("powers", lambda x, g, s, w: painted(normalised(x), (g ** (w / w.sum())[:, None]).prod(0),
                                          w / w.sum() @ s), "not multiplied with powers"),
])

ROWS = NORMS + ADAINS + MIXTURES
