"""Style transfer as a whole: two pictures in, one picture out.

The picture is painted coarse to fine: first small, where a brush stroke is a few pixels and the network sees far, then
enlarged and refined. What is lowered at each size is the `TransferLoss` of `objective`.
"""
import contextlib
import copy
import functools
import inspect
import math
import time
from dataclasses import dataclass, replace
from numbers import Integral

import torch
import torch.nn.functional as F

from .engine.checks import check_number, check_positive_int
from .engine.devices import choose_device, choose_precision
from .engine.inputs import ImageError
from .engine.memory import choose_loss, in_plain_words
from .engine.progress import ProgressBar
from .engine.reading import MAX_PIXELS, name_of
from .images import MIN_SIDE, as_picture, resize_image
from .networks import load_network
from .objective import STYLE_TO_CONTENT, default_layers
from .optimize import Step, optimize
from .style.colors import luminance, match_histogram, match_luminance, match_mean_covariance, with_colors_of
from .style.masks import as_mask, fit_mask, layer_mask

STEPS = 200
SMALLEST_SCALE = 64         # px: below it conv5_1 has hardly any positions left to describe
FEW_PIXELS = 2**19          # up to here L-BFGS remembers ten steps; above, its memory would cost more than the network's: four
MANY_PIXELS = 2**21         # above, it remembers two, which are 150 MB less at 2048 px
QUIET_NOISE = 0.05          # deviation of the noise to start from: full noise is still seen after 200 steps
# contrast of the painting to start from: at full contrast, few steps give it back nearly pixel by pixel
FADED = 0.1
MARGIN = 16                 # px: convolutions pad with zeros, and would paint them as a bar along every border


def _grey_like(painting, photo):
    """The painting in grey, with the photo's range of brightness."""
    return match_luminance(luminance(painting), luminance(photo)).expand_as(painting)


# What keep_colors does with a painting before the transfer
COLORS = {False: lambda painting, photo: painting, True: _grey_like, "luminance": _grey_like,
          "covariance": match_mean_covariance, "histogram": match_histogram}


