"""Large pictures in bounded memory: the same loss and the same gradient, computed strip by strip.

A plain pass keeps every activation of every layer for the backward pass: gigabytes at 2048 px. Here each
block of VGG, up to its pooling, works on horizontal strips, one after the other. It keeps only its input,
from which the backward pass computes the layers with a loss once more, and the signs of all other
activations. A Gram matrix is a sum over positions, so the strips' matrices add up.
"""
import functools

import torch
import torch.nn.functional as F
from torch import nn

from ..losses import gram_distance
from ..objective import TransferLoss
from ..style.masks import layer_guide
from .fast import content_loss, gram_matrix
from .language import tr
from .signs import POOLING, Signs, backward, remember

STRIP_BYTES = 16 * 2**20    # of one layer's activations in one strip: small, so that memory is reused at once
KEEP_BYTES = 224 * 2**20    # of activations that need not be computed again: the deepest blocks that fit


class StripLoss(TransferLoss):
    """A TransferLoss that needs far less memory on large pictures, for a little more arithmetic.

    Args:
        as TransferLoss, with the statistic "gram" and a network for which `works_in_strips` is true.

    Source: recomputation is Chen et al. 2016 (training deep nets with sublinear memory cost); one bit for a
        ReLU is Jain et al. 2018 (Gist).
    """

    def distances(self, image):
        masks = [style.mask for style in self.styles]
        content, grams = self._walk(image, self.content_layers, self.style_layers, masks,
                                    self.content_targets)
        styles = [{layer: gram_distance(gram[layer], target) for layer, target in style.targets.items()}
                  for style, gram in zip(self.styles, grams)]
        return content, styles

    def _content_targets(self, content):
        return self._walk(content, self.content_layers, [], [])[0]

    def _describe(self, painting, mask):
        targets = self._walk(painting, [], self.style_layers, [mask])[1][0]
        return targets, {layer: gram_distance(torch.zeros_like(gram), gram)
                         for layer, gram in targets.items()}

    def _walk(self, image, content_layers, style_layers, masks, content_targets=None):
        """Through the network, block by block.

        Args:
            image: (1, 3, H, W).
            content_layers: layers whose activations are asked for, or their distance c to `content_targets`
                if there are any.
            style_layers: layers whose Gram matrices are asked for, one for each mask.
            masks: (1, 1, H, W) or None each.

        Returns:
            {layer: activations or c}, [{layer: Gram matrix} for each mask].
        """
        self.network.check(image, [*content_layers, *style_layers])
        x = self.network.preprocess(image)
        content, grams = {}, [{} for _ in masks]
        blocks = _with_budget(_blocks(self.network, {*content_layers, *style_layers}), x)
        for i, (stages, affordable) in enumerate(blocks, start=1):
            block = _Block(stages, i == len(blocks), content_layers, style_layers, masks,
                           content_targets, x.shape[2:])
            outputs = iter(block.run(x, 0, x.shape[2]) if affordable else _InStrips.apply(x, block))
            x = next(outputs) if block.goes_on else None
            content.update((layer, next(outputs)) for layer in block.content)
            for layer in block.style:
                for gram in grams:
                    gram[layer] = next(outputs)
        return content, grams


def works_in_strips(network):
    """Whether strips can be cut for all its layers: convolutions of 3x3, ReLUs, poolings of 2x2."""
    return all(isinstance(stage, nn.ReLU) or (isinstance(stage, POOLING) and stage.kernel_size == 2)
               or (isinstance(stage, nn.Conv2d) and stage.kernel_size == (3, 3) and stage.padding == (1, 1)
               and stage.stride == (1, 1))
               for stage in network.stages.values())


def _blocks(network, layers):
    """The stages up to the deepest of `layers`, cut after each pooling: [{name: stage}]."""
    blocks, remaining = [], set(layers)
    for name, stage in network.stages.items():
        if not remaining:
            break
        if not blocks or _pools(blocks[-1]):
            blocks.append({})
        blocks[-1][name] = stage
        remaining.discard(name)
    return blocks


