"""Large pictures in bounded memory: the same loss and the same gradient, computed strip by strip.

A plain pass keeps every activation of every layer for the backward pass: gigabytes at 2048 px. Here each block of VGG, up to its
pooling, works on horizontal strips, one after the other. It keeps only its input, from which the backward pass computes the
layers with a loss once more, and the signs of all other activations. A Gram matrix is a sum over positions, so the strips'
matrices add up.
"""
import functools
import math

import torch
import torch.nn.functional as F
from torch import nn

from ..losses import content_loss, gram_distance, gram_matrix
from ..objective import TransferLoss
from ..style.masks import layer_guide
from .machine import free_memory
from .peak import Peak, shapes_only
from .signs import POOLING, Signs, backward, remember
from .terminal import is_out_of_memory

STRIP_BYTES = 16 * 2**20       # of one layer's activations in one strip: small, so that the computer's memory is reused at once
KEEP_BYTES = 224 * 2**20        # of activations that need not be computed again: the deepest blocks, as many as fit
PLENTY = 282 * 2**20            # more than this, and activations are not kept all at once
# how much more the process grows than what it holds: freed memory lies in pieces
PIECES = 1.25
BESIDE = 16 * 2**20             # what PyTorch sets up for its first evaluation
SMALLEST = 64                   # px: a size below is no advice


def choose_loss(network, size, margin, settings, paintings=(), masked=False):
    """A function of (photo, paintings, masks=..., style_masks=...) that makes the loss, in the way that fits into memory.

    Args:
        network: describes the pictures.
        size: (height, width) of the finished picture.
        margin: pixels that are added on each side.
        settings: the other arguments of `TransferLoss`.
        paintings: (height, width) of each painting, as it comes to the network; none means one of the photo's
            size.
        masked: whether there are masks.

    Raises:
        MemoryError: there is not enough, with a size, or a scale of the paintings, for which there is.
    """
    device = next((parameter.device for parameter in network.parameters()), torch.device("cpu"))
    needs = Needs(network, margin, settings, masked)
    paintings, free = list(paintings) or [size], free_bytes(device)
    try:
        activations, needed = (count(TransferLoss, size, paintings) for count in (needs.activations, needs))
    except (RuntimeError, TypeError) as error:
        if "meta" not in str(error).lower():
            raise
        # a network of someone's own wants to see numbers: then nothing is refused
        activations = needed = 0
    # On a CPU strips are no slower once the pictures are large; a GPU wants large pieces of work
    large, kind = needed > free or device.type == "cpu" and activations > PLENTY, TransferLoss
    if large and settings["statistic"] == "gram" and works_in_strips(network):
        kind, needed = StripLoss, needs(StripLoss, size, paintings)
    if needed > free:
        raise MemoryError(_refusal(functools.partial(needs, kind), size, paintings, free))
    return lambda photo, paintings, **masks: kind(network, photo, paintings, **settings, **masks)


class Needs:
    """How much memory a transfer takes beyond the program's: a function of (kind, size, paintings).

    The activations are counted, see `peak`: no constant says what a network, a statistic or a painting takes.
    Constants remain for what is not counted: pictures that the optimiser keeps, and memory that the process
    can't use again.

    Args:
        network, margin, settings, masked: as for `choose_loss`.

    Source: measured with tests/benchmarks and tests/engine/test_memory.py: from 0.8 of the truth to a third more,
        from 256 to 2048 px. Where a large painting goes in strips and the photo is small, up to 0.15 GB more.
    """

    def __init__(self, network, margin, settings, masked=False):
        with torch.inference_mode(False):
            self.network, self.margin, self.masked = shapes_only(network), margin, masked
        self.settings = {**settings, "style_shares": None}
        self._count = functools.cache(self._count)

    def __call__(self, kind, size, paintings):
        """Bytes for the most that there is at once.

        Args:
            kind: StripLoss, or TransferLoss, which keeps all activations.
            size: (height, width) of the finished picture.
            paintings: (height, width) of each painting.
        """
        photo, *painted = (self._pixels(*shape) for shape in (size, *paintings))
        # the photo, gradients, what L-BFGS remembers
        pictures = 26 if photo <= 2**19 else 20 if photo <= 2**21 else 16
        values = 3 * (pictures * photo + sum(painted))
        # freed strips that nothing else fits into
        beside = BESIDE + (5 * STRIP_BYTES if kind is StripLoss else 0)
        return beside + int(PIECES * (4 * values + self.activations(kind, size, paintings)))

    def activations(self, kind, size, paintings):
        """Bytes of all tensors that are there at once, be it for the paintings or for loss and gradient.

        Args:
            kind, size, paintings: as above.
        """
        return self._count(kind, tuple(size), tuple(tuple(shape) for shape in paintings))

    @torch.inference_mode(False)
    @torch.enable_grad()        # whatever surrounds the transfer
    def _count(self, kind, size, paintings):
        photo, *painted = (torch.empty(1, 3, *self._with_margin(*shape), device="meta")
                           for shape in (size, *paintings))
        masks = {"masks": [torch.ones(1, 1, *photo.shape[2:])] * len(painted)} if self.masked else {}
        with Peak() as peak:
            loss = kind(self.network, photo, painted, **self.settings, **masks)
            sum(loss(photo.requires_grad_()).values()).backward()
        return peak.most

    def _with_margin(self, height, width):
        return height + 2 * self.margin, width + 2 * self.margin

    def _pixels(self, height, width):
        return math.prod(self._with_margin(height, width))


