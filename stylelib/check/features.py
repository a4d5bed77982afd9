"""Checkers of notebook 01: how far a layer sees, and how to read a layer."""
import math

import torch
from torch import nn

from .verdict import Mistake, compare, exercise

# (kernel, stride) of layers in a row, each with its name for the learner
ROWS = (
    ("one 3x3 convolution", [(3, 1)]),
    ("two 3x3 convolutions", [(3, 1), (3, 1)]),
    ("a 3x3 convolution, then a 2x2 pooling", [(3, 1), (2, 2)]),
    ("the first block of VGG and one convolution more", [(3, 1), (3, 1), (2, 2), (3, 1)]),
    ("layers of unlike sizes and strides", [(7, 2), (3, 2), (1, 1), (5, 3), (4, 1)]),
    ("VGG-19 up to conv5_1", [(3, 1), (3, 1), (2, 2)] * 2 + ([(3, 1)] * 4 + [(2, 2)]) * 2 + [(3, 1)]),
)


@exercise
def receptive_field(answer):
    """Check `receptive_field(layers)`: layers is a list of (kernel, stride), the result a number of pixels."""
    got = [_whole_number(answer(list(layers))) for _, layers in ROWS]
    for slip, hint in SLIPS:
        if got == [slip(layers) for _, layers in ROWS]:
            raise Mistake(hint)
    for size, (name, layers) in zip(got, ROWS, strict=True):
        expected = _receptive_field(layers)
        if size != expected:
            raise Mistake(f"{name}, {layers}: one output value sees {expected} px on a side, got {size}")


@exercise
def read_layer(answer):
    """Check `read_layer(model, index, image)`: the output of model[index] as that layer itself computed it."""
    generator = torch.Generator().manual_seed(0)
    model = _toy_model(generator)
    image = torch.randn(2, 3, 12, 18, generator=generator)
    through = [image, *_outputs(model, image)]            # through[i] goes into layer i, through[i + 1] comes out
    for index in (4, 2, 0, 7):
        expected = through[index + 1]
        mistakes = [
            (expected.relu(), "the negative values are gone: this is what the ReLU behind the layer makes of it. Your hook keeps "
             "the tensor itself, and an in-place ReLU writes its result into the same memory. Keep a copy: output.clone()"),
            (through[index], "this is what goes into the layer. A hook is called with (module, input, output): keep the output"),
            (through[-1], "this is the output of the whole model. Run it so that the hook is called; return what that keeps"),
            (through[min(index + 2, len(model))], "one layer too late: the index counts from 0, ReLUs and poolings included"),
        ]
        mistakes = [(wrong, hint) for wrong, hint in mistakes if not torch.equal(wrong, expected)]
        got = answer(model, index, image.clone())
        if isinstance(got, (list, tuple, dict)):
            raise Mistake(f"your function returned a {type(got).__name__}: return the tensor itself")
        compare(got, expected, mistakes)
        if any(module._forward_hooks for module in model.modules()):
            raise Mistake("right values, but the hook is still there, and every later call of the model would run it again: "
                          "keep what register_forward_hook returns, and call its remove()")
        if not all(module.inplace for module in model if isinstance(module, nn.ReLU)):
            raise Mistake("right values, but the model was changed: its ReLUs no longer work in place. It may not be yours to "
                          "change: copy the output inside the hook instead")


def _receptive_field(layers):
    size, distance = 1, 1
    for kernel, stride in layers:
        size += (kernel - 1) * distance
        distance *= stride
    return size


def _multiplied_too_early(layers):
    size, distance = 1, 1
    for kernel, stride in layers:
        distance *= stride
        size += (kernel - 1) * distance
    return size


# Slips that learners really make, and what helps
SLIPS = (
    (lambda layers: 1 + sum(kernel - 1 for kernel, _ in layers),
     "the stride has no effect in your answer. After a layer of stride 2, neighbours of its output lie twice as far apart in the "
     "picture: multiply what a later kernel adds by that distance"),
    (lambda layers: _receptive_field(layers) - 1,
     "always one pixel too few. A value that has gone through no layer sees one pixel already: start at 1"),
    (_multiplied_too_early,
     "two lines in the wrong order: a layer's own stride matters only for the layers after it. Add to the size first, then "
     "multiply the distance by the stride"),
    (lambda layers: 1 + sum((kernel - 1) * stride for kernel, stride in layers),
     "each kernel is multiplied by its own stride only. What counts is the distance between neighbours: the strides of all "
     "earlier layers, multiplied together"),
    (lambda layers: math.prod(stride for _, stride in layers),
     "this is the distance in the picture between two neighbours of the last layer. Asked is how many pixels one of them sees"),
    (lambda layers: sum(kernel for kernel, _ in layers),
     "the sizes of the kernels are added up. A kernel of 3 px, placed on a value, adds one pixel on each side of it: kernel - 1 "
     "in all, times the distance between neighbours"),
)


def _whole_number(value):
    """The answer as an int; a float or a tensor will do if it is whole."""
    if value is None:
        raise Mistake("your function returned None: does it end with `return`?")
    if isinstance(value, torch.Tensor) and value.ndim == 0:
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Mistake(f"a whole number of pixels is expected, got {type(value).__name__}")
    if value != int(value):
        raise Mistake(f"a whole number of pixels is expected, got {value}")
    return int(value)


def _toy_model(generator):
    """conv, relu, conv, relu, pool, conv, relu, conv; built like torchvision's VGG, with ReLUs that work in place."""
    model = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(inplace=True),
                          nn.Conv2d(4, 5, 3, padding=1), nn.ReLU(inplace=True), nn.MaxPool2d(2),
                          nn.Conv2d(5, 6, 3, padding=1), nn.ReLU(inplace=True), nn.Conv2d(6, 4, 3, padding=1))
    for parameter in model.parameters():
        parameter.requires_grad_(False)
        parameter.copy_(torch.randn(parameter.shape, generator=generator) * 0.4)
    return model.eval()


def _outputs(model, image):
    """What each layer computes, safe from the layers after it."""
    outputs, x = [], image.clone()
    for layer in model:
        x = layer(x.clone())
        outputs.append(x)
    return outputs
