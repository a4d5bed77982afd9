"""Answers to the exercise of notebook 00."""
import torch

from stylelib.learn.check import deprocess

from ..answers import table

MEAN = torch.tensor([103.939, 116.779, 123.68]).view(1, 3, 1, 1)        # blue, green, red
RGB = MEAN.flip(1)


def changes_its_argument(x):
    x += MEAN
    return (x.flip(1) / 255).clamp(0, 1)


def plain(x):
    """Right but for the range."""
    return ((x + MEAN) / 255).flip(1)


ROWS = table(deprocess, {
    "flip at the end": lambda x: plain(x).clamp(0, 1),
    "flip first": lambda x: ((x.flip(1) + RGB) / 255).clamp(0, 1),
    "index instead of flip": lambda x: ((x + MEAN)[:, [2, 1, 0]] / 255).clamp(0, 1),
    "in double precision": lambda x: plain(x.double()).clamp(0, 1),
    "two halves of a clamp": lambda x: plain(x).relu().clamp(max=1),
}, [
    (lambda x: None, "None"),
    (lambda x: x.numpy(), "tensor is expected, got ndarray"),
    (lambda x: (x[0] + MEAN) / 255, "shape should be (2, 3, 5, 7)"),
    (lambda x: (x + MEAN) / 255, "red and blue are swapped"),
    ("rows flipped", lambda x: ((x + MEAN) / 255).flip(2).flip(1).flip(1), "flip dimension 1"),
    ("columns flipped too", lambda x: plain(x).flip(3), "largest difference"),
    (lambda x: (x + MEAN).flip(1), "divide by 255"),
    (lambda x: (x + MEAN).flip(1).clamp(0, 1), "divide by 255 before you clamp"),
    (lambda x: (x / 255).flip(1).clamp(0, 1), "add it"),
    ("BGR mean after the flip", lambda x: ((x.flip(1) + MEAN) / 255).clamp(0, 1), "the other order"),
    ("RGB mean before the flip", lambda x: ((x + RGB) / 255).flip(1).clamp(0, 1), "the other order"),
    (lambda x: (x / 255 + MEAN).flip(1), "first, then divide"),
    (lambda x: ((x - MEAN) / 255).flip(1), "second time"),
    (changes_its_argument, "your function changes x"),
    ("no clamp", plain, "clamp the result"),
    ("upper half of a clamp", lambda x: plain(x).clamp(max=1), "go below 0"),
    ("upper half by where", lambda x: torch.where(plain(x) > 1, 1, plain(x)), "go below 0"),
    ("lower half of a clamp", lambda x: plain(x).relu(), "go above 1"),
    ("wraps around", lambda x: plain(x) % 1, "wrap around"),
    ("numbers without a shape", lambda x: plain(x - MEAN + MEAN.flatten()), "view(1, 3, 1, 1)"),
    ("clamp before the division", lambda x: (x + MEAN).flip(1).clamp(0, 1) / 255, "nearly black"),
    ("xor for power", lambda x: (plain(x) * 255 ^ 2).clamp(0, 1), "power is `**`"),
])
