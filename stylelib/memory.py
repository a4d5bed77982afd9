"""Large pictures in bounded memory: the same loss and the same gradient, computed strip by strip.

A plain pass keeps every activation of every layer for the backward pass: gigabytes at 2048 px. Here each block of VGG (the
layers up to the next pooling) keeps only its input. It works on horizontal strips, one after the other, and the backward
pass computes a strip's activations once more. A Gram matrix is a sum over positions, so the strips' matrices add up.
"""
import psutil
import torch
from torch import nn

from .guided import layer_guide
from .losses import content_loss, gram_distance, gram_matrix
from .networks import POOLINGS
from .objective import TransferLoss

STRIP_BYTES = 16 * 2**20        # of one layer's activations in one strip: small, so that the computer's memory is reused at once
KEEP_BYTES = 224 * 2**20        # of activations that need not be computed again: the deepest blocks, as many as fit
PLENTY = 400 * 2**20            # more than this, and activations are not kept all at once
POOLING = tuple(POOLINGS.values())


def choose_loss(network, size, margin, settings):
    """A function of (photo, paintings, masks=..., style_masks=...) that makes the loss, in the way that fits into memory.

    Args:
        network: describes the pictures.
        size: (height, width) of the finished picture.
        margin: pixels that are added on each side.
        settings: the other arguments of `TransferLoss`.

    Raises:
        MemoryError: there is not enough, with a size for which there is.
    """
    device = next((parameter.device for parameter in network.parameters()), torch.device("cpu"))
    dtype = next((parameter.dtype for parameter in network.parameters()), torch.float32)
    large = activation_bytes(size, margin, dtype) > PLENTY
    kind = StripLoss if large and settings["statistic"] == "gram" and works_in_strips(network) else TransferLoss
    needed, free = needed_bytes(size, margin, kind, dtype), free_bytes(device)
    if needed > free:
        fits = max(size)
        while fits > 64 and needed_bytes([round(side * fits / max(size)) for side in size], margin, kind, dtype) > free:
            fits = int(fits * 0.95)
        raise MemoryError(f"a picture of {size[1]}x{size[0]} px needs about {needed / 2**30:.1f} GB of memory, and {free / 2**30:.1f} GB "
                          f"are free: close other programs, or take size {fits}")
    return lambda photo, paintings, **masks: kind(network, photo, paintings, **settings, **masks)


def needed_bytes(size, margin, kind=None, dtype=torch.float32):
    """About how much memory a transfer needs beyond what the program has taken already.

    Args:
        size: (height, width) of the finished picture.
        margin: pixels that are added on each side.
        kind: StripLoss, or TransferLoss, which keeps all activations.
        dtype: the network's number format.

    Source: measured with tests/benchmarks; within a third of the truth from 256 to 2048 px.
    """
    pixels = (size[0] + 2 * margin) * (size[1] + 2 * margin)
    pictures = 3 * 4 * pixels * (26 if pixels <= 2**19 else 20)     # photo, painting, picture, gradient, what L-BFGS remembers
    activations = activation_bytes(size, margin, dtype)
    if kind is StripLoss:
        activations = min(activations, 1.5 * KEEP_BYTES + 5 * STRIP_BYTES + pixels * 40 * dtype.itemsize)
    return pictures + activations


def activation_bytes(size, margin, dtype):
    """About what all activations up to relu5_1 take, with the gradients that are alive at once."""
    return (size[0] + 2 * margin) * (size[1] + 2 * margin) * 750 * dtype.itemsize


def free_bytes(device):
    """Memory that can still be taken on a device."""
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0]
    return psutil.virtual_memory().available


class StripLoss(TransferLoss):
    """A TransferLoss that needs far less memory on large pictures, for up to a third more arithmetic.

    Args:
        as TransferLoss, with the statistic "gram" and a network for which `works_in_strips` is true.

    Source: recomputation is Chen et al. 2016 (training deep nets with sublinear memory cost).
    """

    def distances(self, image):
        features, grams = self._walk(image, self.content_layers, self.style_layers, [style.mask for style in self.styles])
        content = {layer: content_loss(features[layer], target) for layer, target in self.content_targets.items()}
        styles = [{layer: gram_distance(gram[layer], target) for layer, target in style.targets.items()}
                  for style, gram in zip(self.styles, grams)]
        return content, styles

    def _content_targets(self, content):
        return self._walk(content, self.content_layers, [], [])[0]

    def _describe(self, painting, mask):
        targets = self._walk(painting, [], self.style_layers, [mask])[1][0]
        return targets, {layer: gram_distance(torch.zeros_like(gram), gram) for layer, gram in targets.items()}

    def _walk(self, image, kept, described, masks):
        """Through the network, block by block.

        Args:
            image: (1, 3, H, W).
            kept: layers whose activations are asked for.
            described: layers whose Gram matrices are asked for, one for each mask.
            masks: (1, 1, H, W) or None each.

        Returns:
            {layer: activations}, [{layer: Gram matrix} for each mask].
        """
        self.network.check(image, [*kept, *described])
        x = self.network.preprocess(image)
        features, grams = {}, [{} for _ in masks]
        for stages, affordable in _with_budget(_blocks(self.network, {*kept, *described}), x):
            block = _Block(stages, kept, described, masks, x.shape[2:])
            outputs = block.run(x, 0, x.shape[2]) if affordable else list(_InStrips.apply(x, block))
            x = outputs[0]
            features.update(zip(block.kept, outputs[1:]))
            matrices = iter(outputs[1 + len(block.kept):])
            for layer in block.described:
                for gram in grams:
                    gram[layer] = next(matrices)
        return features, grams


