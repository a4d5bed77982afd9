"""Style transfer as a whole: two pictures in, one picture out.

The picture is painted coarse to fine: first small, where a brush stroke is a few pixels and the network sees
far, then enlarged and refined. What is lowered at each size is the `TransferLoss` of `objective`.
"""
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor
from torch.nn import Module

from .engine.devices import as_device, choose_precision
from .engine.memory import choose_loss, in_plain_words
from .engine.placing import placed
from .engine.progress import ProgressBar
from .images import resize_image, to_pil
from .margin import even_reflection
from .networks import load_network
from .objective import STYLE_TO_CONTENT, default_layers
from .optimize import Record, Step, optimize
from .plan import Stage, make_plan
from .prepare import make_scene
from .scene import Painting, Scene, scaled
from .settings import Settings

DEFAULTS = Settings()


def stylize(content, style, size: int = DEFAULTS.size, steps: int = DEFAULTS.steps,     # noqa: PLR0913
            init: Any = DEFAULTS.init, seed: int = DEFAULTS.seed, *,
            scales: int | None = DEFAULTS.scales, style_weight: float = DEFAULTS.style_weight,
            tv_weight: float = DEFAULTS.tv_weight, style_shares: Any = DEFAULTS.style_shares,
            style_scale: float = DEFAULTS.style_scale, content_layers: Any = DEFAULTS.content_layers,
            style_layers: Any = DEFAULTS.style_layers, statistic: Any = DEFAULTS.statistic,
            keep_colors: bool | str = DEFAULTS.keep_colors, method: str = DEFAULTS.method,
            device: Any = DEFAULTS.device, precision: str = DEFAULTS.precision,
            mask: Any = None, style_mask: Any = None, network: Module | None = None,
            progress: bool = True, on_step: Callable[["TransferStep"], Any] | None = None) -> "Result":
    """Paint the photo `content` in the manner of the painting `style`.

    Args:
        content: the photo, whatever `as_picture` takes: a file, a Pillow picture, an array, a tensor.
        style: the painting, likewise; its size may differ. Or a list of paintings.
        size, steps, init, seed, scales, style_weight, tv_weight, style_shares, style_scale, content_layers,
            style_layers, statistic, keep_colors, method, device, precision: knobs, see `Settings`.
        mask: where to paint, in the photo's proportions (whatever `as_mask` takes): white where the painting
            applies, black where the photo stays, grey for a mixture. With several paintings a list of masks.
        style_mask: which part of the painting to take, likewise in the painting's proportions.
        network: from `load_network`, or one of your own; None means the VGG-19 of the paper.
        progress: show a progress bar with the remaining time.
        on_step: function to be called with each TransferStep, for instance to save it.

    Returns:
        Result; after an interrupt (Ctrl-C) the latest picture, with `interrupted` set, if there is one.

    Raises:
        the same as `stylize_steps`, and what `on_step` raises. After the first step the error has an
        attribute `result`: the picture so far.
    """
    settings = Settings(size=size, steps=steps, init=init, seed=seed, scales=scales,
                        style_weight=style_weight,
                        tv_weight=tv_weight, style_shares=style_shares, style_scale=style_scale,
                        content_layers=content_layers, style_layers=style_layers, statistic=statistic,
                        keep_colors=keep_colors, method=method, device=device, precision=precision)
    painting = stylize_steps(content, style, settings, mask=mask, style_mask=style_mask, network=network)
    history: list[Record] = []
    step: Any = None
    interrupted = False
    with ProgressBar("painting", shown=progress) as bar:
        try:
            for step in painting:
                history.append(step.record)
                bar.show(step.progress)
                if on_step is not None:
                    on_step(step)
        except KeyboardInterrupt:
            if step is None:
                raise
            interrupted = True
        except Exception as error:
            if step is not None:
                error.result = Result(step.at_full_size(), history, True)    # type: ignore[attr-defined]
            raise
    return Result(step.at_full_size(), history, interrupted)