def _refusal(needed_for, size, paintings, free):
    """What is needed, what is free, and what to do: a smaller picture, or a smaller painting."""
    def needed(share, painted):
        return needed_for(_scaled(size, share), [_scaled(shape, painted) for shape in paintings])
    (height, width), largest = size, max(paintings, key=math.prod)
    memory = (f"needs about {needed(1, 1) / 2**30:.1f} GB of memory, and {free / 2**30:.1f} GB are free: "
              "close other programs")
    # the share at which the paintings are no larger than the picture
    alike = min(1, max(size) / max(largest))
    if alike < 1 and needed(1, alike) <= free:
        scale = _largest_share(lambda share: needed(1, share), free) * max(largest) / max(size)
        scale = math.floor(100 * scale) / 100
        return f"a painting of {largest[1]}x{largest[0]} px {memory}, or take style_scale {scale:g}"
    fits = int(_largest_share(lambda share: needed(share, share), free) * max(size))
    smaller = f", or take size {fits}" if fits >= SMALLEST else ""
    return f"a picture of {width}x{height} px {memory}{smaller}"


def _scaled(shape, share):
    return [max(1, round(side * share)) for side in shape]


def _largest_share(needed, free):
    """About the largest share of all sides, from 1 down, with needed(share) <= free; 0 if there is none."""
    share = 1.0
    while share > 0.01:
        bytes_needed = needed(share)
        if bytes_needed <= free:
            return share
        # pixels, and so nearly all of the memory, go with the square
        share *= min(0.95, (free / bytes_needed) ** 0.5)
    return 0.0


def free_bytes(device):
    """Memory that can still be taken on a device.

    On a GPU PyTorch keeps what it has freed: that is free for us.
    """
    if device.type == "cuda":
        kept = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return torch.cuda.mem_get_info(device)[0] + kept
    return free_memory()


def too_little(size):
    """The MemoryError to raise when memory ran out all the same: other programs took it, for instance.

    Args:
        size: (height, width) of the finished picture.

    Returns:
        MemoryError, with a size that takes half as much: how much there was, nobody knows by then.
    """
    height, width = size
    return MemoryError(f"memory ran out while a picture of {width}x{height} px was painted: close other "
                       f"programs, or take size {int(max(size) / 2**0.5)}")


def in_plain_words(steps, size):
    """The same steps; if memory runs out, `too_little` instead of PyTorch's error.

    Args:
        steps: a generator.
        size: (height, width) of the finished picture.

    Raises:
        MemoryError: memory ran out.
    """
    try:
        yield from steps
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        raise too_little(size) from None


