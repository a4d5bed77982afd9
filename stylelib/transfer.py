"""Style transfer as a whole: two pictures in, one picture out.

The picture is painted coarse to fine: first small, where a brush stroke is a few pixels and the network sees far, then
enlarged and refined. Every loss is relative: 1 means "as far from the target as an empty picture would be".
"""
import copy
import math
import time
from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from tqdm.auto import tqdm

from .colors import luminance, match_luminance, with_colors_of
from .devices import choose_device, choose_precision
from .images import MIN_SIDE, ImageError, check_positive_int, load_image, resize_image
from .losses import content_loss, gram_matrix, style_loss, total_variation
from .networks import load_network
from .optimize import Step, optimize

# The paper's layers, all after the ReLU
CONTENT_LAYERS = ("relu4_2",)
STYLE_LAYERS = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")

# The balance of the two relative losses at style weight 1. Found by looking at many pictures: below 10 a photo with
# texture, above 40 the photo's smaller things dissolve.
STYLE_TO_CONTENT = 20.0
STEPS = 180
SMALLEST_SCALE = 64         # px: below it conv5_1 has hardly any positions left to describe
BAR = "{desc} {percentage:3.0f}% |{bar}| {elapsed}<{remaining}"    # time gone, time left
MARGIN = 16                 # px: convolutions pad with zeros, and would paint them as a bar along every border


@dataclass(frozen=True)
class Result:
    """A finished, or interrupted, style transfer.

    Attributes:
        image: the picture, (1, 3, H, W), RGB, in [0, 1].
        history: one Step for each update, over all scales, without its image.
        interrupted: True if Ctrl-C, or the kernel's stop button, ended it early.
    """

    image: torch.Tensor
    history: list
    interrupted: bool = False


def stylize(content, style, size=512, steps=STEPS, init="content", seed=0, *, progress=True, on_step=None, **settings):
    """Paint the photo `content` in the manner of the painting `style`.

    Args:
        content, style, size, steps, init, seed: see `stylize_steps`.
        progress: show a progress bar with the remaining time.
        on_step: function to be called with each TransferStep, for instance to save it.
        settings: any other argument of `stylize_steps`.

    Returns:
        Result. If it is interrupted (Ctrl-C) after the first step, the latest picture, with `interrupted` set.

    Raises:
        the same as `stylize_steps`.
    """
    painting = stylize_steps(content, style, size, steps, init, seed, **settings)
    history, step, interrupted = [], None, False
    bar = tqdm(total=100, disable=not progress, desc="painting", bar_format=BAR)
    with bar:
        try:
            for step in painting:
                history.append(replace(step, image=None))
                bar.update(round(100 * step.progress) - bar.n)
                if on_step is not None:
                    on_step(step)
        except KeyboardInterrupt:
            if step is None:
                raise
            interrupted = True
    return Result(step.at_full_size(), history, interrupted)


@dataclass(frozen=True)
class TransferStep(Step):
    """A Step of a style transfer.

    Attributes:
        size: (height, width) of the finished picture; `image` is smaller at the coarser scales.
        progress: share of the whole work done, from 0 to 1.
    """

    size: tuple = None
    progress: float = 0.0

    def at_full_size(self):
        """The picture enlarged to the finished size, (1, 3, H, W)."""
        if self.image.shape[2:] == self.size:
            return self.image
        return resize_image(self.image, *self.size).clamp(0, 1)


