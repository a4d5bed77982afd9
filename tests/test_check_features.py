"""The checkers of notebook 01 accept right answers and know the mistakes that learners make."""
import pytest
import torch
from torch import nn

from stylelib.check.features import read_layer, receptive_field
from stylelib.check.verdict import CORRECT, NOT_ATTEMPTED

from .answers import broken, unsolved, verdict


# ------------------------------------------------------------------------------------------------ receptive field
def right_field(layers):
    size, distance = 1, 1
    for kernel, stride in layers:
        size += (kernel - 1) * distance
        distance *= stride
    return size


def no_stride(layers):
    size = 1
    for kernel, _ in layers:
        size += kernel - 1
    return size


def starts_at_zero(layers):
    return right_field(layers) - 1


def stride_too_early(layers):
    size, distance = 1, 1
    for kernel, stride in layers:
        distance *= stride
        size += (kernel - 1) * distance
    return size


def own_stride_only(layers):
    size = 1
    for kernel, stride in layers:
        size += (kernel - 1) * stride
    return size


def distance_only(layers):
    distance = 1
    for _, stride in layers:
        distance *= stride
    return distance


def kernels_added(layers):
    return sum(kernel for kernel, _ in layers)


WRONG_FIELDS = [
    (no_stride, "stride has no effect"), (starts_at_zero, "start at 1"), (stride_too_early, "Add to the size first"),
    (own_stride_only, "own stride only"), (distance_only, "distance in the picture"), (kernels_added, "kernel - 1"),
    (lambda layers: 3, "sees 5 px on a side, got 3"), (lambda layers: None, "returned None"),
    (lambda layers: "3", "whole number of pixels is expected, got str"), (lambda layers: 3.5, "got 3.5"),
    (lambda layers: [3, 5], "got list"), (lambda layers: True, "got bool"), (broken, "ZeroDivisionError"),
]


@pytest.mark.parametrize("answer", [
    right_field, lambda layers: float(right_field(layers)), lambda layers: torch.tensor(right_field(layers))])
def test_receptive_field_accepts(capsys, answer):
    assert verdict(capsys, receptive_field, answer) == CORRECT


@pytest.mark.parametrize(("answer", "words"), WRONG_FIELDS)
def test_receptive_field_hints(capsys, answer, words):
    said = verdict(capsys, receptive_field, answer)
    assert said.startswith("Not yet:") and words in said


# ------------------------------------------------------------------------------------------------ reading a layer
def read_with(keep, remove=True, answer=lambda kept, result: kept[-1]):
    """A read_layer whose hook keeps `keep(input, output)`."""
    def function(model, index, image):
        kept = []

        def hook(module, inputs, output):
            kept.append(keep(inputs[0], output))

        handle = model[index].register_forward_hook(hook)
        result = model(image)
        if remove:
            handle.remove()
        return answer(kept, result)
    return function


def index_one_too_late(model, index, image):
    return read_with(lambda inputs, output: output.clone())(model, min(index + 1, len(model) - 1), image)


def switches_inplace_off(model, index, image):
    for layer in model:
        if isinstance(layer, nn.ReLU):
            layer.inplace = False
    return read_with(lambda inputs, output: output)(model, index, image)


WRONG_READERS = [
    (read_with(lambda inputs, output: output), "output.clone()"),
    (read_with(lambda inputs, output: output.detach()), "output.clone()"),
    (read_with(lambda inputs, output: inputs.clone()), "keep the output"),
    (read_with(lambda inputs, output: output.clone(), answer=lambda kept, result: result), "output of the whole model"),
    (index_one_too_late, "one layer too late"),
    (read_with(lambda inputs, output: output.clone(), remove=False), "remove()"),
    (switches_inplace_off, "no longer work in place"),
    (read_with(lambda inputs, output: output.clone(), answer=lambda kept, result: kept), "returned a list"),
    (read_with(lambda inputs, output: output.clone(), answer=lambda kept, result: {"layer": kept[0]}), "returned a dict"),
    (read_with(lambda inputs, output: output.clone(), answer=lambda kept, result: kept[0][:1]), "shape should be (2, 5, 6, 9)"),
    (read_with(lambda inputs, output: 2 * output), "other values"),
    (read_with(lambda inputs, output: output.clone(), answer=lambda kept, result: None), "returned None"),
    (lambda model, index, image: 3, "a tensor is expected"), (broken, "ZeroDivisionError"),
]


@pytest.mark.parametrize("answer", [
    read_with(lambda inputs, output: output.clone()), read_with(lambda inputs, output: output.detach().clone()),
    lambda model, index, image: model[:index + 1](image)])
def test_read_layer_accepts(capsys, answer):
    assert verdict(capsys, read_layer, answer) == CORRECT


@pytest.mark.parametrize(("answer", "words"), WRONG_READERS)
def test_read_layer_hints(capsys, answer, words):
    said = verdict(capsys, read_layer, answer)
    assert said.startswith("Not yet:") and words in said


@pytest.mark.parametrize("checker", [receptive_field, read_layer])
def test_unsolved(capsys, checker):
    assert verdict(capsys, checker, unsolved) == NOT_ATTEMPTED
