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

STRIP_BYTES = 8 * 2**20        # of one layer's activations in one strip: small, so that the computer's memory is reused at once
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
        masks = [style.mask for style in self.styles]
        content, grams = self._walk(image, self.content_layers, self.style_layers, masks, self.content_targets)
        styles = [{layer: gram_distance(gram[layer], target) for layer, target in style.targets.items()}
                  for style, gram in zip(self.styles, grams)]
        return content, styles

    def _content_targets(self, content):
        return self._walk(content, self.content_layers, [], [])[0]

    def _describe(self, painting, mask):
        targets = self._walk(painting, [], self.style_layers, [mask])[1][0]
        return targets, {layer: gram_distance(torch.zeros_like(gram), gram) for layer, gram in targets.items()}

    def _walk(self, image, content_layers, style_layers, masks, content_targets=None):
        """Through the network, block by block.

        Args:
            image: (1, 3, H, W).
            content_layers: layers whose activations are asked for, or their distance c to `content_targets` if there are any.
            style_layers: layers whose Gram matrices are asked for, one for each mask.
            masks: (1, 1, H, W) or None each.

        Returns:
            {layer: activations or c}, [{layer: Gram matrix} for each mask].
        """
        self.network.check(image, [*content_layers, *style_layers])
        x = self.network.preprocess(image)
        content, grams = {}, [{} for _ in masks]
        for stages, affordable in _with_budget(_blocks(self.network, {*content_layers, *style_layers}), x):
            block = _Block(stages, content_layers, style_layers, masks, content_targets, x.shape[2:])
            outputs = iter(block.run(x, 0, x.shape[2]) if affordable else _InStrips.apply(x, block))
            x = next(outputs) if block.pools else None
            content.update((layer, next(outputs)) for layer in block.content)
            for layer in block.style:
                for gram in grams:
                    gram[layer] = next(outputs)
        return content, grams


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

    def __init__(self, stages, content_layers, style_layers, masks, content_targets, size):
        self.stages, self.size, self.content_targets = stages, tuple(size), content_targets
        self.content, self.style = ([name for name in stages if name in names] for names in (content_layers, style_layers))
        self.guides = {name: [layer_guide(mask, *self._layer_size(name)) for mask in masks] for name in self.style}
        self.reach = sum(isinstance(stage, nn.Conv2d) for stage in stages.values())
        self.pools = isinstance(list(stages.values())[-1], POOLING)
        self.row_outputs = self.pools + (len(self.content) if content_targets is None else 0)      # the others are sums

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
            list: the pooling's output if the block ends with one, then activations (or the strip's part of c) of the content
            layers, then the strip's parts of the Gram matrices.
        """
        above = start - self.with_extra_rows(start, stop)[0]
        content, grams = [], []
        for name, stage in self.stages.items():
            if isinstance(stage, POOLING):
                inner = x = stage(x[:, :, above:above + stop - start])
            else:
                x = stage(x)
                inner = x[:, :, above:above + stop - start]
            first = start // 2 if isinstance(stage, POOLING) else start
            share = inner.shape[2] / self._layer_size(name)[0]
            rows = slice(first, first + inner.shape[2])
            if name in self.content:
                content.append(inner if self.content_targets is None
                               else content_loss(inner, self.content_targets[name][:, :, rows]) * share)
            for guide in self.guides.get(name, []):
                guided = inner if guide is None else inner * guide[:, :, rows].to(inner.dtype)
                grams.append(gram_matrix(guided) * share)       # both losses are means over positions: weighted, they add up
        return [*([inner] if self.pools else []), *content, *grams]

    def _layer_size(self, name):
        height, width = self.size
        return (height // 2, width // 2) if isinstance(self.stages[name], POOLING) else (height, width)


class _InStrips(torch.autograd.Function):
    """A block in strips. Rows are laid one below the other, sums added; backward computes each strip again."""

    @staticmethod
    def forward(ctx, x, block):
        ctx.save_for_backward(x)
        ctx.set_materialize_grads(False)        # no zeros in place of gradients that nobody needs
        ctx.block, outputs = block, None
        for start, stop in block.strips(x):
            first, last = block.with_extra_rows(start, stop)
            parts = block.run(x[:, :, first:last], start, stop)
            if outputs is None:
                outputs = [_whole(part, stop - start, block.size[0]) if i < block.row_outputs else torch.zeros_like(part)
                           for i, part in enumerate(parts)]
            for i, (output, part) in enumerate(zip(outputs, parts)):
                if i < block.row_outputs:
                    _rows_of(output, start, stop, block.size[0]).copy_(part)
                else:
                    output += part
        return tuple(outputs)

    @staticmethod
    def backward(ctx, *gradients):
        (x,), block = ctx.saved_tensors, ctx.block
        total = torch.zeros_like(x)
        for start, stop in block.strips(x):
            first, last = block.with_extra_rows(start, stop)
            strip = x[:, :, first:last].detach().requires_grad_()
            with torch.enable_grad():
                parts = block.run(strip, start, stop)
            used = [(part, _rows_of(gradient, start, stop, block.size[0]) if i < block.row_outputs else gradient)
                    for i, (part, gradient) in enumerate(zip(parts, gradients)) if gradient is not None]
            torch.autograd.backward(*zip(*used))
            total[:, :, first:last] += strip.grad
        return total, None


def _whole(part, rows, height):
    """Room for a layer's activations in all strips, given those of a strip of so many rows of the block's input."""
    shape = list(part.shape)
    shape[2] = height // 2 if part.shape[2] == rows // 2 and rows > 1 else height
    return torch.empty(shape, dtype=part.dtype, device=part.device, memory_format=torch.channels_last)


def _rows_of(layer, start, stop, height):
    """The rows of a layer that belong to a strip of the block's input, which is twice as high if the layer is a pooling."""
    scale = 2 if layer.shape[2] == height // 2 and height > 1 else 1
    return layer[:, :, start // scale:stop // scale]