def stylize_steps(content, style, size=512, steps=STEPS, init="content", seed=0, *, network=None,
                  content_layers=CONTENT_LAYERS, style_layers=STYLE_LAYERS, style_weight=1.0, tv_weight=0.0,
                  style_scale=1.0, scales=None, keep_colors=False, method="lbfgs", device="auto", precision="float32"):
    """The same as `stylize`, as a generator: stop with `break`, film with a list comprehension.

    Args:
        content: the photo: a file, or a tensor (1, 3, H, W), RGB, in [0, 1].
        style: the painting, likewise; its size may differ.
        size: longest side of the result in pixels; a smaller photo keeps its size.
        steps: updates of the picture in all, over all scales.
        init: start from "content" (the photo), "noise", "style" (the painting), or a picture (file or tensor).
        seed: of the noise.
        network: from `load_network`; None loads VGG-19 with its original weights.
        content_layers, style_layers: layer names, or {layer: weight}.
        style_weight: balance; 1 suits most pairs, 0.3 keeps more of the photo, 3 takes more of the painting.
        tv_weight: smoothness; 0 is none, 1 is a lot.
        style_scale: size of the painting relative to the result's: 0.5 makes strokes half as long.
        scales: how many sizes from coarse to fine, each half the next; None takes as many as are useful, 1 only the full.
        keep_colors: take only brightness from the painting.
        method: "lbfgs", "adam" or "sgd", see `optimize`.
        device: "auto" takes a GPU if there is one; or "cpu", "cuda", "mps".
        precision: of the network: "float32", "bfloat16" (faster on some processors, slightly less exact), or "auto" (tries).

    Yields:
        TransferStep, `steps` times; a step's losses are those of its image. All are relative to an empty picture.

    Raises:
        ImageError: a picture that cannot be read or is too small.
        ValueError: any other argument out of range.
        DivergenceError: a loss became NaN or infinite.

    Source: Gatys, Ecker & Bethge 2016. Departures: relative losses, coarse to fine (Gatys et al. 2017, section 6), pixels kept
        in [0, 1], a reflected margin that is cut off at the end, and the photo as the start.
    """
    check_positive_int("size", size, "number of pixels")
    check_positive_int("steps", steps, "number of updates")
    if scales is not None:
        check_positive_int("scales", scales, "number of sizes")
    for name, value, allowed in (("style_weight", style_weight, "0 or more"), ("tv_weight", tv_weight, "0 or more"),
                                 ("style_scale", style_scale, "more than 0")):
        if not (math.isfinite(value) and value >= 0 and (value or allowed == "0 or more")):
            raise ValueError(f"{name} must be {allowed}, got {value!r}")
    device = choose_device(device)
    photo = _picture(content, size, "content")
    painting = _picture(style, max(MIN_SIDE, round(size * style_scale)), "style")
    precision = choose_precision(precision, device)
    network = load_network() if network is None else copy.deepcopy(network)    # the caller's stays where and as it is
    network = network.to(device, getattr(torch, precision))
    settings = {"content_layers": content_layers, "style_layers": style_layers, "tv_weight": tv_weight,
                "style_weight": style_weight * STYLE_TO_CONTENT}
    plan = _plan(photo.shape[2:], steps, scales)
    colors = photo if keep_colors else None
    if keep_colors:
        photo = luminance(photo).expand_as(photo)
        painting = match_luminance(luminance(painting), luminance(photo)).expand_as(painting)
    start = _start(init, photo, painting, seed)
    if keep_colors:
        start = luminance(start).expand_as(start)
    pictures = (picture.to(device) for picture in (photo, painting, start))
    return _paint(*pictures, colors, network, settings, plan, method)


def _paint(photo, painting, start, colors, network, settings, plan, method):
    """Coarse to fine: one `optimize` for each size of the plan, each starting from the one before."""
    started, index, evaluations, work = time.perf_counter(), 0, 0, 0
    all_work = sum(_area(height, width) * steps for height, width, steps in plan)
    change = None
    for height, width, steps in plan:
        shrink = height / photo.shape[2]
        small_start = _scaled(start, height, width)
        # What is enlarged is the change so far, not the picture: so the start's fine detail is not lost
        image = small_start if change is None else small_start + resize_image(change, height, width)
        loss = TransferLoss(network, _reflect(_scaled(photo, height, width)), _reflect(_shrunk(painting, shrink)), **settings)
        for step in optimize(_reflect(image.clamp(0, 1)), loss, steps, method):
            image = _cropped(step.image, height, width)
            work += _area(height, width)
            yield TransferStep(index + step.index, evaluations + step.evaluations, time.perf_counter() - started, step.losses,
                               _finish(image, colors), tuple(photo.shape[2:]), work / all_work)
        index, evaluations = index + step.index, evaluations + step.evaluations
        change = image - small_start


class TransferLoss:
    """The total loss of style transfer, as a function of an image: {"content": scalar, "style": scalar, ...}.

    The targets are computed once, here. Weights may be changed at any time; they take effect at the next call.

    Args:
        network: describes the pictures.
        content: the photo, (1, 3, H, W).
        style: the painting, (1, 3, H', W').
        content_layers: {layer: weight}, or names that share the weight 1 equally.
        style_layers: the same.
        content_weight, style_weight: alpha and beta.
        tv_weight: of total variation; above 0 the picture becomes smoother.
        relative: divide each layer's loss by its value for an empty picture (all activations 0). False gives the
            plain c and E of `stylelib.losses`.

    Source: Gatys et al. 2016, eq. 7. Relative losses are ours: with plain ones, relu4_1 alone makes nearly all of the
        style loss of this network, and equal weights mean nothing.
    """

    def __init__(self, network, content, style, content_layers=CONTENT_LAYERS, style_layers=STYLE_LAYERS,
                 content_weight=1.0, style_weight=STYLE_TO_CONTENT, tv_weight=0.0, relative=True):
        self.network = network
        self.content_layers, self.style_layers = _shares(content_layers), _shares(style_layers)
        self.content_weight, self.style_weight, self.tv_weight = content_weight, style_weight, tv_weight
        with torch.no_grad():
            self.content_targets = network(content, list(self.content_layers))
            self.style_targets = {layer: gram_matrix(features)
                                  for layer, features in network(style, list(self.style_layers)).items()}
            # The loss of an empty picture: mean P^2, and E with G = 0
            self.content_units = {layer: target.float().square().mean().clamp(min=1e-12) if relative else 1.0
                                  for layer, target in self.content_targets.items()}
            self.style_units = {layer: (target.square().sum() / (4 * target.shape[1] ** 2)).clamp(min=1e-12) if relative else 1.0
                                for layer, target in self.style_targets.items()}

    def __call__(self, image):
        """Weighted terms for an image of the photo's shape."""
        features = self.network(image, list({**self.content_layers, **self.style_layers}))
        terms = {}
        if self.content_layers and self.content_weight:
            terms["content"] = self.content_weight * sum(
                share * content_loss(features[layer], self.content_targets[layer]) / self.content_units[layer]
                for layer, share in self.content_layers.items())
        if self.style_layers and self.style_weight:
            terms["style"] = self.style_weight * sum(
                share * style_loss(features[layer], self.style_targets[layer]) / self.style_units[layer]
                for layer, share in self.style_layers.items())
        if self.tv_weight:
            terms["smoothness"] = self.tv_weight * total_variation(image)
        if not terms:
            raise ValueError("there is no loss to lower: give at least one layer with a weight above 0")
        return terms


