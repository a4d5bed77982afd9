"""Checkers of notebook 01: how far a layer sees, and how to read a layer."""
import math
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from ...engine.language import mark, tr
from .verdict import Mistake, compare, compare_cases, equal, exercise, number, returned, watched

Layers = list[tuple[int, int]]      # (kernel, stride) of layers in a row

ROWS: tuple[tuple[str, Layers], ...] = (      # each with its name for the learner
    (mark("one 3x3 convolution"), [(3, 1)]),
    (mark("two 3x3 convolutions"), [(3, 1), (3, 1)]),
    (mark("a 3x3 convolution, then a 2x2 pooling"), [(3, 1), (2, 2)]),
    (mark("the first block of VGG and one convolution more"), [(3, 1), (3, 1), (2, 2), (3, 1)]),
    (mark("layers of various sizes and strides"), [(7, 2), (3, 2), (1, 1), (5, 3), (4, 1)]),
    (mark("VGG-19 up to conv5_1"),
     [(3, 1), (3, 1), (2, 2)] * 2 + ([(3, 1)] * 4 + [(2, 2)]) * 2 + [(3, 1)]),
)


@exercise
def receptive_field(answer: Callable) -> None:
    """Check `receptive_field(layers)`: layers is a list of (kernel, stride), the result a number of px."""
    def told(case: tuple, expected: float, got: float) -> str:
        layers, = case
        name = next(name for name, known in ROWS if known is layers)
        # Translators: {name} is "two 3x3 convolutions", {layers} the same as Python's list of numbers
        return tr("{name}, {layers}: one output value sees {expected} px on a side, got {got}",
                  name=tr(name), layers=layers, expected=expected, got=got)

    got = [_whole_number(answer(list(layers))) for _, layers in ROWS]
    compare_cases(got, [(layers,) for _, layers in ROWS], pixels_seen, SLIPS, told)


@exercise
def read_layer(answer: Callable) -> None:
    """Check `read_layer(model, index, image)`: the output of model[index], read with a hook."""
    generator = torch.Generator().manual_seed(0)
    model = _toy_model(generator)
    image = torch.randn(2, 3, 12, 18, generator=generator)
    inputs, outputs = _through(model, image)
    for index in (4, 2, 0, 7):              # first the pooling, where no two mistakes look the same
        found = _state(model.train(index == 2))
        _Box.hooked = _Box.replaced = False
        try:
            got = watched(answer, HOOK_ERRORS, model=model, index=index, image=image.clone())
        except LookupError:             # an empty list or dictionary
            if _Box.hooked:
                raise
            raise Mistake(tr("nothing was kept, as no hook was there while the model ran: first register "
                             "it, then run model(image), then remove it")) from None
        if _Box.hooked:
            returned(got, tr("does it end with `return`? If so: a plain `kept = ...` inside the hook makes "
                             "a new variable that ends with the hook. Say `nonlocal kept` there, or put the "
                             "copy into a list or a dictionary"))
        if isinstance(got, (list, tuple, dict)):
            raise Mistake(tr("your function returned a {type_name}: return the tensor itself",
                             type_name=type(got).__name__))
        mistakes = _wrong_outputs(model, index, image, inputs, outputs)
        mistakes = [(wrong, hint) for wrong, hint in mistakes if not equal(wrong, outputs[index])]
        compare(got, outputs[index], mistakes)
        _check_the_model(model, found)
        if not _Box.hooked:
            raise Mistake(tr("right values, but there was no hook while the model ran: write it with "
                             "model[index].register_forward_hook(hook)"))


HOOK_ERRORS = (
    ("hook() takes", mark("PyTorch calls a hook with three things: def hook(module, input, output)")),
    ("hook() missing", mark("a hook before the layer gets no output: take register_forward_hook, not "
                            "register_forward_pre_hook")),
    ("'NoneType' object is not callable", mark("hand over the hook itself, without calling it: "
                                               "register_forward_hook(hook)")),
)