@dataclass(frozen=True, eq=False)       # == would ask for one truth about all pixels
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
        the same as `stylize_steps`, and what `on_step` raises. After the first step the error has an
        attribute `result`: the picture so far.
    """
    painting = stylize_steps(content, style, size, steps, init, seed, **settings)
    history, step, interrupted = [], None, False
    with ProgressBar("painting", shown=progress) as bar:
        try:
            for step in painting:
                history.append(replace(step, image=None, start=None))
                bar.show(step.progress)
                if on_step is not None:
                    on_step(step)
        except KeyboardInterrupt:
            if step is None:
                raise
            interrupted = True
        except Exception as error:
            if step is not None:
                error.result = Result(step.at_full_size(), history, interrupted=True)
            raise
    return Result(step.at_full_size(), history, interrupted)


@dataclass(frozen=True, eq=False)
class TransferStep(Step):
    """A Step of a style transfer.

    Attributes:
        size: (height, width) of the finished picture; `image` is smaller at the coarser scales.
        progress: share of the whole work done, from 0 to 1.
        start: the picture at the start, at full size; None if its fine detail is noise.
    """

    size: tuple = None
    progress: float = 0.0
    start: torch.Tensor | None = None

    def at_full_size(self):
        """The picture at the finished size, (1, 3, H, W): the start with the change so far, enlarged."""
        if self.image is None:
            raise ValueError("a Result's history keeps no pictures: look at each step in on_step, or with stylize_steps")
        if self.image.shape[2:] == self.size:
            return self.image
        if self.start is None:
            return resize_image(self.image, *self.size).clamp(0, 1)
        change = self.image - _scaled(self.start, *self.image.shape[2:])
        return (self.start + resize_image(change, *self.size)).clamp(0, 1)


def stylize_steps(content, style, size=512, steps=STEPS, init="content", seed=0, *, network=None,
                  content_layers=None, style_layers=None, style_weight=1.0, tv_weight=0.0, style_scale=1.0, scales=None,
                  statistic="gram", style_shares=None, mask=None, style_mask=None, keep_colors=False,
                  method="lbfgs", device="auto", precision="float32"):
    """The same as `stylize`, as a generator: stop with `break`, film with a list comprehension.

    Args:
        content: the photo: a file, a Pillow picture, a NumPy array (H, W, 3), or a tensor (1, 3, H, W), RGB, in [0, 1].
        style: the painting, likewise; its size may differ. Or a list of paintings.
        size: longest side of the result in pixels; a smaller photo keeps its size.
        steps: updates of the picture in all, over all scales.
        init: start from "content" (the photo), "noise" (grey with a little noise), "style" (the painting,
            faded), or a picture (file or tensor).
        seed: of the noise. With the same seed, machine and number of threads (`torch.set_num_threads`) the
            result is the same.
        network: from `load_network`; None loads VGG-19 with its original weights.
        content_layers, style_layers: layer names, or {layer: weight}; None takes the paper's, or for other networks than VGG
            layers of similar depths.
        style_weight: balance; 1 suits most pairs, 0.3 keeps more of the photo, 3 takes more of the painting.
        tv_weight: smoothness; 0 is none, at 3 one begins to see it, 30 is a lot.
        style_scale: length of the strokes: 0.5 takes the painting half as large, 2 twice as large as at 1,
            where its longest side is the result's, or its own if that is shorter. Enlarged beyond its own
            size it gets soft.
        scales: how many sizes from coarse to fine, each half the next; None takes as many as are useful, 1 only the full.
        statistic: what describes style, see `stylelib.style.statistics`: "gram", "mean_variance", "covariance", "sliced", "patches" or
            "histogram".
        style_shares: how much of each of several paintings; None means equally much.
        mask: where to paint: a picture in the photo's proportions (file or tensor (1, 1, H, W)), white where the painting
            applies. With several paintings a list, one mask for each. Where all are black, the photo stays as
            it is; where they are grey, together, the painted picture is mixed with the photo.
        style_mask: which part of the painting to take, likewise in the painting's proportions.
        keep_colors: False takes the painting's colours. True, the same as "luminance", paints only brightness. "covariance" and
            "histogram" give the painting the photo's colours first.
        method: "lbfgs", "adam" or "sgd", see `optimize`.
        device: "auto" takes a GPU if there is one; or "cpu", "cuda", "mps".
        precision: of the network: "float32", "bfloat16" (faster on some processors, slightly less exact), or "auto" (tries).

    Yields:
        TransferStep, `steps` times; a step's losses are those of its image, before it is mixed with the photo
            by a grey mask. All are relative to an empty picture.

    Raises:
        ImageError: a picture that cannot be read or is too small.
        ValueError: any other argument out of range.
        DivergenceError: a loss became NaN or infinite.
        MemoryError: this size needs more memory than is free; the message names a size that does not.

    Source: Gatys, Ecker & Bethge 2016; masks, colours and several sizes Gatys et al. 2017. Departures: relative losses, coarse to fine
        for small pictures too, pixels kept in [0, 1], a reflected margin that only the network sees, and the photo as the start.
    """
    size = check_positive_int("size", size, "number of pixels")
    steps = check_positive_int("steps", steps, "number of updates")
    scales = None if scales is None else check_positive_int("scales", scales, "number of sizes")
    style_weight, tv_weight = check_number("style_weight", style_weight), check_number("tv_weight", tv_weight)
    style_scale = check_number("style_scale", style_scale, above=True)
    if isinstance(seed, bool) or not isinstance(seed, Integral) or not 0 <= seed < 2**63:
        raise ValueError(f"seed must be a whole number from 0 to 2^63 - 1, got {seed!r}")
    if not isinstance(keep_colors, str | bool) or keep_colors not in COLORS:
        raise ValueError(f"keep_colors must be one of {', '.join(map(repr, COLORS))}, got {keep_colors!r}")
    device = choose_device(device)
    photo = as_picture(content, "content", size)
    paintings = [_painting(painting, max(photo.shape[2:]), style_scale) for painting in _listed(style)]
    masks = _masks(mask, [photo] * len(paintings), "mask")
    style_masks = _masks(style_mask, paintings, "style_mask")
    network = _placed(load_network() if network is None else _checked(network), device, choose_precision(precision, device))
    layers = default_layers(network)
    settings = {"content_layers": layers[0] if content_layers is None else content_layers,
                "style_layers": layers[1] if style_layers is None else style_layers, "tv_weight": tv_weight,
                "style_weight": style_weight * STYLE_TO_CONTENT, "statistic": statistic, "style_shares": style_shares}
    make_loss = choose_loss(network, photo.shape[2:], MARGIN, settings,
                            [painting.shape[2:] for painting in paintings],
                            masked=any(mask is not None for mask in (*masks, *style_masks)))
    plan = _plan(photo.shape[2:], steps, scales)
    colors = photo if keep_colors in (True, "luminance") else None
    paintings = [COLORS[keep_colors](painting, photo) for painting in paintings]
    if colors is not None:
        photo = luminance(photo).expand_as(photo)
    start = _start(init, photo, paintings[0], seed)
    if colors is not None:
        start = luminance(start).expand_as(start)
    covered = _covered(masks)
    noisy = isinstance(init, str) and init == "noise"
    shown_start = None if noisy else _finish(_painted(photo, covered, start), colors)
    pictures = [photo.to(device), start.to(device)]
    targets = [[None if picture is None else picture.to(device) for picture in group] for group in (paintings, masks, style_masks)]
    covered = covered if covered is None else covered.to(device)
    steps = _paint(*pictures, covered, *targets, colors, shown_start, make_loss, plan, method)
    return in_plain_words(steps, photo.shape[2:])


def _paint(photo, start, covered, paintings, masks, style_masks, colors, shown_start, make_loss, plan, method):
    """Coarse to fine: one `optimize` for each size of the plan, each starting from the one before."""
    started, index, evaluations, work = time.perf_counter(), 0, 0, 0
    all_work = sum(_area(height, width) * steps for height, width, steps in plan)
    change = None
    for height, width, steps in plan:
        shrink = height / photo.shape[2]
        small_start = _scaled(start, height, width)
        # What is enlarged is the change so far, not the picture: so the start's fine detail is not lost
        image = small_start if change is None else small_start + resize_image(change, height, width)
        small_photo, small_covered = _scaled(photo, height, width), covered if covered is None else layer_mask(covered, height, width)
        loss = make_loss(_reflect(small_photo), [_reflect(_shrunk(painting, shrink)) for painting in paintings],
                         masks=[_small_mask(mask, height, width) for mask in masks],
                         style_masks=[_small_mask(mask, *_shrunk(painting, shrink).shape[2:])
                                      for mask, painting in zip(style_masks, paintings)])
        touched = None if covered is None else (small_covered > 0).to(photo)
        seen = functools.partial(_painted, small_photo, touched)
        for step in optimize(image.clamp(0, 1), lambda image: loss(_reflect_evenly(seen(image))), steps, method,    # noqa: B023
                             history=_history(height, width)):
            work += _area(height, width)
            shown = _finish(_painted(small_photo, small_covered, step.image), colors)
            yield TransferStep(index + step.index, evaluations + step.evaluations, time.perf_counter() - started, step.losses,
                               shown, tuple(photo.shape[2:]), work / all_work, shown_start)
        index, evaluations = index + step.index, evaluations + step.evaluations
        change = step.image - small_start


def _plan(full_size, steps, scales):
    """[(height, width, steps)] from coarse to fine.

    Many steps at the coarsest size, where large shapes are settled and a step costs little; many at the finest, which is what one
    sees; few between. At 512 px this reaches the loss of evenly falling numbers (2.5 : 2 : 1.5 : 1) in two thirds of the time.
    """
    height, width = full_size
    useful = 1 + max(0, int(math.log2(max(full_size) / SMALLEST_SCALE)))
    while min(full_size) < MIN_SIDE * 2 ** (useful - 1):
        useful -= 1
    count = min(scales or useful, useful, steps)
    shares = [max(3 - i, 1) for i in range(count - 1)] + [min(count, 3)]
    counts = [max(1, round(steps * share / sum(shares))) for share in shares]
    counts[0] += steps - sum(counts)
    while counts[0] < 1:            # few steps for many sizes: the largest number can spare one
        counts[counts.index(max(counts))] -= 1
        counts[0] += 1
    return [(round(height / 2**i), round(width / 2**i), n) for i, n in zip(reversed(range(count)), counts)]


def _area(height, width):
    """Pixels with their margin: what a step costs."""
    return (height + 2 * MARGIN) * (width + 2 * MARGIN)


def _painting(source, longest, scale):
    """A painting, `scale` times as large as at 1: with the result's longest side, or its own if shorter."""
    painting = as_picture(source, "style", round(longest * max(scale, 1)))
    sides = painting.shape[2:]
    factor = scale * min(max(sides), longest) / max(sides)
    height, width = (round(side * max(factor, MIN_SIDE / min(sides))) for side in sides)
    if height * width > MAX_PIXELS:
        raise ValueError(f"style_scale {scale:g} would make the painting {width}x{height} px: take a "
                         "smaller one")
    return _scaled(painting, height, width)