class StripLoss(TransferLoss):
    """A TransferLoss that needs far less memory on large pictures, for a little more arithmetic.

    Args:
        as TransferLoss, with the statistic "gram" and a network for which `works_in_strips` is true.

    Source: recomputation is Chen et al. 2016 (training deep nets with sublinear memory cost); one bit for a ReLU is Jain et al. 2018
        (Gist).
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
        blocks = _with_budget(_blocks(self.network, {*content_layers, *style_layers}), x)
        for i, (stages, affordable) in enumerate(blocks, start=1):
            block = _Block(stages, i == len(blocks), content_layers, style_layers, masks, content_targets, x.shape[2:])
            outputs = iter(block.run(x, 0, x.shape[2]) if affordable else _InStrips.apply(x, block))
            x = next(outputs) if block.goes_on else None
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
        values = sum(stage.out_channels for stage in stages.values() if isinstance(stage, nn.Conv2d)) * positions
        left -= 1.5 * values * x.element_size()         # half as much again for the pooling and the gradients on their way
        decided.append((stages, left >= 0))
    return decided[::-1]


def _inner(x, rows, start, stop):
    """The rows of the strip from `start` to `stop`, of a layer that still has these `rows`."""
    return x[:, :, start - rows[0]:stop - rows[0]]


def _pool_first(names, stages):
    """A maximum and the ReLU before it can change places; then the ReLU has a quarter of the work, and of the signs."""
    if len(names) > 1 and isinstance(stages[names[-1]], nn.MaxPool2d) and isinstance(stages[names[-2]], nn.ReLU):
        return [*names[:-2], names[-1], names[-2]]
    return names


def _pools(stages):
    return isinstance(list(stages.values())[-1], POOLING)


class _Block:
    """A few layers, on one strip at a time.

    A strip is computed with as many extra rows above and below as there are convolutions, since each reaches one row
    further. The extra rows are cut off before anything is measured or pooled.

    On the way back only the head is computed again: the layers up to the last one whose activations are asked for. For the
    tail, the layers behind it, the signs of their activations are enough.
    """

    def __init__(self, stages, last, content_layers, style_layers, masks, content_targets, size):
        self.stages, self.size, self.content_targets = stages, tuple(size), content_targets
        self.content, self.style = ([name for name in stages if name in names] for names in (content_layers, style_layers))
        names = list(stages)
        head = max((names.index(name) + 1 for name in [*self.content, *self.style]), default=0)
        self.head, self.tail = ({name: stages[name] for name in part} for part in (names[:head], _pool_first(names[head:], stages)))
        self.guides = {name: [layer_guide(mask, *self._layer_size(name)) for mask in masks] for name in self.style}
        self.channels = [stage.out_channels for stage in stages.values() if isinstance(stage, nn.Conv2d)]
        self.reach, self.pools, self.goes_on = len(self.channels), _pools(stages), not last
        self.row_outputs = self.goes_on + (len(self.content) if content_targets is None else 0)      # the others are sums

    def strips(self, x):
        """[(first row, row after the last)]: the first ones even, so that no pooling window is cut in two."""
        height, width = self.size
        rows = max(4 * self.reach, STRIP_BYTES // (width * max(self.channels) * x.element_size())) // 2 * 2
        starts = list(range(0, max(height - 1, 1), rows))       # no last strip of one row: it could not be pooled
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
            list: the last layer's output if there is another block, then activations (or the strip's part of c) of the content
            layers, then the strip's parts of the Gram matrices.
        """
        rows, layer, content, grams = self.with_extra_rows(start, stop), None, [], []
        for name, stage in self.head.items():
            x, rows = self._layer(stage, x, rows, start, stop)
            first, last = rows if isinstance(stage, POOLING) else (start, stop)
            layer = _inner(x, rows, first, last)
            share = (last - first) / self._layer_size(name)[0]
            if name in self.content:
                content.append(layer if self.content_targets is None
                               else content_loss(layer, self.content_targets[name][:, :, first:last]) * share)
            for guide in self.guides.get(name, []):
                guided = layer if guide is None else layer * guide[:, :, first:last].to(layer.dtype)
                grams.append(gram(guided) * share)       # both losses are means over positions: weighted, they add up
        if self.tail:
            layer = (tail or self.run_tail)(x, rows, start, stop)
        return [*([layer] if self.goes_on else []), *content, *grams]

    def run_tail(self, x, rows, start, stop, signs=None):
        """The tail on one strip of which x has these `rows`. `signs` remembers what the way back needs."""
        for name, stage in self.tail.items():
            before = _inner(x, rows, start, stop)
            x, rows = self._layer(stage, x, rows, start, stop)
            if isinstance(stage, POOLING):
                start, stop = rows
            if signs:
                remember(signs, name, stage, start, before, _inner(x, rows, start, stop))
        return _inner(x, rows, start, stop)

    def _layer(self, stage, x, rows, start, stop):
        """One layer. A convolution gives one row less above and below than it is given, except at the picture's borders."""
        if isinstance(stage, POOLING):
            return stage(_inner(x, rows, start, stop)), (start // 2, stop // 2)
        if not isinstance(stage, nn.Conv2d):
            return stage(x), rows
        top, bottom = int(rows[0] == 0), int(rows[1] == self.size[0])
        if top and bottom:
            return stage(x), rows
        x = F.pad(x, (0, 0, top, bottom)) if top or bottom else x
        return F.conv2d(x, stage.weight, stage.bias, padding=(0, 1)), (rows[0] + 1 - top, rows[1] - 1 + bottom)

    def tail_shape(self, start, stop):
        """Of the tail's output on one strip."""
        height, width = stop - start, self.size[1]
        return 1, self.channels[-1], *((height // 2, width // 2) if self.pools else (height, width))

    def _layer_size(self, name):
        height, width = self.size
        return (height // 2, width // 2) if isinstance(self.stages[name], POOLING) else (height, width)


class _InStrips(torch.autograd.Function):
    """A block in strips. Rows are laid one below the other, sums added; backward computes each strip's head again.

    Backward can be called once: it overwrites the block's input, which nobody needs any more, with the input's gradient.
    """

    @staticmethod
    def forward(ctx, x, block):
        ctx.save_for_backward(*([x] if block.head else []))
        ctx.set_materialize_grads(False)        # no zeros in place of gradients that nobody needs
        ctx.block, ctx.x, ctx.signs, outputs = block, x.new_empty(()).expand(x.shape), Signs(block.size[0]), None
        # FlopCounterMode asks views for their history
        signs, x = ctx.signs if ctx.needs_input_grad[0] else None, x.detach()
        for start, stop in block.strips(x):
            first, last = block.with_extra_rows(start, stop)
            parts = block.run(x[:, :, first:last], start, stop, functools.partial(block.run_tail, signs=signs))
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
        block, overlap = ctx.block, None
        if ctx.signs is None:
            raise RuntimeError("StripLoss can go back only once, since it overwrites what it kept: compute "
                               "the loss again, or use TransferLoss")
        x, = ctx.saved_tensors or [ctx.x]       # without a head, only the input's shape is needed
        total = x if block.head else torch.empty_like(x, memory_format=torch.channels_last)
        for start, stop in block.strips(x):
            first, last = block.with_extra_rows(start, stop)
            strip = x[:, :, first:last].clone(memory_format=torch.channels_last)
            known = 0 if overlap is None else overlap.shape[2]      # rows which have a part of their gradient by now
            if known:
                strip[:, :, :known] = overlap
            overlap = strip[:, :, max(stop - block.reach, 0) - first:].clone()
            strip.requires_grad_()
            with torch.enable_grad():
                # a leaf could not be asked for its history by FlopCounterMode
                inner = strip.view_as(strip)
                parts = block.run(inner, start, stop, gram=_GramAgain.apply,
                                  tail=lambda *strip: _Remembered.apply(*strip, block, ctx.signs))
            used = [(part, _rows_of(gradient, start, stop, block.size[0]) if i < block.row_outputs else gradient)
                    for i, (part, gradient) in enumerate(zip(parts, gradients)) if gradient is not None]
            outputs, their_gradients = zip(*used)
            gradient = torch.autograd.grad(outputs, strip, their_gradients)[0]
            total[:, :, first:first + known] += gradient[:, :, :known]
            total[:, :, first + known:last] = gradient[:, :, known:]
        ctx.signs = None
        return total, None


class _Remembered(torch.autograd.Function):
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
        return F.pad(gradient, (0, 0, above, below)) if above or below else gradient, None, None, None, None, None


class _GramAgain(torch.autograd.Function):
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
        return (flat.mT @ both).mT.unflatten(2, features.shape[2:])      # in this order, the result is channels last


def _whole(part, rows, height):
    """Room for a layer's activations in all strips, given those of a strip of so many rows of the block's input."""
    shape = list(part.shape)
    shape[2] = height // 2 if part.shape[2] == rows // 2 and rows > 1 else height
    return torch.empty(shape, dtype=part.dtype, device=part.device, memory_format=torch.channels_last)


def _rows_of(layer, start, stop, height):
    """The rows of a layer that belong to a strip of the block's input, which is twice as high if the layer is a pooling."""
    scale = 2 if layer.shape[2] == height // 2 and height > 1 else 1
    return layer[:, :, start // scale:stop // scale]
