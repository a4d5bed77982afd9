"""How much memory a transfer needs, and the loss that fits into what is free."""
import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from ..margin import MARGIN
from ..objective import TransferLoss
from ..scene import Painting, Scene
from .language import tr
from .machine import free_memory
from .peak import Peak, shapes_only
from .strips import STRIP_BYTES, StripLoss, works_in_strips
from .terminal import is_out_of_memory

PLENTY = 282 * 2**20            # more than this, and activations are not kept all at once
# how much more the process grows than what it holds: freed memory lies in pieces
PIECES = 1.25
BESIDE = 16 * 2**20             # what PyTorch sets up for its first evaluation
SMALLEST = 64                   # px: a size below is no advice


def choose_loss(network: nn.Module, scene: Scene,
                **options: Any) -> Callable[[Tensor, list[Painting]], TransferLoss]:
    """A function of (photo, paintings), with their margins, that makes a loss which fits into memory.

    Args:
        network: describes the pictures.
        scene: all pictures, at full size.
        options: the other arguments of `TransferLoss`.

    Raises:
        MemoryError: there is not enough, with a size, or a scale of the paintings, for which there is.
    """
    device = next((parameter.device for parameter in network.parameters()), torch.device("cpu"))
    masked = any(painting.mask is not None or painting.part is not None for painting in scene.paintings)
    needs, free = Needs(network, options, masked), free_bytes(device)
    sizes = [tuple(painting.image.shape[2:]) for painting in scene.paintings]
    try:
        activations, needed = (count(TransferLoss, scene.size, sizes) for count in (needs.activations, needs))
    except (RuntimeError, TypeError) as error:
        if "meta" not in str(error).lower():
            raise
        # a network of someone's own wants to see numbers: then nothing is refused
        activations = needed = 0
    # On a CPU strips are no slower once the pictures are large; a GPU wants large pieces of work
    large, kind = needed > free or (device.type == "cpu" and activations > PLENTY), TransferLoss
    if large and options.get("statistic", "gram") == "gram" and works_in_strips(network):
        kind, needed = StripLoss, needs(StripLoss, scene.size, sizes)
    if needed > free:
        raise MemoryError(_refusal(functools.partial(needs, kind), scene.size, sizes, free))
    return functools.partial(kind, network, **options)


class Needs:
    """How much memory a transfer takes beyond the program's: a function of (kind, size, paintings).

    The activations are counted, see `peak`: no constant says what a network, a statistic or a painting takes.
    Constants remain for what is not counted: pictures that the optimiser keeps, and memory that the process
    can't use again.

    Args:
        network, options: as for `choose_loss`.
        masked: whether there are masks.

    Source: measured with tests/benchmarks and tests/engine/test_memory.py: from 0.8 of the truth to a third
        more, from 256 to 2048 px. Where a large painting goes in strips and the photo is small, up to 0.15 GB
        more.
    """

    def __init__(self, network: nn.Module, options: dict[str, Any], masked: bool = False):
        with torch.inference_mode(False):
            self.network, self.options, self.masked = shapes_only(network), options, masked
        self._counted = functools.cache(self._count)

    def __call__(self, kind, size, paintings):
        """Bytes for the most that there is at once.

        Args:
            kind: StripLoss, or TransferLoss, which keeps all activations.
            size: (height, width) of the finished picture.
            paintings: (height, width) of each painting.
        """
        photo, *painted = (math.prod(_with_margin(*shape)) for shape in (size, *paintings))
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
        return self._counted(kind, tuple(size), tuple(tuple(shape) for shape in paintings))

    @torch.inference_mode(False)
    @torch.enable_grad()        # whatever surrounds the transfer
    def _count(self, kind, size, paintings):
        photo, *painted = (torch.empty(1, 3, *_with_margin(*shape), device="meta")
                           for shape in (size, *paintings))
        mask = torch.ones(1, 1, *photo.shape[2:]) if self.masked else None
        with Peak() as peak:
            loss = kind(self.network, photo, [Painting(image, mask=mask) for image in painted],
                        **self.options)
            sum(loss(photo.requires_grad_()).values()).backward()
        return peak.most



def _refusal(needed_for, size, paintings, free):
    """What is needed, what is free, and what to do: a smaller picture, or a smaller painting."""
    def needed(share, painted):
        return needed_for(_scaled(size, share), [_scaled(shape, painted) for shape in paintings])
    (height, width), largest = size, max(paintings, key=math.prod)
    memory = {"needed": needed(1, 1) / 2**30, "free": free / 2**30}
    # the share at which the paintings are no larger than the picture
    alike = min(1, max(size) / max(largest))
    if alike < 1 and needed(1, alike) <= free:
        scale = _largest_share(lambda share: needed(1, share), free) * max(largest) / max(size)
        scale = math.floor(100 * scale) / 100
        return tr("a painting of {width}x{height} px needs about {needed:.1f} GB of memory, and {free:.1f} "
                  "GB are free: close other programs, or take style_scale {scale:g}",
                  width=largest[1], height=largest[0], scale=scale, **memory)
    fits = int(_largest_share(lambda share: needed(share, share), free) * max(size))
    if fits < SMALLEST:
        return tr("a picture of {width}x{height} px needs about {needed:.1f} GB of memory, and {free:.1f} "
                  "GB are free: close other programs", width=width, height=height, **memory)
    return needs_too_much((height, width), fits=fits, **memory)


def needs_too_much(size: Sequence[int], needed: float, free: float, fits: int) -> str:
    """What to say of a picture that is too large for the memory.

    Args:
        size: (height, width) of the picture.
        needed, free: memory in GB.
        fits: the size to advise.
    """
    return tr("a picture of {width}x{height} px needs about {needed:.1f} GB of memory, and {free:.1f} GB are "
              "free: close other programs, or take size {fits}",
              width=size[1], height=size[0], needed=needed, free=free, fits=fits)


def _with_margin(height, width):
    return height + 2 * MARGIN, width + 2 * MARGIN


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
    return MemoryError(tr("memory ran out while a picture of {width}x{height} px was painted: close other "
                          "programs, or take size {fits}",
                          width=width, height=height, fits=int(max(size) / 2**0.5)))


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