def _with_budget(blocks, x):
    """[(block, whether its activations can be kept)]: first the deepest, which are small."""
    sizes, left = [x.shape[2] * x.shape[3]], KEEP_BYTES
    for stages in blocks:
        sizes.append(sizes[-1] // 4 if _pools(stages) else sizes[-1])
    decided = []
    for stages, positions in reversed(list(zip(blocks, sizes, strict=False))):
        channels = sum(stage.out_channels for stage in stages.values() if isinstance(stage, nn.Conv2d))
        # half as much again for the pooling and the gradients on their way
        left -= 1.5 * channels * positions * x.element_size()
        decided.append((stages, left >= 0))
    return decided[::-1]


def _crop(x, rows, start, stop):
    """The rows of the strip from `start` to `stop`, of a layer that still has these `rows`."""
    return x[:, :, start - rows[0]:stop - rows[0]]


def _pool_first(names, stages):
    """A maximum and the ReLU before it can change places: then the ReLU has a quarter of the work."""
    last_two = [stages[name] for name in names[-2:]]
    if len(names) > 1 and isinstance(last_two[0], nn.ReLU) and isinstance(last_two[1], nn.MaxPool2d):
        return [*names[:-2], names[-1], names[-2]]
    return names


def _pools(stages):
    return isinstance(list(stages.values())[-1], POOLING)


class _Block:
    """A few layers, on one strip at a time.

    A strip is computed with as many extra rows above and below as there are convolutions, since each reaches
    one row further. The extra rows are cut off before anything is measured or pooled.

    On the way back only the head is computed again: the layers up to the last one with a loss.
    For the tail, the layers behind it, the signs of their activations are enough.
    """

    def __init__(self, stages, last, content_layers, style_layers, masks, content_targets, size):
        self.stages, self.size, self.content_targets = stages, tuple(size), content_targets
        self.content, self.style = ([name for name in stages if name in names]
                                    for names in (content_layers, style_layers))
        names = list(stages)
        head = max((names.index(name) + 1 for name in [*self.content, *self.style]), default=0)
        self.head, self.tail = ({name: stages[name] for name in part}
                                for part in (names[:head], _pool_first(names[head:], stages)))
        self.guides = {name: [layer_guide(mask, *self._layer_size(name)) for mask in masks]
                       for name in self.style}
        self.channels = [stage.out_channels for stage in stages.values() if isinstance(stage, nn.Conv2d)]
        self.reach, self.pools, self.goes_on = len(self.channels), _pools(stages), not last
        # the others are sums
        self.row_outputs = self.goes_on + (len(self.content) if content_targets is None else 0)

    def strips(self, x):
        """[(first row, row after the last)]: the first ones even, so that no pooling window is cut in two."""
        height, width = self.size
        rows = max(4 * self.reach, STRIP_BYTES // (width * max(self.channels) * x.element_size())) // 2 * 2
        # no last strip of one row: it could not be pooled
        starts = list(range(0, max(height - 1, 1), rows))
        return list(zip(starts, [*starts[1:], height]))

    def with_extra_rows(self, start, stop):
        """A strip's rows with those that its convolutions reach."""
        return max(start - self.reach, 0), min(stop + self.reach, self.size[0])

    def run(self, x, start, stop, tail=None, gram=gram_matrix):
        """One strip through the block.

        Args:
            x: the block's input, the strip from `start` to `stop` with its extra rows.
            tail: does the tail's work, as `run_tail`, which is the default.
            gram: features -> Gram matrix.

        Returns:
            list: the last layer's output if there is another block, then activations (or the strip's part of
                c) of the content
            layers, then the strip's parts of the Gram matrices.
        """
        rows, layer, content, grams = self.with_extra_rows(start, stop), None, [], []
        for name, stage in self.head.items():
            x, rows = self._layer(stage, x, rows, start, stop)
            first, last = rows if isinstance(stage, POOLING) else (start, stop)
            layer = _crop(x, rows, first, last)
            share = (last - first) / self._layer_size(name)[0]
            if name in self.content:
                content.append(layer if self.content_targets is None
                               else content_loss(layer, self.content_targets[name][:, :, first:last]) * share)
            for guide in self.guides.get(name, []):
                guided = layer if guide is None else layer * guide[:, :, first:last].to(layer.dtype)
                # both losses are means over positions: weighted, they add up
                grams.append(gram(guided) * share)
        if self.tail:
            layer = (tail or self.run_tail)(x, rows, start, stop)
        return [*([layer] if self.goes_on else []), *content, *grams]

    def run_tail(self, x, rows, start, stop, signs=None):
        """The tail on one strip of which x has these `rows`. `signs` remembers what the way back needs."""
        for name, stage in self.tail.items():
            before = _crop(x, rows, start, stop)
            x, rows = self._layer(stage, x, rows, start, stop)
            if isinstance(stage, POOLING):
                start, stop = rows
            if signs:
                remember(signs, name, stage, start, before, _crop(x, rows, start, stop))
        return _crop(x, rows, start, stop)

    def _layer(self, stage, x, rows, start, stop):
        """One layer. A convolution loses a row above and below, except at the picture's borders."""
        if isinstance(stage, POOLING):
            return stage(_crop(x, rows, start, stop)), (start // 2, stop // 2)
        if not isinstance(stage, nn.Conv2d):
            return stage(x), rows
        top, bottom = int(rows[0] == 0), int(rows[1] == self.size[0])
        if top and bottom:
            return stage(x), rows
        x = F.pad(x, (0, 0, top, bottom)) if top or bottom else x
        x = F.conv2d(x, stage.weight, stage.bias, padding=(0, 1))
        return x, (rows[0] + 1 - top, rows[1] - 1 + bottom)

    def tail_shape(self, start, stop):
        """Of the tail's output on one strip."""
        height, width = stop - start, self.size[1]
        return 1, self.channels[-1], *((height // 2, width // 2) if self.pools else (height, width))

    def _layer_size(self, name):
        height, width = self.size
        return (height // 2, width // 2) if isinstance(self.stages[name], POOLING) else (height, width)


class _InStrips(torch.autograd.Function):
    """A block in strips: rows are laid one below the other, sums added. Backward computes each head again.

    Backward can be called once: it overwrites the block's input, which nobody needs any more, with its
    gradient.
    """

    @staticmethod
    def forward(ctx, x, block):
        ctx.save_for_backward(*([x] if block.head else []))
        ctx.set_materialize_grads(False)        # no zeros in place of gradients that nobody needs
        ctx.block, ctx.x, ctx.signs = block, x.new_empty(()).expand(x.shape), Signs(block.size[0])
        outputs = None
        # FlopCounterMode asks views for their history
        signs, x = ctx.signs if ctx.needs_input_grad[0] else None, x.detach()
        for start, stop in block.strips(x):
            first, last = block.with_extra_rows(start, stop)
            parts = block.run(x[:, :, first:last], start, stop,
                              functools.partial(block.run_tail, signs=signs))
            if outputs is None:
                outputs = [_whole(part, stop - start, block.size[0])
                           if i < block.row_outputs else torch.zeros_like(part)
                           for i, part in enumerate(parts)]
            for i, (output, part) in enumerate(zip(outputs, parts)):
                if i < block.row_outputs:
                    _rows_of(output, start, stop, block.size[0]).copy_(part)
                else:
                    output += part
        return tuple(outputs)

    @staticmethod
    def backward(ctx, *gradients):
        block, overlap = ctx.block, None
        if ctx.signs is None:
            raise RuntimeError(tr("StripLoss can go back only once, since it overwrites what it kept: "
                                  "compute the loss again, or use TransferLoss"))
        x, = ctx.saved_tensors or [ctx.x]       # without a head, only the input's shape is needed
        total = x if block.head else torch.empty_like(x, memory_format=torch.channels_last)
        for start, stop in block.strips(x):
            first, last = block.with_extra_rows(start, stop)
            strip = x[:, :, first:last].clone(memory_format=torch.channels_last)
            # rows which have a part of their gradient by now
            known = 0 if overlap is None else overlap.shape[2]
            if known:
                strip[:, :, :known] = overlap
            overlap = strip[:, :, max(stop - block.reach, 0) - first:].clone()
            strip.requires_grad_()
            with torch.enable_grad():
                # a leaf could not be asked for its history by FlopCounterMode
                inner = strip.view_as(strip)
                parts = block.run(inner, start, stop, gram=_GramGradient.apply,
                                  tail=lambda *strip: _ReplayTail.apply(*strip, block, ctx.signs))
            used = [(part, _rows_of(gradient, start, stop, block.size[0])
                     if i < block.row_outputs else gradient)
                    for i, (part, gradient) in enumerate(zip(parts, gradients)) if gradient is not None]
            with torch.enable_grad():
                # its gradient for each part is the one wanted; PyTorch loads SymPy if it is given gradients
                weighted = sum((part * gradient).sum() for part, gradient in used)
            gradient = torch.autograd.grad(weighted, strip)[0]
            total[:, :, first:first + known] += gradient[:, :, :known]
            total[:, :, first + known:last] = gradient[:, :, known:]
        ctx.signs = None
        return total, None


class _ReplayTail(torch.autograd.Function):
    """A tail that has run before: nothing is computed on the way forward, and from signs on the way back."""

    @staticmethod
    def forward(ctx, x, rows, start, stop, block, signs):
        ctx.call = rows, start, stop, block, signs
        return x.new_empty(()).expand(block.tail_shape(start, stop))

    @staticmethod
    def backward(ctx, gradient):
        rows, start, stop, block, signs = ctx.call
        gradient, first, last = backward(signs, block.tail, start, stop, block.size, gradient)
        above, below = first - rows[0], rows[1] - last
        gradient = F.pad(gradient, (0, 0, above, below)) if above or below else gradient
        return gradient, None, None, None, None, None


class _GramGradient(torch.autograd.Function):
    """A Gram matrix that was computed before: only its gradient, (G' + G'^T) F / (H*W), is of interest."""

    @staticmethod
    def forward(ctx, features):
        ctx.save_for_backward(features)
        channels = features.shape[1]
        return features.new_empty((), dtype=torch.float32).expand(1, channels, channels)

    @staticmethod
    def backward(ctx, gradient):
        features, = ctx.saved_tensors
        flat = features.flatten(2)
        both = ((gradient + gradient.mT) / flat.shape[2]).to(flat.dtype)
        # in this order, the result is channels last
        return (flat.mT @ both).mT.unflatten(2, features.shape[2:])


def _whole(part, rows, height):
    """Room for a layer's activations in all strips, given those in a strip with `rows` rows of input."""
    shape = list(part.shape)
    shape[2] = height // 2 if part.shape[2] == rows // 2 and rows > 1 else height
    return torch.empty(shape, dtype=part.dtype, device=part.device, memory_format=torch.channels_last)


def _rows_of(layer, start, stop, height):
    """The rows of a layer that belong to a strip of the input, which is twice as high before a pooling."""
    scale = 2 if layer.shape[2] == height // 2 and height > 1 else 1
    return layer[:, :, start // scale:stop // scale]
