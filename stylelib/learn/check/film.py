"""Checkers of notebook 09: bringing a picture along, flicker, the temporal loss, and a hunt for two bugs."""
import math
from collections.abc import Callable, Iterator

import torch
import torch.nn.functional as F
from torch import Tensor

from ...engine.language import mark, tr
from ...film.flow import warp as brought_along
from .verdict import (
    Mistake,
    Mistakes,
    compare,
    compare_gradient,
    equal,
    exercise,
    holds_elsewhere,
    number,
    recognise,
    watched,
)

LEVELS = 255
BACKWARDS = mark("the direction is wrong: the flow says where the content of pixel p lies in `{image}`, so "
                 "look there, at p + flow(p), not at p - flow(p)")
EXCHANGED = mark("x and y are exchanged: the flow's channel 0 is x, to the right, channel 1 is y, down; and "
                 "grid_sample wants x first in the last dimension, too")
BOTH = mark("two mistakes at once: x and y are exchanged (x comes first, in the flow and in grid_sample's "
            "last dimension), and the direction is wrong (look at p + flow(p))")
SIDES = mark("width and height are exchanged: x runs to W - 1, y to H - 1")
PIXELS = mark("grid_sample does not count in pixels, but from -1 at the middle of the first pixel to 1 at "
              "that of the last: 2 * x / (W - 1) - 1 with align_corners=True, also for the flow")
HALF = mark("from -1 to 1 it is 2, not 1: a pixel is 2 / (W - 1) wide")
SPACES = mark("with align_corners=True, -1 and 1 are the *middles* of the first and the last pixel: there "
              "are W - 1 steps between W of them. Divide by W - 1 and H - 1, not by W and H")
ALIGN = mark("your places count from the middle of the first pixel to that of the last: say so by "
             "align_corners=True, or everything gets a little smaller")
POSITIONS = mark("a flow is relative to each pixel: its own position is missing. Add the flow to x = 0, 1, 2 "
                 "... and y = 0, 1, 2 ... (torch.meshgrid)")
ORDER = mark("`view` and `reshape` read numbers in the order in which they are stored, and mix x with y: "
             "move the channels to the end with .permute(0, 2, 3, 1)")
TURNED = mark("rows and columns are exchanged: .permute(0, 2, 3, 1) takes (N, 2, H, W) to (N, H, W, 2)")
BORDER = mark("outside of the picture its border goes on: padding_mode=\"border\"")
BILINEAR = mark("places between pixels are rounded to the nearest one: interpolate between its four "
                "neighbours, mode=\"bilinear\"")
CUBIC = mark("this is bicubic interpolation; here take mode=\"bilinear\", between four neighbours")
PUSHED = mark("you push each pixel of `{image}` to another place, which leaves holes: *fetch* instead. At "
              "each pixel p of the result stands what `{image}` shows at p + flow(p)")
BATCH = mark("all pictures are moved along the flow of the first: each has its own, flow[i]")
FROM_0 = mark("subtract 1: the places should go from -1 to 1, yours go from 0 to 2")
CANCEL = mark("differences of both signs cancel: take .abs() of each of them, before the mean")
SAME = mark("`{image}` has not been moved at all")
ERRORS = (
    ("same batch size", mark("grid_sample wants a place for each pixel of each picture: a grid (N, H, W, 2), "
                             "not one for all ({error})")),
    ("last dimension", mark("grid_sample wants x and y in the last dimension, (N, H, W, 2): .permute(0, 2, "
                            "3, 1) ({error})")),
    ("same number of spatial dimensions", mark("grid_sample wants a grid (N, H, W, 2) ({error})")),
    ("scalar type", mark("picture and grid must both be floats ({error})")),
    ("same dtype", mark("picture and grid must both be floats ({error})")),
    *((words, mark("the shapes do not fit ({error}). Is it height, then width? "
                   "torch.meshgrid(torch.arange(H), torch.arange(W), indexing=\"ij\") gives y and x, both "
                   "(H, W), in this order"))
      for words in ("size of tensor", "must match", "stack expects", "broadcast")),
)


# ------------------------------------------------------------------------------------------------------- warp

