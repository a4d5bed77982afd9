"""Checkers of notebook 05: a weight in another source's unit, and settings that meet a written brief."""
import inspect
import math
from pathlib import Path

import torch

from ..images import load_image
from ..losses import total_variation
from ..networks import load_network
from ..objective import STYLE_LAYERS, TransferLoss
from ..transfer import stylize, stylize_steps
from .verdict import Mistake, exercise

# The brief: how large the two relative distances and the restlessness (that of the photo is 1) may be at most
MOST_CONTENT, MOST_STYLE, MOST_RESTLESS = 0.5, 0.45, 0.95
SIZE, STEPS = 96, 25
FIXED = ("content", "style", "size", "steps", "scales", "network", "device", "precision", "progress")
FREE = tuple(name for name in inspect.signature(stylize_steps).parameters if name not in FIXED)


@exercise
def convert_weight(answer):
    """Check `convert_weight(weight, channels)`: pystiche's style weight as the PyTorch tutorial would have to type it."""
    cases = [(1e3, 64), (1e3, 512), (5.0, 128), (250.0, 7)]
    got = [_number(answer(weight, channels)) for weight, channels in cases]
    for slip, hint in WEIGHT_SLIPS:
        if _close(got, [slip(weight, channels) for weight, channels in cases]):
            raise Mistake(hint)
    for value, (weight, channels) in zip(got, cases, strict=True):
        expected = weight / 5 * channels**2
        if not _close([value], [expected]):
            raise Mistake(f"for the weight {weight:g} and {channels} channels the tutorial needs {expected:g}, got {value:g}")


@exercise
def poster(answer):
    """Check `poster()`: settings for `stylize` that meet the brief, found out by painting with them."""
    settings = answer()
    _examine_settings(settings)
    photo, painting = (load_image(_picture(name), SIZE) for name in ("content/china.jpg", "style/starry_night.jpg"))
    network = load_network()
    image = stylize(photo, painting, SIZE, STEPS, network=network, progress=False, **settings).image
    with torch.no_grad():
        terms = TransferLoss(network, photo, painting, style_weight=1)(image)
    _judge(settings, float(terms["content"]), float(terms["style"]), float(total_variation(image) / total_variation(photo)))


def _judge(settings, content, style, restless):
    """Raise Mistake with a hint that names the knob to turn, unless all three numbers are small enough."""
    measured = (f"content distance {content:.2f} (at most {MOST_CONTENT}), style distance {style:.2f} (at most {MOST_STYLE}), "
                f"restlessness {restless:.2f} (at most {MOST_RESTLESS}). ")
    init, weight, smooth = settings.get("init", "content"), settings.get("style_weight", 1.0), settings.get("tv_weight", 0.0)
    if content > MOST_CONTENT and not (isinstance(init, str) and init == "content"):
        raise Mistake(measured + f"{STEPS} steps are too few to find the photo again from another start: use init='content'")
    if content > MOST_CONTENT and style > MOST_STYLE:
        raise Mistake(measured + "Both distances are too large, so the two weights are not to blame: something holds the picture "
                      "back. Set the layers, the method and style_scale back to their defaults, or take less tv_weight")
    if content > MOST_CONTENT:
        raise Mistake(measured + f"The pagoda dissolves: lower style_weight (now {weight:g}), in steps of a factor of 2 or 3")
    if style > MOST_STYLE and set(settings.get("style_layers", STYLE_LAYERS)) != set(STYLE_LAYERS):
        raise Mistake(measured + "The painting is measured at five depths, so use all five style layers")
    if style > MOST_STYLE and restless < MOST_RESTLESS and smooth:
        raise Mistake(measured + f"Calm enough, but the strokes are gone too: take less tv_weight (now {smooth:g}) or "
                      f"more style_weight (now {weight:g})")
    if style > MOST_STYLE:
        raise Mistake(measured + f"Hardly painted yet: raise style_weight (now {weight:g}), in steps of a factor of 2 or 3")
    if restless > MOST_RESTLESS:
        raise Mistake(measured + f"Recognisable and painted, but too restless for a poster: raise tv_weight (now {smooth:g})")


def _examine_settings(settings):
    if settings is None:
        raise Mistake("your function returned None: does it end with `return`?")
    if not isinstance(settings, dict):
        raise Mistake(f"return a dict of settings, such as {{'style_weight': 3.0}}, got {type(settings).__name__}")
    for name in settings:
        if name in FIXED:
            raise Mistake(f"the brief fixes {name!r}; turn another knob: {', '.join(FREE)}")
        if name not in FREE:
            raise Mistake(f"stylize has no setting {name!r}; there are {', '.join(FREE)}")


def _picture(name):
    """A file of the repository's data folder, seen from the notebooks, from the repository or from this file."""
    for root in (Path(".."), Path("."), Path(__file__).parents[2]):
        if (root / "data" / name).exists():
            return root / "data" / name
    raise Mistake(f"the picture data/{name} is missing: run the notebook in the course's folder `notebooks`")


# What learners get wrong when they go from one divisor to another
WEIGHT_SLIPS = (
    (lambda weight, channels: weight / 5 * channels,
     "you divided the Gram matrices by C once more, but the loss squares their differences: what happens to C then?"),
    (lambda weight, channels: weight / 5 / channels**2,
     "the right factors, but the wrong way: the tutorial's loss is smaller, so its weight must be larger"),
    (lambda weight, channels: weight * channels**2,
     "the right factor for the Gram matrices. And pystiche takes the mean over its five layers, where the tutorial takes the sum"),
    (lambda weight, channels: weight * 5 * channels**2,
     "the five goes the other way: a mean over five layers gives each of them a fifth of the weight"),
    (lambda weight, channels: weight / 5,
     "right for the mean over five layers. But the Gram matrices differ too: one is divided by M, the other by C*M"),
    (lambda weight, channels: weight / 5 * channels**4,
     "one square too many: mean of ((G - A) / C)^2 is mean of (G - A)^2, divided by C^2"),
    (lambda weight, channels: weight, "the same number means something else there: look at the two formulas"),
)


def _number(value):
    if value is None:
        raise Mistake("your function returned None: does it end with `return`?")
    if isinstance(value, torch.Tensor) and value.ndim == 0:
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Mistake(f"a number is expected, got {type(value).__name__}")
    return float(value)


def _close(got, expected):
    return all(math.isclose(a, b, rel_tol=1e-3) for a, b in zip(got, expected, strict=True))
