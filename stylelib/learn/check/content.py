"""Checkers of notebook 02: the content loss, its gradient, and which layer to take."""
from collections.abc import Callable

import torch

from .verdict import (
    BRACKETS,
    Mistake,
    compare,
    compare_gradient,
    exercise,
    holds_elsewhere,
    returned,
    watched,
)

SHAPE = (3, 4, 5, 7)        # pictures, channels, rows, columns: all different, so that no mix-up goes unseen
OTHER_SHAPE = (2, 3, 8, 6)  # shows numbers that an answer has from SHAPE alone
LAYERS = ("relu1_2", "relu2_2", "relu3_2", "relu4_2", "relu5_2")


@exercise
def content_loss(answer: Callable) -> None:
    """Check `content_loss(features, target)`: the mean of the squared differences, with its gradient."""
    activations, target = _activations()
    activations.requires_grad_(True)
    right = (activations - target).square().mean()
    got = watched(answer, features=activations.clone(), target=target.clone())
    compare(got, right.detach(), _wrong_losses((activations - target).detach(), target))
    compare_gradient(got, right, activations)
    features, target = _activations(OTHER_SHAPE)
    holds_elsewhere(answer, (features - target).square().mean(), features=features, target=target)


@exercise
def content_gradient(answer: Callable) -> None:
    """Check `content_gradient(features, target)`: the gradient with respect to what enters the ReLU."""
    features, target = _activations()
    right = 2 / features.numel() * (features - target) * (features > 0)
    got = watched(answer, features=features.clone(), target=target.clone())
    compare(got, right, _wrong_gradients(features, target))
    features, target = _activations(OTHER_SHAPE)
    right = 2 / features.numel() * (features - target) * (features > 0)
    holds_elsewhere(answer, right, features=features, target=target)


@exercise
def choose_layer(answer: Callable) -> None:
    """Check `choose_layer(aim)`: a layer's name for each of the aims in AIMS."""
    for aim, (right, hints) in AIMS.items():
        got = returned(answer(aim), f"does each way through it end with `return`, also for {aim!r}?")
        if not isinstance(got, str):
            raise Mistake(f"for {aim!r} a layer's name is expected, such as 'relu3_2', got "
                          f"{type(got).__name__}")
        if got.startswith("conv") and got.replace("conv", "relu") in LAYERS:
            raise Mistake(f"for {aim!r} you chose {got!r}: the five reconstructions were made after the "
                          f"ReLU, write {got.replace('conv', 'relu')!r}")
        if got not in LAYERS:
            raise Mistake(f"for {aim!r} you chose {got!r}: choose one of {', '.join(LAYERS)}")
        if got != right:
            raise Mistake(f"for {aim!r} you chose {got!r}: {hints[got]}")


# {aim: (right layer, {wrong layer: why not})}
AIMS = {
    "copy": ("relu1_2", {
        "relu2_2": "close, but in the table its pixel error is larger, and each evaluation costs more",
        "relu3_2": "its pixels are visibly off. Which row of the table has the smallest pixel error?",
        "relu4_2": "it lets the pixels go: colours and fine texture are invented. Look for the smallest "
                   "pixel error",
        "relu5_2": "of all five it lets go most of the pixels. Look for the smallest pixel error",
    }),
    "conv_4": ("relu2_2", {
        "relu1_2": "block 1 has only two convolutions, conv1_1 and conv1_2. Go on counting to four",
        "relu3_2": "that is the sixth convolution: block 1 has two, block 2 has two. Stop counting at four",
        "relu4_2": "this reads the 4 as a block, as the papers name layers. Here it is a count: 1_1, 1_2, "
                   "2_1, ...",
        "relu5_2": "that is the fourteenth convolution. Count: 1_1, 1_2, 2_1, ...",
    }),
    "repaint": ("relu4_2", {
        "relu1_2": "it holds on to every pixel: a painting could change nothing without being punished",
        "relu2_2": "it holds on to nearly every pixel: there is no room for brush strokes",
        "relu3_2": "everything stays in its place, but so does the fine texture: strokes would be punished. "
                   "One block deeper",
        "relu5_2": "colours and strokes are free, but the edges of things wobble too. One block less deep",
    }),
    "memory": ("relu5_2", {
        "relu1_2": "it holds on to every pixel: that is a copy, not a memory",
        "relu2_2": "it holds on to nearly every pixel: that is a copy, not a memory",
        "relu3_2": "every edge is still in its place. Look for the picture in which even edges wobble",
        "relu4_2": "the edges of things still stand where they stood. One block deeper they wobble",
    }),
}


def _activations(shape=SHAPE):
    """F and P as they come out of a ReLU: many zeros, and not at the same places."""
    generator = torch.Generator().manual_seed(2)
    features, target = (torch.randn(shape, generator=generator).relu() for _ in range(2))
    return features * 3, target * 2


