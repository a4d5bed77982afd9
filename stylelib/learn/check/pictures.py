"""Checker of notebook 00: a picture back from the form that a network takes."""
from collections.abc import Callable

import torch

from ...engine.language import tr
from ...networks import PREPROCESSING
from .verdict import compare, exercise, watched

OXFORD = PREPROCESSING["oxford"]


@exercise
def deprocess(answer: Callable) -> None:
    """Check a function that undoes the preprocessing: BGR, 0..255, mean subtracted -> RGB in [0, 1]."""
    picture = torch.rand(2, 3, 5, 7, generator=torch.Generator().manual_seed(0))
    prepared = _prepare(picture)
    misfit = tr("the mean's three numbers must stand in the dimension of the channels: "
                "torch.tensor([...]).view(1, 3, 1, 1) ({error})")
    got = watched(answer, [("size of tensor", misfit)], x=prepared.clone())
    compare(got, picture, list(_wrong_pictures(picture, prepared)))
    wide = 3 * picture - 1                   # an optimised picture can leave [0, 1], at both ends
    got = watched(answer, x=_prepare(wide))
    compare(got, wide.clamp(0, 1), [
        (wrong, tr("right for ordinary pictures, but an optimised one can leave the range: {hint}",
                   hint=hint)) for wrong, hint in _half_ranges(wide)])


def _mean():
    return torch.tensor(OXFORD.mean).view(1, 3, 1, 1)


def _prepare(picture):
    return picture.flip(1) * OXFORD.factor - _mean()


def _wrong_pictures(picture, prepared):
    """(wrong picture, hint); each also as it looks when it is clamped."""
    mean = _mean()
    added_late = tr("the mean belongs to the range 0 to 255: add it first, then divide by 255")
    order = tr("a colour cast: channels and mean are not in the same order. x and the mean [103.939, "
               "116.779, 123.68] are both blue, green, red: add first, then flip. Only after the flip is "
               "the other order right: red, green, blue")
    for wrong, hint in (
            (picture.flip(1), tr("red and blue are swapped: the network's order is blue, green, red; flip "
                                 "dimension 1")),
            (picture.flip(1).flip(2), tr("the picture is upside down: flip dimension 1, the channels, not "
                                         "dimension 2")),
            (picture.flip(1).flip(3), tr("left and right are swapped: flip dimension 1, the channels, not "
                                         "dimension 3")),
            (prepared.flip(1) / OXFORD.factor, tr("too dark: the mean is still missing; add it")),
            (prepared / OXFORD.factor, tr("the mean is still missing; add it. And flip dimension 1, so that "
                                          "red comes first")),
            ((prepared.flip(1) + mean) / OXFORD.factor, order),
            ((prepared + mean.flip(1)).flip(1) / OXFORD.factor, order),
            ((prepared / OXFORD.factor + mean).flip(1), added_late),
            (((prepared - mean) / OXFORD.factor).flip(1), tr("the mean was subtracted a second time: "
                                                             "add it"))):
        yield wrong, hint
        yield wrong.clamp(0, 1), hint
    yield picture * OXFORD.factor, tr("right picture, wrong range: the values go up to 255; divide by 255")
    yield (picture * OXFORD.factor).clamp(0, 1), tr("nearly everything is 1: divide by 255 before you clamp")
    dark = (picture * OXFORD.factor).clamp(0, 1) / OXFORD.factor
    yield dark, tr("nearly black: divide by 255 before you clamp")


def _half_ranges(wide):
    """(picture that is right inside [0, 1] only, hint)."""
    yield wide, tr("clamp the result to [0, 1]")
    yield wide.clamp(max=1), tr("values still go below 0: clamp the result to [0, 1], at both ends")
    yield wide.clamp(min=0), tr("values still go above 1: clamp the result to [0, 1], at both ends")
    yield wide % 1, tr("its values wrap around, so that white turns black: clamp the result to [0, 1] "
                       "instead")
    yield wide.abs(), tr("what is below 0 must become 0, abs() makes it bright: clamp the result to [0, 1]")
    yield (wide.abs().clamp(max=1),
           tr("what is below 0 must become 0, abs() makes it bright: clamp the result to [0, 1]"))
    yield ((wide - wide.min()) / (wide.max() - wide.min()),
           tr("it is stretched as a whole, so its colours change: clamp it to [0, 1]"))
