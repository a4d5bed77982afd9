"""Answers to the exercises of notebook 07: comparing sorted values, and a style loss of one's own."""
import torch
import torch.nn.functional as F

from stylelib import gram_matrix
from stylelib.learn.check import own_distance, sorted_distance
from stylelib.style.statistics import STATISTICS

from ..answers import table


def by_rows(a, b):
    return (a.sort(dim=1).values - b.sort(dim=1).values).square()


ROWS = table(sorted_distance, {
    "two sorts": lambda a, b: by_rows(a, b).mean(),
    "mse_loss": lambda a, b: F.mse_loss(torch.sort(a, -1)[0], torch.sort(b, -1)[0]),
    "both falling": lambda a, b: by_rows(-a, -b).mean(),
    "row by row": lambda a, b: sum(by_rows(x[None], y[None]).mean() for x, y in zip(a, b)) / len(a),
    "in double precision": lambda a, b: by_rows(a.double(), b.double()).mean(),
    "picked by argsort": lambda a, b: (a.gather(1, a.argsort(1)) - b.gather(1, b.argsort(1))).square().mean(),
}, [
    (lambda a, b: None, "None"),
    (lambda a, b: "0", "tensor is expected, got str"),
    (lambda a, b: by_rows(a, b).mean() + 1, "largest difference"),
    (lambda a, b: (a.sort(1) - b.sort(1)).square().mean(), "returns two things"),
    ("mse_loss of what sort returns", lambda a, b: F.mse_loss(a.sort(1), b.sort(1)), "returns two things"),
    (lambda a, b: torch.stack(sorted(a)) - torch.stack(sorted(b)), "Python's own sorted()"),
    (lambda a, b: (a - b).square().mean(), "position with position"),
    (lambda a, b: (a.sort(1).values - b).square().mean(), "only the first"),
    (lambda a, b: (a - b.sort(1).values).square().mean(), "only the second"),
    (lambda a, b: (a.sort(0).values - b.sort(0).values).square().mean(), "each column"),
    (lambda a, b: (a.flatten().sort().values - b.flatten().sort().values).square().mean(), "one long row"),
    (lambda a, b: (a.sort(1, descending=True).values - b.sort(1).values).square().mean(), "the same way"),
    (lambda a, b: (a.argsort(1) - b.argsort(1)).float().square().mean(), "argsort"),
    (lambda a, b: (a.argsort(1) - b.argsort(1)).square().mean(), "argsort"),
    (lambda a, b: (a.sort(1).values() - b.sort(1).values()).square().mean(), "without ()"),
    (lambda a, b: by_rows(a, b).sum(), "added up"),
    (lambda a, b: by_rows(a, b).sum(1).mean(), "over the positions"),
    (lambda a, b: by_rows(a, b).mean(1).sum(), "over the channels"),
    (lambda a, b: by_rows(a, b).mean().sqrt(), "no square root"),
    (lambda a, b: by_rows(a, b).sqrt().mean(), "square is missing"),
    (lambda a, b: by_rows(a, b).mean() / 2, "no factor 1/2"),
    (lambda a, b: (a.sort(1).values - b.sort(1).values).mean(), "cancel"),
    (by_rows, "end with .mean()"),
    (lambda a, b: by_rows(a, b).mean(1), "for each channel"),
    ("all detached", lambda a, b: by_rows(a.detach(), b).mean(), "cut off"),
    ("item", lambda a, b: by_rows(a, b).mean().item(), "cut off"),
    ("half detached", lambda a, b: (by_rows(a, b).mean() + by_rows(a.detach(), b).mean()) / 2,
        "only a part of the gradient"),
    (lambda a, b: (by_rows(a, b).mean(), a.mul_(2))[0], "your function changes a"),
    (lambda a, b: (by_rows(a, b).mean(), b.mul_(2))[0], "your function changes b"),
    ("44 values only", lambda a, b: by_rows(a, b).sum() / 44, "Take all sizes from a.shape"),
    ("one shape only", lambda a, b: by_rows(a.view(4, 11), b).mean(), "Take all sizes from a.shape"),
])


