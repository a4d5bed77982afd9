"""The way back through frozen layers with one bit for each activation instead of 32.

The network's weights do not change. So a convolution's gradient needs only these weights, a ReLU's only the signs of its
activations, and a maximum pooling's only which pixel of each window won.
"""
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn


class Signs:
    """What some layers must remember on the way forward, row by row: one bit for each channel of each position.

    Args:
        height: rows of the largest layer.
    """

    def __init__(self, height):
        self.height, self.bits = height, {}

    def put(self, name, start, signs):
        """Remember True and False, (1, C, rows, W), from row `start` of a layer on."""
        if signs.is_meta:
            return      # shapes without numbers, as notebook 06 uses them to count memory
        rows = np.packbits(signs[0].permute(1, 2, 0).cpu().numpy(), axis=-1)
        kept = self.bits.setdefault(name, np.empty((self.height, *rows.shape[1:]), np.uint8))
        kept[start:start + len(rows)] = rows

    def get(self, name, start, stop, like):
        """The rows from `start` to `stop` as 0 and 1, with the channels, the format and the device of `like`."""
        rows = np.unpackbits(self.bits[name][start:stop], axis=-1, count=like.shape[1])
        return torch.from_numpy(rows).permute(2, 0, 1)[None].to(like.device)


def remember(signs, name, stage, start, inner, output):
    """Remember what the way back through one layer will need.

    Args:
        signs: Signs.
        stage: the layer: a convolution, a ReLU or a pooling of 2x2.
        start: first row of its input.
        inner, output: its input and output from that row on.
    """
    if isinstance(stage, nn.ReLU):
        signs.put(name, start, output > 0)
    elif isinstance(stage, nn.MaxPool2d):
        taken = torch.zeros_like(output, dtype=torch.bool)
        for i, corner in enumerate(_corners(inner)):
            winner = (corner == output) & ~taken       # of equal pixels only the first, as in PyTorch
            taken |= winner
            signs.put((name, i), start // 2, winner)


def backward(signs, stages, start, stop, size, gradient):
    """From the gradient of the last layer's rows to the gradient of the first layer's input.

    Args:
        signs: Signs that `remember` has filled.
        stages: {name: stage}, of which only the last can be a pooling.
        start, stop: the rows of the last layer's input from which the gradient comes.
        size: (height, width) of the layers before the pooling.
        gradient: of the last layer's output.

    Returns:
        (gradient, first row, row after the last): each convolution reaches one row further up and down.
    """
    for name, stage in reversed(stages.items()):
        if isinstance(stage, nn.Conv2d):
            gradient = F.conv_transpose2d(gradient, stage.weight, padding=(0, 1))
            gradient = gradient[:, :, 1 if start == 0 else 0:-1 if stop == size[0] else None]     # rows of the padding
            start, stop = max(start - 1, 0), min(stop + 1, size[0])
        elif isinstance(stage, nn.ReLU):
            gradient = gradient * signs.get(name, start, stop, gradient)
        else:
            gradient = _pooling_backward(signs, name, stage, start, (stop - start, size[1]), gradient)
    return gradient, start, stop


def _pooling_backward(signs, name, stage, start, size, gradient):
    """A maximum's gradient goes to the winner, a mean's to all four in equal parts."""
    result = gradient.new_zeros(1, *size, gradient.shape[1]).permute(0, 3, 1, 2)        # channels last
    for i, corner in enumerate(_corners(result)):
        if isinstance(stage, nn.MaxPool2d):
            torch.mul(gradient, signs.get((name, i), start // 2, start // 2 + gradient.shape[2], gradient), out=corner)
        else:
            torch.div(gradient, 4, out=corner)
    return result


def _corners(x):
    """The four pixels of each window of 2x2, as four views of half the size."""
    height, width = x.shape[2] // 2 * 2, x.shape[3] // 2 * 2
    return [x[:, :, i:height:2, j:width:2] for i in (0, 1) for j in (0, 1)]