def _wrong_outputs(model, index, image, inputs, outputs):
    """(wrong output, hint)."""
    yield (outputs[index].relu(),
           tr("the negative values are gone: this is what the ReLU after the layer makes of it. You did make "
              "a copy, but your hook also returns it, and what a hook returns takes the place of the output: "
              "so the in-place ReLU writes into your copy. A hook should return nothing")
           if _Box.replaced else
           tr("the negative values are gone: this is what the ReLU after the layer makes of it. Your hook "
              "keeps the tensor itself, and an in-place ReLU writes its result into the same memory. Keep a "
              "copy: output.clone()"))
    yield (inputs[index],
           tr("this is what goes into the layer. A hook is called with (module, input, output): keep the "
              "output"))
    if isinstance(model[index], nn.MaxPool2d):      # after a convolution, one too late looks like no copy
        yield (outputs[index - 1],
               tr("one layer too early: model[0] is the first layer, so the layer to read is model[index]"))
        yield outputs[index + 1], tr("one layer too late: the index counts from 0, ReLUs and poolings "
                                     "included")
    yield (outputs[-1],
           tr("this is the output of the whole model. Run it so that the hook is called; return what that "
              "keeps"))
    alone = tr("you call the layers yourself, one after the other. This model is a box: its own forward "
               "does more, it prepares the image and adds branches. Run model(image) as a whole, and read "
               "the layer with a hook")
    yield nn.Sequential(*list(model)[:index + 1])(image.clone()), alone
    if index + 1 < len(model):
        # the same without a copy: the in-place ReLU wrote over the layer
        yield nn.Sequential(*list(model)[:index + 2])(image.clone()), alone


def _hooks(model):
    """All that is hung onto the model's layers, or onto all models."""
    everywhere = nn.modules.module
    found = [everywhere._global_forward_hooks, everywhere._global_forward_pre_hooks]
    for module in model.modules():
        found += module._forward_hooks, module._forward_pre_hooks
    return [dict(hooks) for hooks in found]


def _state(model):
    """What a reader must leave as it was."""
    return {"hooks": _hooks(model),
            "inplace": [getattr(module, "inplace", None) for module in model.modules()],
            "layers": [(id(module), module.__dict__.get("forward")) for module in model.modules()],
            "training": [module.training for module in model.modules()],
            "weights": [(parameter._version, parameter.requires_grad) for parameter in model.parameters()]}


LEFT_BEHIND = {
    "hooks": mark("right values, but the hook is still there, and every later call of the model would run it "
                  "again: keep what register_forward_hook returns, and call its remove()"),
    "inplace": mark("right values, but the model was changed: its ReLUs no longer work in place. It may not "
                    "be yours to change: copy the output inside the hook instead"),
    "training": mark("right values, but the model was changed: its training mode is different now, and some "
                     "layers then compute something else. Leave out model.train() and model.eval()"),
    "layers": mark("right values, but the model was changed: it has other layers, or another forward, than "
                   "before. A hook needs no such change"),
    "weights": mark("right values, but the model was changed: its weights, or whether they need gradients. A "
                    "hook needs no such change"),
}


def _check_the_model(model, found):
    for name, now in _state(model).items():
        if now != found[name]:
            raise Mistake(tr(LEFT_BEHIND[name]))


def pixels_seen(layers: Layers) -> int:
    """How many pixels on a side one output value sees: the right answer."""
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


def _distance_of_one_layer(layers):
    strides = [1, *(stride for _, stride in layers)]
    return 1 + sum((kernel - 1) * before for (kernel, _), before in zip(layers, strides))


def _distance_added_up(layers):
    size, distance = 1, 1
    for kernel, stride in layers:
        size += (kernel - 1) * distance
        distance += stride
    return size


def _whole_kernels(layers):
    size, distance = 1, 1
    for kernel, stride in layers:
        size += kernel * distance
        distance *= stride
    return size


