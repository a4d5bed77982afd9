"""Answers to the exercises of notebook 01."""
import copy

import numpy as np
import torch
from torch import nn

from stylelib.learn.check import read_layer, receptive_field

from ..answers import table


# -------------------------------------------------------------------------------------------- receptive field
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


def with_numpy(layers):
    """Without a loop; the result is an np.int64."""
    kernels, strides = np.array(layers).T
    return 1 + np.sum((kernels - 1) * np.cumprod([1, *strides[:-1]]))


def from_the_last(layers):
    size = 1
    while layers:
        kernel, stride = layers.pop()
        size = (size - 1) * stride + kernel
    return size


def distance_added(layers):
    size, distance = 1, 1
    for kernel, stride in layers:
        size += (kernel - 1) * distance
        distance += stride
    return size


def distance_replaced(layers):
    size, distance = 1, 1
    for kernel, stride in layers:
        size += (kernel - 1) * distance
        distance = stride
    return size


def kernels_times_distance(layers):
    size, distance = 1, 1
    for kernel, stride in layers:
        size += kernel * distance
        distance *= stride
    return size


FIELDS = table(receptive_field, {
    "loop": right_field,
    "float": lambda layers: float(right_field(layers)),
    "tensor": lambda layers: torch.tensor(right_field(layers)),
    "tensor of one value": lambda layers: torch.tensor([right_field(layers)]),
    "NumPy's cumprod": with_numpy,
    "np.float32": lambda layers: np.float32(right_field(layers)),
    "from the last layer back, using up the list": from_the_last,
}, [
    (no_stride, "stride has no effect"),
    (starts_at_zero, "start at 1"),
    (stride_too_early, "Add to the size first"),
    (own_stride_only, "own stride only"),
    (distance_added, "strides are added up"),
    (distance_replaced, "only the last layer's stride"),
    (distance_only, "distance in the picture"),
    (kernels_added, "kernel - 1"),
    ("each kernel as a whole", kernels_times_distance, "kernel - 1"),
    (lambda layers: 3, "sees 5 px on a side, got 3"),
    (lambda layers: None, "returned None"),
    (lambda layers: "3", "whole number of pixels is expected, got str"),
    (lambda layers: 3.5, "got 3.5"),
    (lambda layers: float("inf"), "got inf"),
    (lambda layers: [3, 5], "got list"),
    (lambda layers: np.array([3, 5]), "got ndarray"),
    (lambda layers: True, "got bool"),
    ("xor for power", lambda layers: 1.5 ^ 2, "power is `**`"),
])


# -------------------------------------------------------------------------------------------- reading a layer
def read_with(keep, remove=True, run=lambda model: model, answer=lambda kept, result: kept[-1]):
    """A read_layer whose hook keeps `keep(input, output)`."""
    def function(model, index, image):
        kept = []

        def hook(module, inputs, output):
            kept.append(keep(inputs[0], output))

        handle = model[index].register_forward_hook(hook)
        result = run(model)(image)
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


def own_copy(inputs, output):
    return output.clone()


def forgets_nonlocal(model, index, image):
    kept = None

    def hook(module, inputs, output):
        kept = output.clone()               # noqa: F841  a new variable: that is the mistake

    handle = model[index].register_forward_hook(hook)
    model(image)
    handle.remove()
    return kept


def says_nonlocal(model, index, image):
    kept = None

    def hook(module, inputs, output):
        nonlocal kept
        kept = output.clone()

    handle = model[index].register_forward_hook(hook)
    model(image)
    handle.remove()
    return kept


def hooked_by(keep):
    """keep(kept, output) is what the hook returns."""
    def function(model, index, image):
        kept = {}
        with model[index].register_forward_hook(lambda module, inputs, output: keep(kept, output)):
            model(image)
        return kept["x"]
    return function


def stops_early(model, index, image):
    class Stop(Exception):
        pass

    def hook(module, inputs, output):
        kept.append(output)                 # no copy: nothing comes after it
        raise Stop

    kept, handle = [], model[index].register_forward_hook(hook)
    try:
        model(image)
    except Stop:
        pass
    handle.remove()
    return kept[0]


def before_the_next_layer(model, index, image):
    """A pre-hook; the last layer has no next one."""
    if index + 1 == len(model):
        return read_with(own_copy)(model, index, image)
    kept = []
    handle = model[index + 1].register_forward_pre_hook(lambda module, inputs: kept.append(inputs[0].clone()))
    model(image)
    handle.remove()
    return kept[0]


def own_loop(model, index, image):
    x = image
    for place, layer in enumerate(model):
        x = layer(x)
        if place == index:
            return x.clone()