@exercise
def warp(answer: Callable) -> str:
    """Check `warp(image, flow)`: image at p + flow(p), bilinear, its border goes on."""
    image, flow = _picture(0, 2, 3, 12, 17), _flow(1, 2, 12, 17)
    got = watched(answer, ERRORS, image=image, flow=flow)
    compare(got, _bilinear(image, flow), list(_named(_wrong_moves(image, flow), "image")))
    image, flow = _picture(2, 1, 4, 15, 11), _flow(3, 1, 15, 11)
    holds_elsewhere(answer, _bilinear(image, flow), image=image, flow=flow)
    return tr("So the frame before comes to where its things are now.")


def _picture(seed, *shape):
    """In [0, 1], no two pixels alike."""
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed))


def _flow(seed, count, height, width):
    """A few pixels in all directions, other ones along x than along y; some lead out of the picture."""
    generator = torch.Generator().manual_seed(seed)
    coarse = 2.5 * torch.randn(count, 2, 3, 4, generator=generator) + torch.tensor([1.3, -0.6]).view(2, 1, 1)
    return F.interpolate(coarse, (height, width), mode="bicubic", align_corners=True)


def _bilinear(image, flow):
    return brought_along(image, flow, "bilinear")


def _positions(flow):
    """x and y of each pixel, (2, H, W)."""
    height, width = flow.shape[2:]
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    return torch.stack([x, y]).to(flow.dtype)


def _steps(flow):
    """How many steps there are from the first to the last pixel, (W - 1, H - 1) as (2, 1, 1)."""
    height, width = flow.shape[2:]
    return torch.tensor([width - 1.0, height - 1.0]).view(2, 1, 1)


def _sampled(image, grid, **options):
    """grid_sample with a grid (N, 2, H, W), x first."""
    options = {"padding_mode": "border", "align_corners": True, **options}
    return F.grid_sample(image, grid.permute(0, 2, 3, 1), **options)


def _named(mistakes, image):
    """The same mistakes, whose hints call the picture by its name."""
    return ((wrong, tr(hint, image=image)) for wrong, hint in mistakes)


def _wrong_moves(image: Tensor, flow: Tensor) -> Iterator[tuple[Tensor, str]]:
    """(wrong result of a warp, hint not yet translated)."""
    own, steps = _positions(flow), _steps(flow)
    yield image, SAME
    yield from _wrong_directions(image, flow)
    yield from _wrong_units(image, flow)
    grid = 2 * (own + flow) / steps - 1
    yield _sampled(image, 2 * (own + flow) / steps.flip(0) - 1), SIDES
    for wrong in (2 * flow / steps - 1, 2 * flow / steps, flow):
        yield _sampled(image, wrong), POSITIONS
    height, width = flow.shape[2:]
    yield F.grid_sample(image, grid.reshape(-1, height, width, 2), padding_mode="border",
                        align_corners=True), ORDER
    yield _sampled(image, grid.mT), TURNED
    for padding in ("zeros", "reflection"):
        yield _sampled(image, grid, padding_mode=padding), BORDER
    yield _sampled(image, grid, mode="nearest"), BILINEAR
    yield _sampled(image, 2 * (own + flow).floor() / steps - 1), BILINEAR
    yield _sampled(image, grid, mode="bicubic"), CUBIC
    yield _sampled(image, grid[:1].expand_as(grid)), BATCH
    for background in (torch.zeros_like(image), image):
        yield _pushed(image, flow, background.clone()), PUSHED


def _wrong_directions(image, flow):
    """Signs, and the order of x and y."""
    own, steps = _positions(flow), _steps(flow)
    yield _sampled(image, 2 * (own - flow) / steps - 1), BACKWARDS
    for sign, hint in ((1, EXCHANGED), (-1, BOTH)):
        yield _sampled(image, 2 * (own + sign * flow.flip(1)) / steps - 1), hint
        yield _sampled(image, (2 * (own + sign * flow) / steps - 1).flip(1)), hint
        yield _sampled(image, 2 * (own + sign * flow).flip(1) / steps - 1), hint
        yield _sampled(image, 2 * (own.flip(0) + sign * flow) / steps - 1), hint