def _listed(style):
    """One painting or a list of paintings -> a list."""
    paintings = list(style) if isinstance(style, (list, tuple)) else [style]
    if not paintings:
        raise ValueError("style must be a painting or a list of paintings, got an empty list")
    return paintings


def _masks(masks, pictures, role):
    """None, one mask, or a list with one for each picture -> a list of masks of their sizes, or None each."""
    masks = list(masks) if isinstance(masks, (list, tuple)) else [masks] * (len(pictures) if masks is None else 1)
    if len(masks) != len(pictures):
        raise ValueError(f"there must be one {role} for each painting, got {len(masks)} for {len(pictures)}")
    return [mask if mask is None
            else fit_mask(as_mask(mask, role), picture, f"the {role} {name_of(mask, '')}".strip())
            for mask, picture in zip(masks, pictures)]


def _covered(masks):
    """Where any painting applies, (1, 1, H, W) in [0, 1]; None for everywhere."""
    if any(mask is None for mask in masks):
        return None
    covered = sum(masks).clamp(max=1)
    return None if covered.min() > 0.99 else covered


def _painted(photo, covered, image):
    """The image where a painting applies, the photo elsewhere.

    The deepest layers look far: the style would leak out of its mask.

    The loss sees the image wherever the mask is not black, so that a grey mask mixes a finished painting with
    the photo. If it saw the mixture, the image behind a mask of 0.3 would have to overshoot threefold to show
    the style.
    """
    return image if covered is None else torch.lerp(photo, image, covered)


