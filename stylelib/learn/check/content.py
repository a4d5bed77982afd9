"""Checkers of notebook 02: the content loss, its gradient, and which layer to take."""
from collections.abc import Callable

import torch

from ...engine.language import mark, tr
from .verdict import (
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
        got = returned(answer(aim), tr("does each way through it end with `return`, also for {aim!r}?",
                                       aim=aim))
        if not isinstance(got, str):
            raise Mistake(tr("for {aim!r} a layer's name is expected, such as 'relu3_2', got {type_name}",
                             aim=aim, type_name=type(got).__name__))
        if got.startswith("conv") and got.replace("conv", "relu") in LAYERS:
            raise Mistake(tr("for {aim!r} you chose {got!r}: the five reconstructions were made after the "
                             "ReLU, write {instead!r}",
                             aim=aim, got=got, instead=got.replace("conv", "relu")))
        if got not in LAYERS:
            raise Mistake(tr("for {aim!r} you chose {got!r}: choose one of {names}",
                             aim=aim, got=got, names=", ".join(LAYERS)))
        if got != right:
            raise Mistake(tr("for {aim!r} you chose {got!r}: {why}", aim=aim, got=got, why=tr(hints[got])))


# {aim: (right layer, {wrong layer: why not})}
AIMS = {
    "copy": ("relu1_2", {
        "relu2_2": mark("close, but in the table its pixel error is larger, and each evaluation costs more"),
        "relu3_2": mark("its pixels are visibly off. Which row of the table has the smallest pixel error?"),
        "relu4_2": mark("it lets the pixels go: colours and fine texture are invented. Look for the "
                        "smallest pixel error"),
        "relu5_2": mark("of all five it lets go most of the pixels. Look for the smallest pixel error"),
    }),
    "conv_4": ("relu2_2", {
        "relu1_2": mark("block 1 has only two convolutions, conv1_1 and conv1_2. Go on counting to four"),
        "relu3_2": mark("that is the sixth convolution: block 1 has two, block 2 has two. Stop counting at "
                        "four"),
        "relu4_2": mark("this reads the 4 as a block, as the papers name layers. Here it is a count: 1_1, "
                        "1_2, 2_1, ..."),
        "relu5_2": mark("that is the fourteenth convolution. Count: 1_1, 1_2, 2_1, ..."),
    }),
    "repaint": ("relu4_2", {
        "relu1_2": mark("it holds on to every pixel: a painting could change nothing without being punished"),
        "relu2_2": mark("it holds on to nearly every pixel: there is no room for brush strokes"),
        "relu3_2": mark("everything stays in its place, but so does the fine texture: strokes would be "
                        "punished. One block deeper"),
        "relu5_2": mark("colours and strokes are free, but the edges of things wobble too. One block less "
                        "deep"),
    }),
    "memory": ("relu5_2", {
        "relu1_2": mark("it holds on to every pixel: that is a copy, not a memory"),
        "relu2_2": mark("it holds on to nearly every pixel: that is a copy, not a memory"),
        "relu3_2": mark("every edge is still in its place. Look for the picture in which even edges wobble"),
        "relu4_2": mark("the edges of things still stand where they stood. One block deeper they wobble"),
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
         tr("this is eq. 1 as printed, half the sum, and it grows with the size of the picture. Take the "
            "mean here")),
        (square.sum(),
         tr("this is the sum of all squares, and it grows with the size of the picture: take the mean")),
        (square.mean() / 2,
         tr("half as large as it should be: eq. 1 has 1/2 in front of its sum, the mean here has none")),
        (difference.mean(), tr("the square is missing: without it, differences of opposite sign cancel out")),
        (difference.sum(), tr("the square is missing, and a sum is taken where the exercise asks for the "
                              "mean")),
        (difference.mean().square(),
         tr("the square comes too late: first square each difference, then take the mean")),
        (difference.sum().square(),
         tr("the square comes too late: first square each difference, then take the mean")),
        ((target + difference).square().mean() - target.square().mean(),
         tr("first subtract, then square: (F - P)^2, not F^2 - P^2")),
        (difference.abs().mean(),
         tr("you took absolute values: eq. 1 has squares, which punish large differences more")),
        (square.mean().sqrt(), tr("you took the root at the end: leave it out")),
        (square.sum().sqrt(),
         tr("this is the length of the difference (a norm): square it, and divide by the number of values")),
        (square.mean() / target.square().mean(),
         tr("this is the relative loss, which comes later: do not divide by the target's mean square")),
        (square.sum() / len(difference),
         tr("divided by the number of pictures only: take the mean over all values")),
        (square.sum() / positions,
         tr("divided by the number of positions only: take the mean over all values, channels and pictures "
            "too")),
        (square.sum() / (positions * len(difference)),
         tr("divided by pictures and positions, but not by channels: take the mean over all values")),
        (square.sum() / (n // len(difference)),
         tr("divided by the values of one picture: the mean runs over all pictures of the batch")),
        *((square.sum() / first * (n / first),
           tr("wrong scale, brackets are missing: a / b * c is (a / b) * c. Write a / (b * c), or take "
              ".mean()"))
          for first in (*SHAPE, SHAPE[0] * SHAPE[1])),
        (square.sum() / SHAPE[2] * SHAPE[3],
         tr("wrong scale, brackets are missing: a / b * c is (a / b) * c. Write a / (b * c). And channels "
            "and pictures count too: take .mean()")),
        *((square.sum(0) / scale, tr("Python's sum() adds up the pictures only: take .sum() or .mean()"))
          for scale in (1, n)),
        (square, tr("one value for each activation: a loss is one number, so take the mean of them all")),
        (square.mean((1, 2, 3)),
         tr("one loss for each picture of the batch: the loss is one number, so take the mean of them all")),
        (square.mean((2, 3)),
         tr("one loss for each channel: the loss is one number, so take the mean of them all")),
    ]


def _wrong_gradients(features, target):
    """(wrong gradient, hint)."""
    difference, open_gate, n = features - target, features > 0, features.numel()
    right = 2 / n * difference * open_gate
    return [
        (2 / n * difference,
         tr("the right factor, but one thing is missing: where F is 0 the ReLU is closed and lets no "
            "gradient through. Multiply by (features > 0)")),
        (difference * open_gate,
         tr("this is eq. 2 as printed: the gradient of half the sum. Our loss is the mean: the square "
            "brings a factor 2, the mean a factor 1/n")),
        (difference,
         tr("F - P is the heart of it. Two things are missing: the factor 2/n of a mean of squares, and the "
            "mask F > 0")),
        (difference * open_gate / n,
         tr("right pattern, half as large as it should be: the derivative of a square brings a factor 2")),
        (difference / n, tr("two things are missing: the factor 2 of the square, and the mask F > 0")),
        (2 * difference * open_gate,
         tr("right pattern, wrong scale: the loss is a mean, so divide by the number of values, "
            "features.numel()")),
        (2 * difference, tr("two things are missing: divide by the number of values, and the mask F > 0")),
        *((-scale * difference * open_gate,
           tr("wrong sign, and another scale: the gradient is 2/n times F - P, where F > 0"))
          for scale in (1, 2, 1 / n)),
        *((-scale * difference,
           tr("wrong sign, another scale, and no mask: the gradient is 2/n times F - P, and only where F "
              "> 0"))
          for scale in (1, 2, 1 / n)),
        (-right, tr("right size, wrong sign: the gradient points uphill, from the photo away: F - P")),
        (-2 / n * difference, tr("wrong sign, and no mask: the gradient is F - P, and only where F > 0")),
        (2 / n * difference * (target > 0),
         tr("your mask looks at the photo, P > 0. The ReLU that closes is the picture's: F > 0")),
        (2 / n * difference.relu(),
         tr("your mask looks at F - P, and so nothing is ever pulled up. The ReLU closes where F itself is "
            "0: F > 0")),
        (2 / n * difference.square() * open_gate,
         tr("the derivative of a square is no longer a square: 2 (F - P)")),
        (2 / features[0].numel() * difference * open_gate,
         tr("too large for a batch: the mean runs over all values, those of all pictures. Use "
            "features.numel()")),
        (2 / (SHAPE[2] * SHAPE[3]) * difference * open_gate,
         tr("too large: the mean runs over all values, not only over positions H*W. Use features.numel()")),
        (right.sum(),
         tr("you added everything up: the gradient has one value for each value of F, so the same shape")),
        (right.mean(), tr("you took the mean: the gradient has one value for each of F, so the same shape")),
        (difference.square().mean(),
         tr("this is the loss itself: the exercise asks for its derivative, one value for each value of F")),
    ]