def works_in_strips(network):
    """Whether a network consists of what strips can be cut for: convolutions of 3x3, ReLUs and poolings of 2x2, as VGG's."""
    return all(isinstance(stage, nn.ReLU) or isinstance(stage, POOLING) and stage.kernel_size == 2
               or isinstance(stage, nn.Conv2d) and stage.kernel_size == (3, 3) and stage.padding == (1, 1) and stage.stride == (1, 1)
               for stage in network.stages.values())


def _blocks(network, layers):
    """The stages up to the deepest of `layers`, cut after each pooling: [{name: stage}]."""
    blocks, remaining, pooled = [], set(layers), True
    for name, stage in network.stages.items():
        if not remaining:
            break
        if pooled:
            blocks.append({})
        blocks[-1][name] = stage
        remaining.discard(name)
        pooled = isinstance(stage, POOLING)
    return blocks


def _with_budget(blocks, x):
    """[(block, whether its activations can be kept)]: the deepest blocks are the smallest, and dear to compute again."""
    (height, width), left, decided = x.shape[2:], KEEP_BYTES, []
    for depth, stages in reversed(list(enumerate(blocks))):
        positions = (height >> depth) * (width >> depth)
        values = sum(stage.out_channels for stage in stages.values() if isinstance(stage, nn.Conv2d)) * positions
        left -= 1.5 * values * x.element_size()         # half as much again for the pooling and the gradients on their way
        decided.append((stages, left >= 0))
    return decided[::-1]


class _Block:
    """The layers up to the next pooling, on one strip at a time.

    A strip is computed with as many extra rows above and below as there are convolutions, since each reaches one row
    further. The extra rows are cut off before anything is measured or pooled.
    """

    def __init__(self, stages, kept, described, masks, size):
        self.stages, self.size = stages, tuple(size)
        self.kept, self.described = ([name for name in stages if name in names] for names in (kept, described))
        self.guides = {name: [layer_guide(mask, *self._layer_size(name)) for mask in masks] for name in self.described}
        self.reach = sum(isinstance(stage, nn.Conv2d) for stage in stages.values())

    def strips(self, x):
        """[(first row, row after the last)]: the first ones even, so that no pooling window is cut in two."""
        height, width = self.size
        channels = max([stage.out_channels for stage in self.stages.values() if isinstance(stage, nn.Conv2d)])
        rows = max(4 * self.reach, STRIP_BYTES // (width * channels * x.element_size())) // 2 * 2
        starts = list(range(0, max(height - 1, 1), rows))       # no last strip of one row: it could not be pooled
        return list(zip(starts, [*starts[1:], height]))

    def with_extra_rows(self, start, stop):
        """A strip's rows with those that its convolutions reach."""
        return max(start - self.reach, 0), min(stop + self.reach, self.size[0])

    def run(self, x, start, stop):
        """One strip through the block.

        Args:
            x: the block's input, the strip from `start` to `stop` with its extra rows.

        Returns:
            list: the last layer's activations, those of the kept layers, then the strip's parts of the Gram matrices.
        """
        above = start - self.with_extra_rows(start, stop)[0]
        kept, grams = [], []
        for name, stage in self.stages.items():
            if isinstance(stage, POOLING):
                inner = x = stage(x[:, :, above:above + stop - start])
            else:
                x = stage(x)
                inner = x[:, :, above:above + stop - start]
            if name in self.kept:
                kept.append(inner)
            if name in self.described:
                grams += [self._part_of_gram(inner, guide, name, start) for guide in self.guides[name]]
        return [inner, *kept, *grams]

    def _part_of_gram(self, features, guide, name, start):
        """What a strip adds to the Gram matrix of the whole layer."""
        height = self._layer_size(name)[0]
        first = start * height // self.size[0]
        rows = features.shape[2]
        if guide is not None:
            features = features * guide[:, :, first:first + rows].to(features.dtype)
        return gram_matrix(features) * (rows / height)

    def _layer_size(self, name):
        height, width = self.size
        return (height // 2, width // 2) if isinstance(self.stages[name], POOLING) else (height, width)


class _InStrips(torch.autograd.Function):
    """A block in strips. Rows are laid one below the other, Gram matrices added; backward computes each strip again."""

    @staticmethod
    def forward(ctx, x, block):
        ctx.save_for_backward(x)
        ctx.set_materialize_grads(False)        # no zeros in place of gradients that nobody needs
        ctx.block, ctx.of_rows = block, 1 + len(block.kept)
        results = []
        for start, stop in block.strips(x):
            first, last = block.with_extra_rows(start, stop)
            results.append(block.run(x[:, :, first:last], start, stop))
        outputs = list(zip(*results))
        return (*(torch.cat(rows, 2) for rows in outputs[:ctx.of_rows]), *(sum(parts) for parts in outputs[ctx.of_rows:]))

    @staticmethod
    def backward(ctx, *gradients):
        (x,), block = ctx.saved_tensors, ctx.block
        total = torch.zeros_like(x)
        for start, stop in block.strips(x):
            first, last = block.with_extra_rows(start, stop)
            strip = x[:, :, first:last].detach().requires_grad_()
            with torch.enable_grad():
                outputs = block.run(strip, start, stop)
            used = [(output, _rows_of(gradient, start, stop, block.size[0]) if i < ctx.of_rows else gradient)
                    for i, (output, gradient) in enumerate(zip(outputs, gradients)) if gradient is not None]
            torch.autograd.backward(*zip(*used))
            total[:, :, first:last] += strip.grad
        return total, None


def _rows_of(gradient, start, stop, height):
    """The part of a layer's gradient that belongs to a strip of the block's input (which may be twice as high)."""
    scale = 2 if gradient.shape[2] == height // 2 and height > 1 else 1
    return gradient[:, :, start // scale:stop // scale]
