"""How much memory a computation holds at once, found out without doing it: with shapes, without numbers.

PyTorch calls these `meta` tensors. Every operation on them gives a meta tensor of the right shape, so that a
whole evaluation of a loss, there and back, takes a few hundredths of a second.
"""
import copy
import functools
import itertools
import weakref

import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

aten = torch.ops.aten


def shapes_only(network: nn.Module) -> nn.Module:
    """A copy of a network whose weights have no content: it costs no memory.

    Args:
        network: any module, on any device.
    """
    weights = itertools.chain(network.parameters(), network.buffers())
    return copy.deepcopy(network, {id(weight): _empty_weight(weight) for weight in weights})


class Peak(TorchDispatchMode):
    """Counts the bytes of all tensors that are made while it is active.

        with Peak() as peak:
            loss(image).backward()
        print(peak.most)

    Attributes:
        now: bytes of those that are still there.
        most: the most that there were at once.
    """

    def __init__(self) -> None:
        super().__init__()
        self.now = self.most = 0

    @classmethod
    def _should_skip_dynamo(cls):
        return False        # or PyTorch would import its compiler first, which takes two seconds

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        given = [value for value in (*args, *kwargs.values()) if isinstance(value, torch.Tensor)]
        shapes_alone = any(tensor.is_meta for tensor in given)
        result = (_rule(operation) if shapes_alone else operation)(*args, **kwargs)
        known = {_storage(tensor)._cdata for tensor in given}
        for tensor in result if isinstance(result, (tuple, list)) else [result]:
            # a view needs nothing
            if isinstance(tensor, torch.Tensor) and _storage(tensor)._cdata not in known:
                self._count(_storage(tensor))
        return result

    def _count(self, storage):
        size = storage.nbytes()
        self.now += size
        self.most = max(self.most, self.now)
        weakref.finalize(storage, self._forget, size).atexit = False

    def _forget(self, size):
        self.now -= size


def _storage(tensor):
    return tensor.untyped_storage()


def _empty_weight(weight):
    empty = torch.empty_like(weight, device="meta")
    return nn.Parameter(empty, weight.requires_grad) if isinstance(weight, nn.Parameter) else empty


def _empty(shape, like, dtype=None):
    """A new meta tensor; with channels last if `like` has them last."""
    last = len(shape) == like.ndim == 4 and like.is_contiguous(memory_format=torch.channels_last)
    order = torch.channels_last if last else torch.contiguous_format
    return torch.empty(tuple(shape), dtype=dtype or like.dtype, device="meta", memory_format=order)


def _convolution(x, weight, bias, *options):
    """Each side has as many places as the filter fits in; transposed, those that it came from."""
    stride, padding, dilation, transposed, output_padding, groups = options

    def side(n, k, step, pad, space, extra):
        reach = space * (k - 1) + 1
        return (n - 1) * step - 2 * pad + reach + extra if transposed else (n + 2 * pad - reach) // step + 1
    sides = map(side, x.shape[2:], weight.shape[2:], stride, padding, dilation, output_padding)
    return _empty((len(x), weight.shape[1] * groups if transposed else len(weight), *sides), x)


def _pooled(x, window, stride=(), padding=(0,), dilation=(1,), up=False):
    """The shape behind a pooling; `up` allows a last window that leaves the picture, if it begins inside."""
    sides = []
    for i, n in enumerate(x.shape[2:]):
        k, step, pad, space = (numbers[i % len(numbers)]
                               for numbers in (window, stride or window, padding, dilation))
        room = n + 2 * pad - space * (k - 1) - 1
        count = (-(-room // step) if up else room // step) + 1
        sides.append(count - 1 if up and (count - 1) * step >= n + pad else count)
    return *x.shape[:2], *sides


def _max_pooling(x, *numbers):
    # values and their places
    return _empty(_pooled(x, *numbers), x), _empty(_pooled(x, *numbers), x, torch.int64)


def _mean_pooling(x, window, stride=(), padding=(0,), up=False, *rest):
    return _empty(_pooled(x, window, stride, padding, (1,), up), x)


def _padded(x, amounts, *value):
    """`amounts` begin with the last axis, two for each: before it and behind it."""
    shape = list(x.shape)
    for i, amount in enumerate(amounts):
        shape[-1 - i // 2] += amount
    return _empty(shape, x)


def _convolution_backward(gradient, x, weight, *rest):
    shapes = x.shape, weight.shape, weight.shape[:1]
    return tuple(_empty(shape, x) if wanted else None for shape, wanted in zip(shapes, rest[-1]))


def _one_by_one(operation):
    """The rule for an operation on each value: the shape of its arguments, the smaller ones repeated."""
    name = operation._schema.name.removeprefix("aten::")

    def rule(*args, **kwargs):
        if "out" in kwargs or name.endswith("_"):
            return kwargs.get("out", args[0])
        tensors = [value for value in args if isinstance(value, torch.Tensor)]
        sides = itertools.zip_longest(*(reversed(tensor.shape) for tensor in tensors), fillvalue=1)
        dtypes = [tensor.dtype for tensor in tensors if tensor.ndim] or [tensors[0].dtype]
        dtype = torch.bool if name in COMPARISONS else functools.reduce(torch.promote_types, dtypes)
        return _empty([max(side) for side in sides][::-1], max(tensors, key=torch.Tensor.dim), dtype)
    return rule


def _mean_square(x, target, reduction=1):
    squares = _empty(x.shape, x)
    # PyTorch leaves their mean in the memory of all squares
    return squares.as_strided((), ()) if reduction else squares


def _same_as(number):
    """The rule for a result with the shape of one argument."""
    return lambda *args, **kwargs: _empty(args[number].shape, args[number], kwargs.get("dtype"))


# Operations whose results' shapes we work out ourselves: PyTorch's own way imports SymPy or its compiler for
# these, seconds
COMPARISONS = {"eq", "ne", "lt", "le", "gt", "ge"}
RULES = {
    aten.convolution.default: _convolution, aten.convolution_backward.default: _convolution_backward,
    aten.max_pool2d_with_indices.default: _max_pooling,
    aten.max_pool2d_with_indices_backward.default: _same_as(1),
    aten.avg_pool2d.default: _mean_pooling, aten.avg_pool2d_backward.default: _same_as(1),
    aten.mm.default: lambda a, b: _empty((len(a), b.shape[1]), a), aten.flip.default: _same_as(0),
    aten.bmm.default: lambda a, b: _empty((*a.shape[:2], b.shape[2]), a),
    aten.constant_pad_nd.default: _padded,
    aten.slice_backward.default: lambda gradient, shape, *rest: _empty(shape, gradient),
    aten.zeros_like.default: _same_as(0), aten.ones_like.default: _same_as(0),
    aten.empty_like.default: _same_as(0),
    aten.mse_loss.default: _mean_square, aten.mse_loss_backward.default: _same_as(1),
    aten.sum.default: lambda x, **kwargs: _empty((), x), aten.mean.default: lambda x, **kwargs: _empty((), x),
}


@functools.cache
def _rule(operation):
    if operation in RULES:
        return RULES[operation]
    return _one_by_one(operation) if torch.Tag.pointwise in operation.tags else operation