def _wrong_units(image, flow):
    """Places that are not counted from -1 to 1, or not between the middles of the outer pixels."""
    own, steps = _positions(flow), _steps(flow)
    there = own + flow
    for wrong, hint in (
            (there, PIXELS), (2 * own / steps - 1 + flow, PIXELS),
            (2 * own / steps - 1 + flow / steps, HALF), (2 * own / steps - 1 + flow / (steps + 1), HALF),
            (there / steps, HALF), (there / (steps + 1), HALF), (there / steps - 1, HALF),
            (2 * there / steps, FROM_0),
            (2 * there / (steps + 1) - 1, SPACES), (2 * own / steps - 1 + 2 * flow / (steps + 1), SPACES),
            ((2 * there + 1) / (steps + 1) - 1, SPACES)):
        yield _sampled(image, wrong), hint
    yield _sampled(image, 2 * there / steps - 1, align_corners=False), ALIGN
    yield _sampled(image, 2 * there / (steps + 1) - 1, align_corners=False), ALIGN


def _pushed(image, flow, result):
    """Each pixel written to where the flow leads, the other way round."""
    height, width = flow.shape[2:]
    limits = torch.tensor([width - 1, height - 1]).view(2, 1, 1)
    there = torch.minimum((_positions(flow) + flow).round().long().clamp(min=0), limits)
    for picture, (x, y), target in zip(image, there, result):
        target[:, y, x] = picture
    return result


# ---------------------------------------------------------------------------------------------------- flicker

@exercise
def flicker(answer: Callable) -> str:
    """Check `flicker(before, frame, flow, mask)`: the mean of |frame - warped| where mask is 1, times 255."""
    given = _pair(4, 2, 12, 17)
    got = number(watched(answer, ERRORS, **given),
                 mark("one number, for all pictures, is expected, got {type_name}"))
    rights = {way: _flicker(given, way(given["before"], given["flow"])) for way in WAYS}
    found = [way for way, right in rights.items() if _near(got, right)]
    if not found:
        recognise(got, _wrong_flickers(given), _near)
        raise Mistake(tr("{got:.4g} came out, and {right:.4g} was expected. The mean of |frame - warped| "
                         "over all channels and those pixels where mask is 1, times 255", got=got,
                         right=rights[_bilinear]))
    given = _pair(5, 1, 15, 20)
    right = torch.tensor(_flicker(given, found[0](given["before"], given["flow"])))
    holds_elsewhere(lambda *values: torch.tensor(float(number(answer(*values)))), right, **given)
    return tr("In grey levels: 0 is a film that changes only by moving.")


def _bicubic(image, flow):
    return brought_along(image, flow, "bicubic")


def _clamped(image, flow):
    return _bicubic(image, flow).clamp(0, 1)


WAYS = (_bilinear, _bicubic, _clamped)          # ways to bring a picture along that are all right


def _pair(seed, count, height, width):
    """Arguments of `flicker`: a frame, its predecessor, and a mask with as many pixels in each picture."""
    flow = _flow(seed, count, height, width)
    before, frame = _picture(seed, count, 3, height, width), _picture(seed + 10, count, 3, height, width)
    order = torch.rand(count, height * width, generator=torch.Generator().manual_seed(seed + 20))
    mask = (order.argsort(1) < 0.6 * height * width).view(count, 1, height, width).float()
    frame = torch.where(mask == 1, 0.3 + 0.7 * frame, 0.2 * frame)      # so that sign and mask show
    return {"before": before, "frame": frame, "flow": flow, "mask": mask}


def _near(one, other):
    return math.isclose(one, other, rel_tol=1e-3)


def _flicker(given, moved):
    return float(LEVELS * _mean((given["frame"] - moved).abs(), given["mask"]))


def _mean(values, mask):
    """Over all channels and those pixels that were seen."""
    return (mask * values).sum() / (mask.sum() * values.shape[1])