# Slips that learners really make, and what helps
SLIPS = (
    (lambda layers: 1 + sum(kernel - 1 for kernel, _ in layers),
     mark("the stride has no effect in your answer. After a layer of stride 2, neighbours of its output lie "
          "twice as far apart in the picture: multiply what a later kernel adds by that distance")),
    (lambda layers: pixels_seen(layers) - 1,
     mark("always one pixel too few. A value that has gone through no layer sees one pixel already: start "
          "at 1")),
    (_multiplied_too_early,
     mark("two lines in the wrong order: a layer's own stride matters only for the layers after it. Add to "
          "the size first, then multiply the distance by the stride")),
    (lambda layers: 1 + sum((kernel - 1) * stride for kernel, stride in layers),
     mark("each kernel is multiplied by its own stride only. What counts is the distance between "
          "neighbours: the strides of all earlier layers, multiplied together")),
    (_distance_of_one_layer,
     mark("the distance between neighbours is only the last layer's stride in your answer. It grows with "
          "every stride: distance *= stride, not distance = stride")),
    (_distance_added_up,
     mark("the strides are added up. After two layers of stride 2 neighbours lie 2 * 2 apart, after three "
          "2 * 2 * 2: multiply, distance *= stride, not distance += stride")),
    (lambda layers: math.prod(stride for _, stride in layers),
     mark("this is the distance in the picture between two neighbours of the last layer. The question is "
          "how many pixels one of them sees")),
    *((slip,
       mark("the sizes of the kernels are added up. A kernel of 3 px, placed on a value, adds one pixel on "
            "each side of it: kernel - 1 in all, times the distance between neighbours"))
      for slip in (lambda layers: sum(kernel for kernel, _ in layers), _whole_kernels)),
)


def _whole_number(value: Any) -> int:
    """The answer as an int; a float, a tensor or a NumPy number will do if it is whole."""
    value = number(value, mark("a whole number of pixels is expected, got {type_name}"))
    if not float(value).is_integer():
        raise Mistake(tr("a whole number of pixels is expected, got {value}", value=value))
    return int(value)


class _Conv(nn.Conv2d):
    """Remembers what it has computed, which shows whether a hook put something else in its place."""

    made = None

    def forward(self, x):
        self.made = super().forward(x)
        return self.made


class _Box(nn.Sequential):
    """Its own forward prepares the image and has a branch: its layers in a row give other numbers."""

    hooked = replaced = False       # noted on the class, so that a deep copy of the model reports here too

    def __getitem__(self, index):   # a part of a box is a plain row of layers
        return nn.Sequential(*list(self)[index]) if isinstance(index, slice) else super().__getitem__(index)

    def forward(self, image):
        _Box.hooked |= any(_hooks(self))
        x = branch = 2 * image - 1
        for place, layer in enumerate(self):
            x = layer(x)
            if isinstance(layer, _Conv):
                _Box.replaced |= x is not layer.made
                layer.made = None
            if place == 1:
                branch = x
            if place == 3:
                x = x + branch
        return x


def _toy_model(generator):
    """conv, relu, conv, relu, pool, conv, relu, conv; as in torchvision's VGG the ReLUs work in place."""
    model = _Box(_Conv(3, 4, 3, padding=1), nn.ReLU(inplace=True),
                 _Conv(4, 4, 3, padding=1), nn.ReLU(inplace=True), nn.MaxPool2d(2),
                 _Conv(4, 6, 3, padding=1), nn.ReLU(inplace=True), _Conv(6, 5, 3, padding=1))
    for parameter in model.parameters():
        parameter.requires_grad_(False)
        parameter.copy_(torch.randn(parameter.shape, generator=generator) * 0.4)
    return model.eval()


def _through(model, image):
    """What goes into each layer while the model runs, and what comes out, safe from the layers after it."""
    inputs, outputs, handles = [], [], []
    for layer in model:
        handles += (layer.register_forward_pre_hook(lambda module, given: inputs.append(given[0].clone())),
                    layer.register_forward_hook(lambda module, given, output: outputs.append(output.clone())))
    model(image)
    for handle in handles:
        handle.remove()
    return inputs, outputs