def _small_mask(mask, height, width):
    """A mask for a picture of this size with its margin."""
    return mask if mask is None else _reflect(layer_mask(mask, height, width))


def _checked(network):
    """A ValueError unless it is a function of an image and names of layers, such as the networks of `load_network`."""
    if isinstance(network, torch.nn.Module):
        with contextlib.suppress(TypeError):
            inspect.signature(network.forward).bind("image", "layers")
            return network
    got = repr(network) if isinstance(network, str) else f"a {type(network).__name__}"
    example = network if isinstance(network, str) else "vgg19"
    raise ValueError(f"network must take an image and names of layers, got {got}: write network=load_network({example!r})")


def _placed(network, device, precision):
    """The network on this device in this precision; the caller's own stays where and as it is."""
    dtype = getattr(torch, precision)
    parameter = next(network.parameters(), None)
    if parameter is None or (str(parameter.device), parameter.dtype) == (device, dtype):
        return network
    return copy.deepcopy(network).to(device, dtype)


def _history(height, width):
    """How many steps L-BFGS remembers: a lever on memory only; pictures look the same."""
    return 10 if height * width <= FEW_PIXELS else 4 if height * width <= MANY_PIXELS else 2


def _start(init, photo, painting, seed):
    """The picture to begin with, in the photo's size."""
    height, width = photo.shape[2:]
    if isinstance(init, str) and init == "content":
        return photo
    if isinstance(init, str) and init == "noise":
        noise = torch.randn(photo.shape, generator=torch.Generator().manual_seed(int(seed)), device="cpu")
        return (0.5 + QUIET_NOISE * noise).clamp(0, 1)
    if isinstance(init, str) and init == "style":
        mean = painting.mean((2, 3), keepdim=True)
        return _scaled(mean + FADED * (painting - mean), height, width)
    try:
        return _scaled(as_picture(init, "init", max(height, width)), height, width)
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
    """Continue a picture past its borders by its mirror image: inside the loss, so that no pixel of the margin is painted for itself.

    Painted and then cut off, the margin would take a part of the style with it: at 256 px the loss ended up to 29 % higher.
    """
    return F.pad(image, [_margin(image)] * 4, mode="reflect")


def _reflect_evenly(image):
    """The same picture, with each pixel's gradients averaged over its copies in the margin, not added up.

    Added up, they would move the border faster than the rest: with few steps one saw a frame, 16 px inside. A copy's weight
    fades from the border outwards, so that no line is left where the copies end; this costs 1 % of the loss.
    """
    rows, columns = (_fading(side, _margin(image)).to(image.device) for side in image.shape[2:])
    weights = (rows[:, None] * columns)[None, None]
    all_weights = _sum_of_copies(weights, image[:, :1])
    averaged = _reflect(image / all_weights) * weights
    return averaged + (_reflect(image) - averaged).detach()     # the value of the one, the gradient of the other


def _sum_of_copies(weights, image):
    """For each pixel of `image` the sum of the weights at its places in the picture with the margin: the transpose of `_reflect`.

    As the gradient of one number: given a gradient to start from, as a whole picture needs, PyTorch imports SymPy, half a second.
    """
    with torch.enable_grad():
        pixels = torch.ones_like(image, requires_grad=True)
        return torch.autograd.grad((_reflect(pixels) * weights).sum(), pixels)[0]


def _fading(side, margin):
    """1 along a side, falling towards 0 in the margins at both its ends."""
    rise = torch.linspace(0, 1, margin + 2, device="cpu")[1:-1]
    return torch.cat([rise, rise.new_ones(side), rise.flip(0)])


def _margin(image):
    return min(MARGIN, *(side - 1 for side in image.shape[2:]))     # a mirror image has at most the picture's size


def _finish(image, colors):
    """A step's picture as the user sees it: on the CPU, with the photo's colours if they are to be kept."""
    image = image.cpu()
    return image if colors is None else with_colors_of(image, _scaled(colors, *image.shape[2:]))