def patches_forward(model, index, image):
    """Without a hook, and the model stays patched."""
    layer, kept = model[index], []
    plain = layer.forward
    layer.forward = lambda x: (kept.append(plain(x)), kept[0].clone())[1]
    model(image)
    return kept[0]


def patches_forward_for_a_while(model, index, image):
    result = patches_forward(model, index, image)
    del model[index].forward
    return result


def after(change):
    """Right values, but it changes the model."""
    def function(model, index, image):
        result = read_with(own_copy)(model, index, image)
        change(model)
        return result
    return function


def in_another_model(model, index, image):
    return read_with(own_copy)(copy.deepcopy(model), index, image)


def hook_of_two(model, index, image):
    def hook(module, output):
        pass

    with model[index].register_forward_hook(hook):
        return model(image)


def hook_before(model, index, image):
    def hook(module, inputs, output):
        pass

    with model[index].register_forward_pre_hook(hook):
        return model(image)


def hook_called(model, index, image):
    kept = []
    model[index].register_forward_hook(kept.append(image))
    return model(image)


def removes_too_early(model, index, image):
    kept = []
    model[index].register_forward_hook(lambda module, inputs, output: kept.append(output)).remove()
    model(image)
    return kept[0]


def one_too_early(model, index, image):
    return read_with(own_copy)(model, index - 1, image)


READERS = table(read_layer, {
    "hook and clone": read_with(own_copy),
    "hook, detach and clone": read_with(lambda inputs, output: output.detach().clone()),
    "a copy by arithmetic": read_with(lambda inputs, output: output + 0),
    "nonlocal": says_nonlocal,
    "a deep copy of the model": in_another_model,
    "stops early": stops_early,
    "the next layer's pre-hook": before_the_next_layer,
    "the model goes on with a copy": hooked_by(
        lambda kept, output: (kept.update(x=output), output.clone())[1]),
    "through children()": lambda model, index, image:
        read_with(own_copy, run=lambda _: model)(list(model.children()), index, image),
}, [
    ("no copy", read_with(lambda inputs, output: output), "output.clone()"),
    ("detached, no copy", read_with(lambda inputs, output: output.detach()), "output.clone()"),
    ("the input", read_with(lambda inputs, output: inputs.clone()), "keep the output"),
    ("the whole model", read_with(own_copy, answer=lambda kept, result: result), "output of the whole model"),
    (index_one_too_late, "one layer too late"),
    (one_too_early, "one layer too early"),
    ("hook stays", read_with(own_copy, remove=False), "remove()"),
    (switches_inplace_off, "no longer work in place"),
    ("training mode", after(lambda model: model.train()), "training mode"),
    ("evaluation mode", after(lambda model: model.eval()), "training mode"),
    (hook_of_two, "def hook(module, input, output)"),
    (hook_before, "not register_forward_pre_hook"),
    (hook_called, "without calling it: register_forward_hook(hook)"),
    (removes_too_early, "nothing was kept"),
    ("the model never runs", lambda model, index, image: {}["output"], "nothing was kept"),
    ("an empty list", read_with(own_copy, answer=lambda kept, result: kept[1]), "IndexError"),
    ("a layer replaced", after(lambda model: model.__setitem__(1, nn.ReLU(inplace=True))), "other layers"),
    ("weights with gradients", after(lambda model: model.requires_grad_(True)),
     "whether they need gradients"),
    ("weights changed", after(lambda model: model[0].weight.mul_(1.5)), "its weights"),
    ("slices", lambda model, index, image: model[:index + 1](image), "with a hook"),
    ("a row of layers", lambda model, index, image: nn.Sequential(*list(model)[:index + 1])(image),
     "with a hook"),
    ("own loop", own_loop, "with a hook"),
    ("forward patched", patches_forward, "another forward"),
    ("forward patched for a while", patches_forward_for_a_while, "no hook while the model ran"),
    (forgets_nonlocal, "nonlocal kept"),
    ("the hook returns the copy", hooked_by(lambda kept, output: kept.setdefault("x", output.clone())),
     "should return nothing"),
    (read_with(own_copy, answer=lambda kept, result: kept), "returned a list"),
    (read_with(own_copy, answer=lambda kept, result: {"layer": kept[0]}), "returned a dict"),
    (read_with(own_copy, answer=lambda kept, result: kept[0][:1]), "shape should be (2, 4, 6, 9)"),
    (read_with(lambda inputs, output: 2 * output), "other values"),
    (read_with(own_copy, answer=lambda kept, result: None), "returned None"),
    (lambda model, index, image: None, "returned None: does it end"),
    (lambda model, index, image: 3, "a tensor is expected"),
    (lambda model, index, image: image.mul_(2), "your function changes image"),
])

ROWS = FIELDS + READERS
