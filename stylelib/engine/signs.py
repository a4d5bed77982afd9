"""The way back through frozen layers with one bit for each activation instead of 32.

The network's weights do not change. So a convolution's gradient needs only these weights, a ReLU's only the
signs of its activations, and a maximum pooling's only which pixel of each window won.
"""
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from ..networks import POOLINGS

POOLING = tuple(POOLINGS.values())


class Signs:
    """What layers must remember on the way forward, row by row: one bit for each channel of each position.

    Args:
        height: rows of the largest layer.
    """

    def __init__(self, height):
        self.height, self.bits = height, {}

    def put(self, name, start, signs):
        """Remember True and False, (1, C, rows, W), from row `start` of a layer on."""
        if signs.is_meta:       # shapes without numbers, as `peak` and notebook 06 use them to count memory
            if name not in self.bits:
                size = self.height, signs.shape[3], -(-signs.shape[1] // 8)
                self.bits[name] = torch.empty(size, dtype=torch.uint8, device="meta")
            return
        rows = np.packbits(signs[0].permute(1, 2, 0).cpu().numpy(), axis=-1)
        kept = self.bits.setdefault(name, np.empty((self.height, *rows.shape[1:]), np.uint8))
        kept[start:start + len(rows)] = rows

    def get(self, name, start, stop, like):
        """The rows from `start` to `stop` as 0 and 1, with channels, format and device of `like`."""
        if like.is_meta:
            return torch.empty(1, like.shape[1], stop - start, like.shape[3], dtype=torch.uint8,
                               device="meta")
        rows = np.unpackbits(self.bits[name][start:stop], axis=-1, count=like.shape[1])
        return torch.from_numpy(rows).permute(2, 0, 1)[None].to(like.device)


def remember(signs, name, stage, start, inner, output):
    """Remember what the way back through one layer will need.

    Args:
        signs: Signs.
        stage: the layer: a convolution, a ReLU or a pooling of 2x2.
        start: first row of its output.
        inner, output: its input and output from that row on.
    """
    if isinstance(stage, nn.ReLU):
        signs.put(name, start, output > 0)
    elif isinstance(stage, nn.MaxPool2d):
        corners = [corner == output for corner in _corners(inner)]
        upper = corners[0] | corners[1]
        signs.put((name, "upper"), start, upper)
        signs.put((name, "left"), start,
                  torch.where(upper, corners[0], corners[2]))     # of equal pixels the first, as in PyTorch


def backward(signs, stages, start, stop, size, gradient):
    """From the gradient of the last layer's rows to the gradient of the first layer's input.

    Args:
        signs: Signs that `remember` has filled.
        stages: {name: stage}, with one pooling at most, and no convolution behind it.
        start, stop: the rows from which the gradient comes, of the layers before the pooling.
        size: (height, width) of these layers.
        gradient: of the last layer's output.

    Returns:
        (gradient, first row, row after the last): each convolution reaches one row further up and down.
    """
    pooled = any(isinstance(stage, POOLING) for stage in stages.values())
    for name, stage in reversed(stages.items()):
        if isinstance(stage, nn.Conv2d):
            gradient = F.conv_transpose2d(gradient, stage.weight, padding=(0, 1))
            gradient = gradient[:, :, 1 if start == 0 else 0:-1
                                if stop == size[0] else None]     # rows of the padding
            start, stop = max(start - 1, 0), min(stop + 1, size[0])
        elif isinstance(stage, POOLING):
            gradient, pooled = _pooling_backward(signs, name, stage, start, (stop - start, size[1]),
                                                 gradient), False
        else:
            rows = (start // 2, stop // 2) if pooled else (start, stop)
            gradient = gradient * signs.get(name, *rows, gradient)
    return gradient, start, stop


def _pooling_backward(signs, name, stage, start, size, gradient):
    """A maximum's gradient goes to the winner, a mean's to all four in equal parts."""
    result = gradient.new_zeros(1, *size, gradient.shape[1]).permute(0, 3, 1, 2)        # channels last
    corners = _corners(result)
    if isinstance(stage, nn.MaxPool2d):
        upper, left = (signs.get((name, side), start // 2, start // 2 + gradient.shape[2], gradient)
                       for side in ("upper", "left"))
        halves = gradient * upper, gradient * (1 - upper)
        for i, half in enumerate(halves):
            torch.mul(half, left, out=corners[2 * i])
            torch.sub(half, corners[2 * i], out=corners[2 * i + 1])
    else:
        for corner in corners:
            torch.div(gradient, 4, out=corner)
    return result


def _corners(x):
    """The four pixels of each window of 2x2, as four views of half the size."""
    height, width = x.shape[2] // 2 * 2, x.shape[3] // 2 * 2
    return [x[:, :, i:height:2, j:width:2] for i in (0, 1) for j in (0, 1)]