def neighbours(features):
    """Mean and deviation of each channel, and of its differences to the neighbours."""
    parts = [features, features.diff(dim=2), features.diff(dim=3)]
    return torch.stack([torch.stack([x.mean((0, 2, 3)), (x.var((0, 2, 3)) + 1e-5).sqrt()]) for x in parts])


def means(features):
    return features.mean((2, 3))


def shifted(features, by=1):
    left, right = features[..., :-by].flatten(2), features[..., by:].flatten(2)
    return left @ right.mT / left.shape[2]


def spectrum(features):
    """How strong each wave is, whatever its place: 4 x 4 of the slowest."""
    waves = torch.fft.rfft2(features) / features[0, 0].numel()
    return (waves.real.square() + waves.imag.square())[..., :4, :4]


def correlations(features):
    """Gram matrix of channels brought to mean 0 and deviation 1."""
    centred = features - features.mean((2, 3), keepdim=True)
    return gram_matrix(centred / (centred.square().mean((2, 3), keepdim=True) + 1e-5).sqrt())


def kernel_distance(f, p):
    """Maximum mean discrepancy with a Gaussian kernel."""
    x, y = f[0].flatten(1).T, p[0].flatten(1).T

    def kernel(a, b):
        return (-(a[:, None] - b[None]).square().sum(2) / 8).exp().mean()
    return kernel(x, x) + kernel(y, y) - 2 * kernel(x, y)


def random_directions(features):
    directions = torch.randn(8, features.shape[1], generator=torch.Generator().manual_seed(3))
    return (directions @ features[0].flatten(1)).square().mean(1)


def squared(describe):
    return lambda f, p: (describe(f) - describe(p)).square().mean()


def at_positions(f, p):
    return f - F.interpolate(p, f.shape[2:], mode="bilinear")


def mean_and(spread):
    return lambda f, p: (means(f) - means(p)).square().mean() + (spread(f) - spread(p)).square().mean()


def changes_the_painting(f, p):
    p -= p.mean((2, 3), keepdim=True)
    return (shifted(f - f.mean((2, 3), keepdim=True)) - shifted(p)).square().mean()


def covariance(features):
    return torch.cov(features[0].flatten(1))


def in_order(features, painting):
    """Differences of sorted values, at as many places as the picture has."""
    a, b = (x.flatten(2).sort(2).values for x in (features, painting))
    return a - F.interpolate(b, a.shape[2], mode="linear")