def _wrong_flickers(given: dict[str, Tensor]) -> Mistakes:
    """(wrong number, hint); each also where grey levels were forgotten, too."""
    before, frame, flow, mask = given.values()
    wrong: list[tuple[float, str]] = []
    for way in WAYS:
        wrong += _wrong_means(frame - way(before, flow), mask)
        for one, other, hint in (
                (before, way(frame, flow), tr("the frame is warped, and `before` is not: bring `before` "
                                              "along to where its things are now, warp(before, flow)")),
                (way(frame, flow), way(before, flow), tr("both are warped: the frame stays as it is")),
                (frame, way(before, -flow), tr(BACKWARDS, image="before")),
                (frame, way(before, flow.flip(1)), EXCHANGED)):
            wrong.append((float(LEVELS * _mean((one - other).abs(), mask)), hint))
    wrong.append((float(LEVELS * _mean((frame - before).abs(), mask)),
                  tr("`before` is not warped, so that motion counts as flicker: warp(before, flow)")))
    wrong.append((float(LEVELS * (frame - before).abs().mean()),
                  tr("`before` is not warped, and the mask is not used")))
    for value, hint in wrong:
        yield value, hint
        # Translators: {hint} is a whole hint
        yield value / LEVELS, tr("{hint}. And in grey levels it is times 255", hint=tr(hint))
    for way in WAYS:
        right = _flicker(given, way(before, flow))
        yield right / LEVELS, tr("right, but for its unit: in grey levels it is times 255")
        yield right / LEVELS * 256, tr("grey levels go from 0 to 255: times 255, not 256")


def _wrong_means(difference: Tensor, mask: Tensor) -> list[tuple[float, str]]:
    """(wrong number, hint) for the right difference."""
    size, seen = difference.abs(), mask.sum()
    pixels = mask.numel()
    pairs = [
        (size.mean(), tr("the mask is not used: hidden pixels count, too")),
        ((mask * size).mean(), tr("the sum is over the visible pixels, but divided by the number of all: "
                                  ".mean() counts hidden pixels as calm. Divide by mask.sum() * 3")),
        ((mask * size).sum() / pixels, tr("the sum is divided by the number of all pixels: divide by "
                                          "mask.sum() and by the 3 channels")),
        ((mask * size).sum() / seen, tr("three times too large: mask.sum() counts pixels, and each has 3 "
                                        "channels. Divide by mask.sum() * 3")),
        ((mask * size).sum(), tr("a sum came back: divide by the number of values, mask.sum() * 3")),
        (_mean(size, 1 - mask), tr("only the hidden pixels count: mask is 1 where a pixel *was* visible")),
        (_mean(difference, mask), CANCEL), (-_mean(difference, mask), CANCEL),
        (_mean(difference.mean(1, keepdim=True).abs(), mask), tr(
            "channels of both signs cancel: take .abs() before the mean over the channels")),
        (_mean(size.square(), mask), tr("these are squares: take .abs()")),
        (LEVELS * _mean(size.square(), mask), tr("these are squares: take .abs()")),
        (_mean(size.square(), mask).sqrt(), tr("this is the root of the mean square: take the mean "
                                               "of .abs()")),
    ]
    return [(float(LEVELS * value), hint) for value, hint in pairs]


# ---------------------------------------------------------------------------------------------- temporal loss

@exercise
def temporal_loss(answer: Callable) -> str:
    """Check `temporal_loss(image, warped, mask)`: sum of mask (image - warped)^2, by the number of values."""
    given = _pair(6, 1, 12, 17)
    image, warped, mask = given["frame"].requires_grad_(True), given["before"], given["mask"]
    got = watched(answer, ERRORS, image=image.clone(), warped=warped, mask=mask)
    right = _temporal(image, warped, mask)
    compare(got, right.detach(), list(_wrong_losses(image.detach() - warped, mask)))
    compare_gradient(got, right, image)
    given = _pair(7, 1, 15, 20)
    image, warped, mask = given["frame"], given["before"], given["mask"]
    holds_elsewhere(answer, _temporal(image, warped, mask), image=image, warped=warped, mask=mask)
    return tr("Where the mask is 0, the picture is free.")


def _temporal(image, warped, mask):
    return (mask * (image - warped).square()).sum() / image.numel()