def _wrong_losses(difference, target):
    """(wrong loss, hint)."""
    square, n = difference.square(), difference.numel()
    positions = SHAPE[2] * SHAPE[3]
    return [
        (square.sum() / 2,
         "this is eq. 1 as printed, half the sum, and it grows with the size of the picture. Take "
         "the mean here"),
        (square.sum(),
         "this is the sum of all squares, and it grows with the size of the picture: take the mean"),
        (square.mean() / 2,
         "half as large as it should be: eq. 1 has 1/2 in front of its sum, the mean here has none"),
        (difference.mean(), "the square is missing: without it, differences of opposite sign cancel out"),
        (difference.sum(), "the square is missing, and a sum is taken where the exercise asks for the mean"),
        (difference.mean().square(),
         "the square comes too late: first square each difference, then take the mean"),
        (difference.sum().square(),
         "the square comes too late: first square each difference, then take the mean"),
        ((target + difference).square().mean() - target.square().mean(),
         "first subtract, then square: (F - P)^2, not F^2 - P^2"),
        (difference.abs().mean(),
         "you took absolute values: eq. 1 has squares, which punish large differences more"),
        (square.mean().sqrt(), "you took the root at the end: leave it out"),
        (square.sum().sqrt(),
         "this is the length of the difference (a norm): square it, and divide by the number of values"),
        (square.mean() / target.square().mean(),
         "this is the relative loss, which comes later: do not divide by the target's mean square"),
        (square.sum() / len(difference),
         "divided by the number of pictures only: take the mean over all values"),
        (square.sum() / positions,
         "divided by the number of positions only: take the mean over all values, channels and pictures too"),
        (square.sum() / (positions * len(difference)),
         "divided by pictures and positions, but not by channels: take the mean over all values"),
        (square.sum() / (n // len(difference)),
         "divided by the values of one picture: the mean runs over all pictures of the batch"),
        *((square.sum() / first * (n / first), f"{BRACKETS}, or take .mean()")
          for first in (*SHAPE, SHAPE[0] * SHAPE[1])),
        (square.sum() / SHAPE[2] * SHAPE[3],
         f"{BRACKETS}. And channels and pictures count too: take .mean()"),
        *((square.sum(0) / scale, "Python's sum() adds up the pictures only: take .sum() or .mean()")
          for scale in (1, n)),
        (square, "one value for each activation: a loss is one number, so take the mean of them all"),
        (square.mean((1, 2, 3)),
         "one loss for each picture of the batch: the loss is one number, so take the mean of them all"),
        (square.mean((2, 3)),
         "one loss for each channel: the loss is one number, so take the mean of them all"),
    ]


def _wrong_gradients(features, target):
    """(wrong gradient, hint)."""
    difference, open_gate, n = features - target, features > 0, features.numel()
    right = 2 / n * difference * open_gate
    return [
        (2 / n * difference,
         "the right factor, but one thing is missing: where F is 0 the ReLU is closed and lets no gradient "
         "through. Multiply by (features > 0)"),
        (difference * open_gate,
         "this is eq. 2 as printed: the gradient of half the sum. Our loss is the mean: the square brings a "
         "factor 2, the mean a factor 1/n"),
        (difference,
         "F - P is the heart of it. Two things are missing: the factor 2/n of a mean of squares, and the "
         "mask F > 0"),
        (difference * open_gate / n,
         "right pattern, half as large as it should be: the derivative of a square brings a factor 2"),
        (difference / n, "two things are missing: the factor 2 of the square, and the mask F > 0"),
        (2 * difference * open_gate,
         "right pattern, wrong scale: the loss is a mean, so divide by the number of values, "
         "features.numel()"),
        (2 * difference, "two things are missing: divide by the number of values, and the mask F > 0"),
        *((-scale * difference * open_gate,
           "wrong sign, and another scale: the gradient is 2/n times F - P, where F > 0")
          for scale in (1, 2, 1 / n)),
        *((-scale * difference,
           "wrong sign, another scale, and no mask: the gradient is 2/n times F - P, and only where F > 0")
          for scale in (1, 2, 1 / n)),
        (-right, "right size, wrong sign: the gradient points uphill, from the photo away: F - P"),
        (-2 / n * difference, "wrong sign, and no mask: the gradient is F - P, and only where F > 0"),
        (2 / n * difference * (target > 0),
         "your mask looks at the photo, P > 0. The ReLU that closes is the picture's: F > 0"),
        (2 / n * difference.relu(),
         "your mask looks at F - P, and so nothing is ever pulled up. The ReLU closes where F itself is 0: "
         "F > 0"),
        (2 / n * difference.square() * open_gate,
         "the derivative of a square is no longer a square: 2 (F - P)"),
        (2 / features[0].numel() * difference * open_gate,
         "too large for a batch: the mean runs over all values, those of all pictures. Use features.numel()"),
        (2 / (SHAPE[2] * SHAPE[3]) * difference * open_gate,
         "too large: the mean runs over all values, not only over positions H*W. Use features.numel()"),
        (right.sum(),
         "you added everything up: the gradient has one value for each value of F, so the same shape"),
        (right.mean(), "you took the mean: the gradient has one value for each of F, so the same shape"),
        (difference.square().mean(),
         "this is the loss itself: the exercise asks for its derivative, one value for each value of F"),
    ]
