"""Checkers of notebook 00."""
import torch

from ..networks import PREPROCESSING
from .verdict import Mistake, compare, exercise

_, FACTOR, MEAN, _ = PREPROCESSING["oxford"]


@exercise
def deprocess(answer):
    """Check a function that undoes the Oxford preprocessing: BGR, 0..255, mean subtracted -> RGB in [0, 1]."""
    picture = torch.rand(2, 3, 5, 7, generator=torch.Generator().manual_seed(0))
    mean = torch.tensor(MEAN).view(1, 3, 1, 1)
    prepared = picture.flip(1) * FACTOR - mean
    given = prepared.clone()
    got = answer(given)
    if not torch.equal(given, prepared):
        raise Mistake("your function changed the tensor it was given: write `x = x + mean`, not `x += mean`")
    compare(got, picture, mistakes=[
        (picture.flip(1), "red and blue are swapped: the network's order is blue, green, red; flip dimension 1"),
        (picture.flip(1).flip(2), "the picture is upside down: flip dimension 1, the channels, not dimension 2"),
        (picture.flip(1).flip(3), "left and right are swapped: flip dimension 1, the channels, not dimension 3"),
        (picture * FACTOR, "right picture, wrong range: the values go up to 255; divide by 255"),
        ((picture * FACTOR).clamp(0, 1), "nearly everything is 1: divide by 255 before you clamp"),
        (prepared.flip(1) / FACTOR, "too dark: the mean is still missing; add it"),
        ((prepared / FACTOR).flip(1).clamp(0, 1), "too dark: the mean is still missing; add it"),
        ((prepared.flip(1) + mean) / FACTOR, "a colour cast: the mean is in the order blue, green, red, so add it before you flip"),
        (((prepared.flip(1) + mean) / FACTOR).clamp(0, 1),
         "a colour cast: the mean is in the order blue, green, red, so add it before you flip"),
        ((prepared / FACTOR + mean).flip(1), "the mean belongs to the range 0 to 255: add it first, then divide by 255"),
        ((prepared / FACTOR + mean).flip(1).clamp(0, 1), "the mean belongs to the range 0 to 255: add it first, then divide by 255"),
        (((prepared - mean) / FACTOR).flip(1), "the mean was subtracted a second time: add it"),
        (((prepared - mean) / FACTOR).flip(1).clamp(0, 1), "the mean was subtracted a second time: add it"),
    ])
    outside = answer(prepared + 200)
    if outside.max() > 1:
        raise Mistake("right for ordinary pictures, but an optimised one can leave the range: clamp the result to [0, 1]")
