"""The checker of notebook 00 accepts the right answer and knows the mistakes that learners make."""
import pytest
import torch

from stylelib.check import deprocess
from stylelib.check.verdict import CORRECT, NOT_ATTEMPTED

MEAN = torch.tensor([103.939, 116.779, 123.68]).view(1, 3, 1, 1)


def unsolved(x):
    raise NotImplementedError


def changes_its_argument(x):
    x += MEAN
    return (x.flip(1) / 255).clamp(0, 1)


def verdict(capsys, answer):
    deprocess(answer)
    return capsys.readouterr().out.strip()


def test_right(capsys):
    assert verdict(capsys, lambda x: ((x + MEAN) / 255).flip(1).clamp(0, 1)) == CORRECT
    assert verdict(capsys, lambda x: ((x.flip(1) + MEAN.flip(1)) / 255).clamp(0, 1)) == CORRECT


def test_unsolved(capsys):
    assert verdict(capsys, unsolved) == NOT_ATTEMPTED


@pytest.mark.parametrize("answer, words", [
    (lambda x: None, "None"),
    (lambda x: x.numpy(), "tensor is expected, got ndarray"),
    (lambda x: 1 / 0, "ZeroDivisionError"),
    (lambda x: (x[0] + MEAN) / 255, "shape should be (2, 3, 5, 7)"),
    (lambda x: (x + MEAN) / 255, "red and blue are swapped"),
    (lambda x: ((x + MEAN) / 255).flip(2).flip(1).flip(1), "flip dimension 1"),
    (lambda x: ((x + MEAN) / 255).flip(1).flip(3), "largest difference"),
    (lambda x: (x + MEAN).flip(1), "divide by 255"),
    (lambda x: (x + MEAN).flip(1).clamp(0, 1), "divide by 255 before you clamp"),
    (lambda x: (x / 255).flip(1).clamp(0, 1), "add it"),
    (lambda x: ((x.flip(1) + MEAN) / 255).clamp(0, 1), "before you flip"),
    (lambda x: (x / 255 + MEAN).flip(1), "first, then divide"),
    (lambda x: ((x - MEAN) / 255).flip(1), "second time"),
    (changes_its_argument, "changed the tensor"),
    (lambda x: ((x + MEAN) / 255).flip(1), "clamp the result"),
])
def test_each_mistake_has_its_hint(answer, words, capsys):
    text = verdict(capsys, answer)
    assert text.startswith("Not yet: ") and words in text