ROWS += table(own_distance, {
    "neighbours": squared(neighbours),
    "means only": lambda f, p: (means(f) - means(p)).square().sum(),
    "shifted Gram, absolute": lambda f, p: (shifted(f) - shifted(p)).abs().mean(),
    "shifted further": lambda f, p: (shifted(f, 3) - shifted(p, 3)).square().mean(),
    "Gram, absolute": lambda f, p: (gram_matrix(f) - gram_matrix(p)).abs().mean(),
    "largest values": lambda f, p: mean_and(lambda x: x.amax((2, 3)))(f, p),
    "spectrum": squared(spectrum),
    "correlations": squared(correlations),
    "kernel": kernel_distance,
    "random directions, seeded": squared(random_directions),
    "Gram of coarser activations": squared(lambda x: gram_matrix(F.avg_pool2d(x, 2))),
    "two of the six": lambda f, p: squared(gram_matrix)(f, p) + mean_and(lambda x: x.std((2, 3)))(f, p),
    "sorted values, absolute": lambda f, p: in_order(f, p).abs().mean(),
    "third moments": lambda f, p: mean_and(lambda x: x.pow(3).mean((2, 3)))(f, p),
    "in double precision": lambda f, p: squared(neighbours)(f.double(), p.double()),
    "a root with a little under it": lambda f, p: (squared(shifted)(f, p) + 1e-6).sqrt(),
    "a norm": lambda f, p: (shifted(f) - shifted(p)).norm(),
}, [
    (lambda f, p: None, "None"),
    (lambda f, p: (means(f) - means(p)).square().sum().item(), "a tensor is expected, got float"),
    ("a tuple", lambda f, p: (means(f), means(p)), "a tensor is expected, got tuple"),
    ("a logarithm", squared(lambda x: means(x).log()), "a logarithm of 0"),
    (lambda f, p: (means(f) - means(p)).square(), "one number, got the shape (1, 5)"),
    (lambda f, p: (means(f) - means(p)).square().mean(1), "a scalar has no dimensions"),
    (lambda f, p: (f - p).square().mean(), "may differ in size"),
    ("a mistake at any size", lambda f, p: (f @ f).sum(), "your code stopped with RuntimeError"),
    (lambda f, p: (means(f) - means(p)).square().sum() / 0, "divided by 0"),
    (lambda f, p: (means(f) - means(p)).sum(), "below 0"),
    (lambda f, p: f.sum() * 0, "notice something"),
    ("more is never too much", lambda f, p: (means(p) - means(f)).relu().square().sum(),
        "too much must count"),
    (lambda f, p: means(f).square().sum(), "for the painting itself"),
    (lambda f, p: (means(f) / (means(f) + 1e-9) * (means(f) - means(p))).square().sum(), "best of all"),
    (lambda f, p: (means(f) - means(p)).square().sum() * torch.rand(()), "fix the seed"),
    ("new directions for each picture", squared(lambda x: torch.randn(8, 5) @ means(x).T), "fix the seed"),
    (lambda f, p: (f.sum((2, 3)) - p.sum((2, 3))).square().sum(), "number of positions"),
    ("a sum over sorted values", lambda f, p: in_order(f, p).abs().sum(), "4 times as far"),
    ("times the number of positions", lambda f, p: squared(means)(f, p) * f[0, 0].numel(), "4 times as far"),
    ("divided by it once more", lambda f, p: squared(means)(f, p) / f[0, 0].numel(), "0.25 times as far"),
    ("position by position", lambda f, p: at_positions(f, p).square().mean(), "places"),
    ("position by position, absolute", lambda f, p: at_positions(f, p).abs().mean(), "places"),
    ("position by position, angles",
     lambda f, p: (1 - F.cosine_similarity(f, F.interpolate(p, f.shape[2:]))).mean(), "places"),
    ("one corner", lambda f, p: (f[..., 0, 0] - p[..., 0, 0]).square().mean(), "places"),
    ("region by region", squared(lambda x: F.adaptive_avg_pool2d(x, 4)), "places"),
    ("row by row", squared(lambda x: F.adaptive_avg_pool2d(x, (4, 1))), "places"),
    ("column by column", squared(lambda x: F.adaptive_avg_pool2d(x, (1, 4))), "places"),
    (lambda f, p: (means(f.detach()) - means(p)).square().sum(), "cut off"),
    ("a root of a variance", lambda f, p: (f.var((2, 3)).sqrt() - p.var((2, 3)).sqrt()).square().sum(),
        "an empty picture"),
    ("a root of the distance", lambda f, p: squared(shifted)(f, p).sqrt(), "leave the last root out"),
    ("a root of the Gram distance", lambda f, p: squared(gram_matrix)(f, p).sqrt(),
        "leave the last root out"),
    (lambda f, p: squared(lambda x: means((x * 5).round().detach() + 0 * x))(f, p),
        "no slope"),
    (lambda f, p: (means(f.mul_(2)) - means(p)).square().sum(), "your function changes features"),
    (changes_the_painting, "your function changes painting"),
    *[(lambda f, p, s=s: 7 * s.distance(f, s.describe(p)), f"the statistic {name!r}")
      for name, s in STATISTICS.items()],
    ("Gram by hand", lambda f, p: (gram_matrix(f) - gram_matrix(p)).square().sum(), "the statistic 'gram'"),
    ("mean and deviation, by M - 1", mean_and(lambda x: (x.var((2, 3)) + 1e-5).sqrt()),
        "the statistic 'mean_variance'"),
    ("mean and deviation, by M - 1, another eps", mean_and(lambda x: (x.var((2, 3)) + 1e-8).sqrt()),
        "the statistic 'mean_variance'"),
    ("mean and variance", mean_and(lambda x: x.var((2, 3))), "the statistic 'mean_variance'"),
    ("mean and variance, by M", mean_and(lambda x: x.var((2, 3), correction=0)),
        "the statistic 'mean_variance'"),
    ("covariance by M - 1", squared(covariance), "the statistic 'covariance'"),
])