def _wrong_losses(difference: Tensor, mask: Tensor) -> Mistakes:
    """(wrong loss, hint)."""
    squares, values = difference.square(), difference.numel()
    kept = mask * squares
    yield squares.mean(), tr("the mask is not used: hidden pixels are held, too")
    yield ((1 - mask) * squares).mean(), tr("the hidden pixels are held, and the visible ones free: mask, "
                                            "not 1 - mask")
    yield kept.sum() / (mask.sum() * 3), tr("this is the mean over the visible pixels: D is the number of "
                                            "*all* values, image.numel()")
    yield kept.sum() / mask.sum(), tr("divide by the number of all values, image.numel(), not by mask.sum()")
    yield kept.sum(), tr("the division by D is missing: image.numel()")
    yield kept.sum() / mask.numel(), tr("D counts the values of all 3 channels: image.numel(), not H * W")
    yield kept.sum() / 2 / values, tr("no factor of one half in this loss")
    yield (mask * difference.abs()).mean(), tr("these are absolute values: square the differences")
    yield kept.mean().sqrt(), tr("no root: the mean of the squares")
    yield kept.sum().sqrt() / values, tr("no root: the sum of the squares, divided by D")
    yield (mask * difference).mean(), tr("differences of both signs cancel: square each of them first")
    yield (mask * difference).mean().square(), tr("square each difference, not their mean")
    yield (mask * difference).sum().square() / values, tr("square each difference, not their sum")
    yield mask * squares, tr("the loss is one number: add up all values, divide by D")


# ---------------------------------------------------------------------------------------------- the bug hunt

@exercise
def film_bug(answer: Callable) -> str:
    """Check `steady(painted, before, flow, seen, share)`: painted, blended with before brought along."""
    given = {"share": 0.7, **_pair(8, 2, 12, 17)}
    got = watched(answer, ERRORS, **_order(given))
    rights = [_blended(given, way(given["before"], given["flow"])) for way in WAYS]
    way, right = next(((way, right) for way, right in zip(WAYS, rights) if equal(got, right)),
                      (_bilinear, rights[0]))
    compare(got, right, list(_wrong_blends(given)) if right is rights[0] else ())
    given = {"share": 0.4, **_pair(9, 1, 15, 11)}
    holds_elsewhere(answer, _blended(given, way(given["before"], given["flow"])), **_order(given))
    return tr("What moved comes along, and is painted as before.")


def _order(given):
    """As the function takes them."""
    return {"painted": given["frame"], "before": given["before"], "flow": given["flow"],
            "seen": given["mask"], "share": given["share"]}


def _blended(given, moved):
    return torch.lerp(given["frame"], moved, given["share"] * given["mask"])


def _wrong_blends(given: dict) -> Mistakes:
    """(wrong picture, hint)."""
    painted, before, flow, seen, share = _order(given).values()
    for moved, hint in _wrong_moves(before, flow):
        if hint != CUBIC and moved.shape == before.shape:
            yield _blended(given, moved), tr(LEFT.get(hint, hint), image="before")
    moved = _bilinear(before, flow)
    weight = share * seen
    yield painted, tr("`before` has no part in what comes out")
    yield moved, tr("the frame that was just painted has no part in what comes out: take share * seen of "
                    "`before`, the rest of painted")
    yield torch.lerp(painted, moved, share), tr("`before` shows through where it was hidden, too: share * "
                                                "seen of it")
    yield torch.lerp(painted, moved, seen), tr("share has no effect: share * seen of `before`")
    yield torch.lerp(moved, painted, weight), tr(
        "painted and `before` have changed places: share * seen is how much of `before` there is")
    yield torch.lerp(painted, moved, share * (1 - seen)), tr("seen is 1 where `before` may be used, not 0")
    yield torch.lerp(painted, moved, (1 - share) * seen), tr(
        "share is how much of `before` there is, not of painted")
    yield (torch.lerp(painted, _bilinear(painted, flow), weight),
           tr("the frame itself is brought along: `before` is what has to come to where its things are now"))


# What is still wrong, in the hunt's words: who has found one bug of two shall hear so
LEFT = {
    BOTH: mark("both bugs are still there. Let share be 1 and the film move to the right only: where does it "
               "go?"),
    BACKWARDS: mark("one bug is found, x and y are right. Now, does `before` move *with* the film, or "
                    "against it?"),
    EXCHANGED: mark("one bug is found, the sign of the flow. Now let the film move to the right only: does "
                    "`before`, too? Which comes first for grid_sample, x or y?"),
    SAME: mark("`before` is not brought along any more"),
}