def stylize_steps(content, style, settings: Settings = DEFAULTS, *, mask: Any = None, style_mask: Any = None,
                  network: Module | None = None) -> Iterator["TransferStep"]:
    """The same as `stylize`, as a generator: stop with `break`, film with a list comprehension.

    Args:
        content, style, mask, style_mask, network: as for `stylize`.
        settings: all the knobs.

    Yields:
        TransferStep, `settings.steps` times; a step's losses are those of its image, before it is mixed with
            the photo by a grey mask. All are relative to an empty picture.

    Raises:
        ImageError: a picture that cannot be read or is too small.
        ValueError: any other argument out of range.
        DivergenceError: a loss became NaN or infinite.
        MemoryError: this size needs more memory than is free; the message names a size that does not.

    Source: Gatys, Ecker & Bethge 2016; masks, colours and several sizes Gatys et al. 2017. Departures:
        relative losses, coarse to fine for small pictures too, pixels kept in [0, 1], a reflected margin that
        only the network sees, and the photo as the start.
    """
    device = as_device(settings.device)
    network = load_network() if network is None else network
    network = placed(network, device, choose_precision(settings.precision, device))
    content_layers, style_layers = default_layers(network)
    scene = make_scene(content, style, settings, mask, style_mask)
    make_loss = choose_loss(
        network, scene, statistic=settings.statistic, tv_weight=settings.tv_weight,
        style_weight=settings.style_weight * STYLE_TO_CONTENT,
        content_layers=content_layers if settings.content_layers is None else settings.content_layers,
        style_layers=style_layers if settings.style_layers is None else settings.style_layers)
    plan = make_plan(scene.size, settings.steps, settings.scales)
    return in_plain_words(paint(scene.on(device), plan, make_loss, settings.method), scene.size)


def paint(scene: Scene, plan: Sequence[Stage], make_loss: Callable[[Tensor, list[Painting]], Any],
          method: str = DEFAULTS.method) -> Iterator["TransferStep"]:
    """Coarse to fine: one `optimize` for each stage of the plan, each starting from the one before.

    Args:
        scene: all pictures, at full size.
        plan: from `make_plan`.
        make_loss: function of (photo, paintings), with their margins, that returns a loss for `optimize`.
        method: see `optimize`.

    Yields:
        TransferStep, for each update.
    """
    began, steps, evaluations, work, change = time.perf_counter(), 0, 0, 0, None
    all_work = sum(stage.steps * stage.cost for stage in plan)
    start = None if scene.noisy else scene.shown(scene.start)
    for stage in plan:
        small, with_margin = scene.at(*stage.size), even_reflection(*stage.size, scene.photo.device)
        loss = make_loss(*small.targets())
        # What is enlarged is the change so far, not the picture: so the start's fine detail is not lost
        image = small.start if change is None else small.start + resize_image(change, *stage.size)
        for step in optimize(image.clamp(0, 1),
                             lambda image: loss(with_margin(small.seen(image))),     # noqa: B023
                             stage.steps, method, history=stage.history):
            work += stage.cost
            yield TransferStep(steps + step.index, evaluations + step.evaluations,
                               time.perf_counter() - began,
                               step.losses, small.shown(step.image), scene.size, work / all_work, start)
        steps, evaluations = steps + step.index, evaluations + step.evaluations
        change = step.image - small.start


@dataclass(frozen=True, eq=False, repr=False)       # == would ask for one truth about all pixels
class TransferStep(Step):
    """A Step of a style transfer.

    Attributes:
        size: (height, width) of the finished picture; `image` is smaller at the coarser scales.
        progress: share of the whole work done, from 0 to 1.
        start: the picture at the start, at full size; None if its fine detail is noise.
    """

    size: tuple[int, int]
    progress: float
    start: Tensor | None

    def at_full_size(self) -> Tensor:
        """The picture at the finished size, (1, 3, H, W): the start with the change so far, enlarged."""
        if self.image.shape[2:] == self.size:
            return self.image
        if self.start is None:
            return resize_image(self.image, *self.size).clamp(0, 1)
        change = self.image - scaled(self.start, *self.image.shape[2:])
        return (self.start + resize_image(change, *self.size)).clamp(0, 1)


@dataclass(frozen=True, eq=False, repr=False)
class Result:
    """A finished, or interrupted, style transfer. In a notebook it shows itself as a picture.

    Attributes:
        image: the picture, (1, 3, H, W), RGB, in [0, 1].
        history: one Record for each update, over all scales.
        interrupted: True if Ctrl-C, or the kernel's stop button, ended it early.
    """

    image: Tensor
    history: list[Record]
    interrupted: bool = False

    def __repr__(self):
        ended = ", interrupted" if self.interrupted else ""
        return f"<Result: {self.image.shape[3]}x{self.image.shape[2]} px{ended}; {self.history[-1]}>"

    def _repr_png_(self):
        return to_pil(self.image)._repr_png_()