def _plan(full_size, steps, scales):
    """[(height, width, steps)] from coarse to fine. The coarser, the cheaper a step: 1, 1.5, 2, 2.5... times as many."""
    height, width = full_size
    useful = 1 + max(0, int(math.log2(max(full_size) / SMALLEST_SCALE)))
    while min(full_size) < MIN_SIDE * 2 ** (useful - 1):
        useful -= 1
    count = min(scales or useful, useful, steps)
    shares = [1 + i / 2 for i in range(count)][::-1]
    counts = [max(1, round(steps * share / sum(shares))) for share in shares]
    counts[0] += steps - sum(counts)
    return [(round(height / 2**i), round(width / 2**i), n) for i, n in zip(reversed(range(count)), counts)]


def _area(height, width):
    """Pixels with their margin: what a step costs."""
    return (height + 2 * MARGIN) * (width + 2 * MARGIN)


def _shares(layers):
    """Names, or {name: weight} -> {name: weight}; names share 1 equally."""
    if isinstance(layers, str):
        raise ValueError(f"layers must be a list of names: write [{layers!r}]")
    return dict(layers) if isinstance(layers, dict) else {layer: 1 / len(layers) for layer in layers}


def _picture(source, size, role):
    """A file or a tensor -> a picture of at most `size` pixels on its longest side."""
    if not isinstance(source, torch.Tensor):
        return load_image(source, size)
    if source.ndim != 4 or source.shape[:2] != (1, 3):
        raise ImageError(f"{role} must have shape (1, 3, H, W), got {tuple(source.shape)}")
    if min(source.shape[2:]) < MIN_SIDE:
        raise ImageError(f"{role} is {source.shape[3]}x{source.shape[2]} px; at least {MIN_SIDE} px a side are needed")
    return _shrunk(source.detach().float().cpu(), min(1.0, size / max(source.shape[2:])))


def _start(init, photo, painting, seed):
    """The picture to begin with, in the photo's size."""
    height, width = photo.shape[2:]
    if isinstance(init, str) and init == "content":
        return photo
    if isinstance(init, str) and init == "noise":
        return torch.rand(photo.shape, generator=torch.Generator().manual_seed(seed))
    if isinstance(init, str) and init == "style":
        return _scaled(painting, height, width)
    try:
        return _scaled(_picture(init, max(height, width), "init"), height, width)
    except ImageError as error:
        raise ImageError(f"init must be content, noise, style or a picture: {error}") from None


def _scaled(image, height, width):
    if tuple(image.shape[2:]) == (height, width):
        return image
    return resize_image(image, height, width).clamp(0, 1)


def _shrunk(image, factor):
    """Both sides times `factor`, but none below what the network needs."""
    factor = max(factor, MIN_SIDE / min(image.shape[2:]))
    return _scaled(image, *(round(side * min(factor, 1.0)) for side in image.shape[2:]))


def _reflect(image):
    """Continue a picture past its borders by its mirror image."""
    margin = min(MARGIN, *(side - 1 for side in image.shape[2:]))    # a mirror image has at most the picture's size
    return F.pad(image, (margin, margin, margin, margin), mode="reflect")


def _cropped(image, height, width):
    """The middle of a picture: `_reflect` undone."""
    top, left = (image.shape[2] - height) // 2, (image.shape[3] - width) // 2
    return image[:, :, top:top + height, left:left + width]


def _finish(image, colors):
    """A step's picture as the user sees it: on the CPU, with the photo's colours if they are to be kept."""
    image = image.cpu()
    return image if colors is None else with_colors_of(image, _scaled(colors, *image.shape[2:]))
