"""Style transfer as a whole: two pictures in, one picture out.

The picture is painted coarse to fine: first small, where a stroke is a few pixels and the network sees large
parts of the scene, then enlarged and refined. At each size `optimize` lowers a `TransferLoss` of `objective`.
"""
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, cast

from torch import Tensor
from torch.nn import Module

from .engine.devices import as_device, choose_precision, placed
from .engine.memory import choose_loss, in_plain_words
from .engine.progress import PAINTING, ProgressBar
from .images import resize_image
from .margin import even_reflection
from .networks import load_network
from .objective import STYLE_TO_CONTENT, default_layers
from .optimize import Record, optimize
from .plan import Scale, make_plan
from .prepare import make_scene
from .result import Result, TransferStep
from .scene import Painting, Scene
from .settings import Settings

DEFAULTS = Settings()


def stylize(content: Any, style: Any, size: int = DEFAULTS.size,        # noqa: PLR0913 (all its knobs)
            steps: int = DEFAULTS.steps, init: Any = DEFAULTS.init, seed: int = DEFAULTS.seed, *,
            scales: int | None = DEFAULTS.scales, style_weight: float = DEFAULTS.style_weight,
            tv_weight: float = DEFAULTS.tv_weight, style_shares: Any = DEFAULTS.style_shares,
            style_scale: float = DEFAULTS.style_scale, content_layers: Any = DEFAULTS.content_layers,
            style_layers: Any = DEFAULTS.style_layers, statistic: Any = DEFAULTS.statistic,
            keep_colors: bool | str = DEFAULTS.keep_colors, method: str = DEFAULTS.method,
            device: Any = DEFAULTS.device, precision: str = DEFAULTS.precision,
            mask: Any = None, style_mask: Any = None, network: Module | None = None,
            progress: bool = True, on_step: Callable[[TransferStep], Any] | None = None) -> Result:
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
        on_step: function to be called with each TransferStep, for instance to save it. After a fast start
            the first is step 0: that picture, whole, before any loss is computed.

    Returns:
        Result; after an interrupt (Ctrl-C) the latest picture, with `interrupted` set, if there is one.

    Raises:
        the same as `stylize_steps`, and what `on_step` raises. After the first step the error has an
        attribute `result`: the picture so far.
    """
    settings = Settings(size=size, steps=steps, init=init, seed=seed, scales=scales, style_scale=style_scale,
                        style_weight=style_weight, tv_weight=tv_weight, style_shares=style_shares,
                        content_layers=content_layers, style_layers=style_layers, statistic=statistic,
                        keep_colors=keep_colors, method=method, device=device, precision=precision)
    steps_to_come = stylize_steps(content, style, settings, mask=mask, style_mask=style_mask, network=network)
    history: list[Record] = []
    step, interrupted = cast(Any, None), False       # the cast is for type checkers
    with ProgressBar(PAINTING, shown=progress) as bar:
        try:
            for step in steps_to_come:
                if step.index:
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
                error.result = step.result(history, True)       # type: ignore[attr-defined]
            raise
    return step.result(history, interrupted)


def stylize_steps(content: Any, style: Any, settings: Settings = DEFAULTS, *, mask: Any = None,
                  style_mask: Any = None, network: Module | None = None) -> Iterator[TransferStep]:
    """The same as `stylize`, as a generator: stop with `break`, film with a list comprehension.

    Args:
        content, style, mask, style_mask, network: as for `stylize`.
        settings: all the knobs.

    Yields:
        TransferStep, `settings.steps` times; its losses are those before a grey mask mixes in the photo. A
        fast start comes before them, as step 0.

    Raises:
        ImageError: a picture that cannot be read or is too small.
        ValueError: any other argument out of range.
        DivergenceError: a loss became NaN or infinite.
        MemoryError: this size needs more memory than is free; the message names a size that does not.

    Source: Gatys, Ecker & Bethge 2016; masks, colours and several sizes Gatys et al. 2017. Departures:
        relative losses, coarse to fine for small pictures too, pixels kept in [0, 1], a mirrored margin that
        only the loss sees, and another start.
    """
    device = as_device(settings.device)
    network = load_network() if network is None else network
    network = placed(network, device, choose_precision(settings.precision, device))
    content_layers, style_layers = default_layers(network)
    scene = make_scene(content, style, settings, mask, style_mask, network)
    make_loss = choose_loss(            # a TransferLoss, or its twin that needs less memory
        network, scene, statistic=settings.statistic, tv_weight=settings.tv_weight,
        style_weight=settings.style_weight * STYLE_TO_CONTENT,
        content_layers=content_layers if settings.content_layers is None else settings.content_layers,
        style_layers=style_layers if settings.style_layers is None else settings.style_layers)
    plan = make_plan(scene.size, settings.steps, settings.scales, painted=scene.init == "fast")
    return in_plain_words(paint(scene.on(device), plan, make_loss, settings.method), scene.size)


def paint(scene: Scene, plan: Sequence[Scale], make_loss: Callable[[Tensor, list[Painting]], Any],
          method: str = DEFAULTS.method) -> Iterator[TransferStep]:
    """Coarse to fine: one `optimize` at each scale of the plan, each starting from the one before.

    Args:
        scene, plan: all pictures, at full size; the scales.
        make_loss: function of (photo, paintings), with their margins, that returns a loss for `optimize`.
        method: see `optimize`.

    Yields:
        TransferStep, for each update; before them step 0, if the start is worth a look.
    """
    began, work, all_work = time.perf_counter(), 0, sum(scale.steps * scale.cost for scale in plan)
    done, evaluations, change = 0, 0, None
    start = scene.shown(scene.start)
    whole = scene.size, scene.init, None if scene.init == "noise" else start
    if scene.init == "fast":
        yield TransferStep(0, 0, time.perf_counter() - began, {}, start, 0.0, *whole)
    for scale in plan:
        small = scene.at(*scale.size)
        # What is enlarged is the change so far, not the picture: so the start's fine detail is not lost
        image = small.start if change is None else small.start + resize_image(change, *scale.size)
        for step in optimize(image.clamp(0, 1), loss_of(small, make_loss), scale.steps, method,
                             history=scale.remembered):
            work += scale.cost
            yield TransferStep(done + step.index, evaluations + step.evaluations, time.perf_counter() - began,
                               step.losses, small.shown(step.image), work / all_work, *whole)
        done, evaluations = done + step.index, evaluations + step.evaluations
        change = step.image - small.start


def loss_of(scene: Scene, make_loss: Callable[[Tensor, list[Painting]], Any]) -> Callable[[Tensor], Any]:
    """The loss as a function of the picture: with the photo where all masks are black, and with a margin."""
    loss, with_margin = make_loss(*scene.targets()), even_reflection(*scene.size, scene.photo.device)
    return lambda image: loss(with_margin(scene.seen(image)))
