"""Checkers of notebook 05: a weight in another source's unit, and settings that meet a written brief."""
import inspect
import math
import numbers
from pathlib import Path

import torch
from IPython import get_ipython

from ...images import load_image
from ...losses import total_variation
from ...networks import load_network
from ...objective import CONTENT_LAYERS, STYLE_LAYERS, TransferLoss
from ...transfer import stylize, stylize_steps
from .verdict import DOUBLED, POWER, Mistake, exercise, number, returned

# ---------------------------------------------------------------------------------------------------- weights

# (weight, channels): no weight is a multiple of 5 but one, no number appears twice in a formula
CASES = ((1e3, 64), (1e3, 512), (7.0, 128), (252.0, 9), (3, 33))

# What learners get wrong when they go from one divisor to another: the factor for five layers, ...
FIVES = {
    1 / 5: None,
    1: "pystiche takes the mean over its five layers, where the tutorial takes the sum",
    5: "the five goes the other way: a mean over five layers gives each of them a fifth of the weight",
}
# ... the power of C, ...
POWERS = {
    2: None,
    0: "the Gram matrices differ too: one is divided by M, the other by C*M",
    1: "you divided the Gram matrices by C once more, and the "
       "loss squares their differences: what happens to C then?",
    -1: "C goes the wrong way (the tutorial's loss is smaller, "
        "so its weight must be larger), and the loss squares it",
    -2: "C goes the wrong way: the tutorial's loss is smaller, so its weight must be larger",
    4: "one square too many: mean of ((G - A) / C)^2 is mean of (G - A)^2, divided by C^2",
}
# ... and what is no question of the two formulas
OTHER_SLIPS = (
    (lambda weight, channels: weight // 5 * channels**2, "// drops what remains of "
                                                         "the division: divide by /"),
    (lambda weight, channels: weight / 5 * channels * 2, DOUBLED),
    (lambda weight, channels: weight / 5 * (channels ^ 2), POWER),
    (lambda weight, channels: weight / 5 * channels**2 / 4,
     "the paper's 4 C^2 plays no role here: both sources take the mean of the squares"),
    (lambda weight, channels: weight / 5 * channels**2 * 4,
     "the paper's 4 C^2 plays no role here: both sources take the mean of the squares"),
)


@exercise
def convert_weight(answer):
    """Check `convert_weight(weight, channels)`: pystiche's style weight in the PyTorch tutorial's unit."""
    got = [number(answer(weight, channels)) for weight, channels in CASES]
    for slip, hint in (*OTHER_SLIPS, *_formula_slips()):
        if all(_close(value, slip(*case)) for value, case in zip(got, CASES)):
            raise Mistake(hint)
    for value, (weight, channels) in zip(got, CASES):
        expected = weight / 5 * channels**2
        if not _close(value, expected):
            raise Mistake(f"for the weight {weight:g} and {channels} channels "
                          f"the tutorial needs {expected:g}, got {value:g}")


def _formula_slips():
    """(slip, hint): each wrong factor for the five layers with each wrong power of C."""
    for five, about_five in FIVES.items():
        for power, about_power in POWERS.items():
            if (five, power) == (1, 0):
                hint = "the same number means something else there: look at the two formulas"
            elif about_five and about_power:
                hint = f"{about_power}. And {about_five}"
            elif about_five:
                hint = f"the right factor for the Gram matrices. But {about_five}"
            elif about_power:
                hint = f"right for the mean over five layers. But {about_power}"
            else:
                continue
            yield lambda weight, channels, five=five, power=power: weight * five * channels**power, hint


def _close(value, expected):
    return math.isclose(value, expected, rel_tol=1e-3)


# --------------------------------------------------------------------------------------------------- a poster

# The brief: how large the two relative distances and the restlessness (that of the photo is 1) may be at most
MOST_CONTENT, MOST_STYLE, MOST_RESTLESS = 0.5, 0.45, 0.95
SIZE, STEPS = 96, 25
FIXED = ("content", "style", "size", "steps", "scales", "network", "device", "precision", "progress")
DEFAULTS = {name: parameter.default for name, parameter in inspect.signature(stylize_steps).parameters.items()
            if name not in FIXED}
FREE = tuple(DEFAULTS)
NUMBERS = tuple(name for name, default in DEFAULTS.items()
                if isinstance(default, numbers.Real) and not isinstance(default, bool))

# (what is too large, a setting that can hold it up, why): what the two weights need not make up for
OBSTACLES = (
    ("content", "init", f"{STEPS} steps are too few to find the photo "
                        "again from another start: use init='content'"),
    ("content", "content_layers", f"the photo is measured at {CONTENT_LAYERS[0]}, "
                                  "so leave content_layers as they are"),
    ("style", "keep_colors", "the painting's colours are a part of its style, and keep_colors keeps "
                             "them out: no weight makes up for that, so leave keep_colors at False"),
    ("style", "style_layers", "the painting is measured at five depths, so use all five style layers alike"),
    ("style", "mask", "the whole picture is measured, and where the mask "
                      "is black it stays a photo: leave the mask out"),
    ("style", "style_mask", "the whole painting is the measure, and style_mask "
                            "shows only a part of it: leave it out"),
    ("style", "style_scale", "the painting is measured at its usual size, so set style_scale back to 1"),
    ("style", "statistic", "style is measured with Gram matrices, so statistic='gram' comes nearest"),
    ("style", "method", f"in {STEPS} steps method='lbfgs' gets furthest"),
    ("style", "content_layers", "weights in content_layers make the photo "
     "pull harder: leave them as they are, style_weight is the balance"),
    ("restless", "init", f"{STEPS} steps are too few to calm another start: use init='content'"),
)


@exercise
def poster(answer):
    """Check `poster()`: settings for `stylize` that meet the brief, found out by painting with them."""
    settings = _examined(answer())
    photo, file, painting, network = _materials()
    try:        # the painting's file: with style_scale above 1 more of its pixels are needed
        image = stylize(photo, file, SIZE, STEPS, network=network, progress=False, **settings).image
    except Exception as error:      # settings of any kind can come
        raise Mistake(f"stylize does not paint with these settings: {error}") from None
    _show({"the photo": photo, "your poster": image, "the painting": painting})
    with torch.no_grad():
        terms = TransferLoss(network, photo, painting, style_weight=1)(image)
    restless = float(total_variation(image) / total_variation(photo))
    return _judge(settings, float(terms["content"]), float(terms["style"]), restless)


def _examined(settings):
    """The settings, with plain numbers; Mistake where `stylize` has no such setting or the brief fixes it."""
    if not isinstance(returned(settings), dict):
        raise Mistake("return a dict of settings, such as "
                      f"{{'style_weight': 3.0}}, got {type(settings).__name__}")
    for name, value in settings.items():
        if name in FIXED:
            raise Mistake(f"the brief fixes {name!r}; turn another knob: {', '.join(FREE)}")
        if name not in FREE:
            raise Mistake(f"stylize has no setting {name!r}; there are {', '.join(FREE)}")
        if name in NUMBERS and isinstance(value, str):
            raise Mistake(f"{name} must be a number, got the text {value!r}: leave out the quotation marks")
        if name in NUMBERS and value is None:
            raise Mistake(f"{name} must be a number, got None: leave "
                          f"it out for its default, {DEFAULTS[name]:g}")
    return {name: number(value, f"for {name} a number") if name in NUMBERS else value
            for name, value in settings.items()}


def _materials():
    """Photo, the painting's file, painting, network. What fails here is not the learner's fault."""
    try:
        photo, file = load_image(_file("content/china.jpg"), SIZE), _file("style/starry_night.jpg")
        return photo, file, load_image(file, SIZE), load_network()
    except (OSError, ValueError) as error:
        raise Mistake(f"your settings could not be tried: {error}") from None


def _show(pictures):
    """Show them above the verdict, in a notebook only."""
    if getattr(get_ipython(), "kernel", None) is not None:
        from .. import show  # here, because it sets how notebooks store figures

        show.pictures(pictures, columns=3)


def _judge(settings, content, style, restless):
    """What to say to a good poster. Mistake that names the knob to turn, if a number is too large."""
    measured = (f"content distance {content:.2f} (at most {MOST_CONTENT}), style distance {style:.2f} "
                f"(at most {MOST_STYLE}), restlessness {restless:.2f} (at most {MOST_RESTLESS}).")
    brief = (("content", content, MOST_CONTENT), ("style", style, MOST_STYLE),
             ("restless", restless, MOST_RESTLESS))
    too_large = [name for name, value, most in brief if not value <= most]
    if too_large:
        raise Mistake(f"{measured} {_advice(settings, too_large)}")
    return f"Your poster: {measured}"


def _advice(settings, too_large):
    """What to turn. First what stands against the measure, and only then the weights."""
    weight, smooth = settings.get("style_weight", 1.0), settings.get("tv_weight", 0.0)
    obstacles = [why for name, knob, why in OBSTACLES if name in too_large[:1] and _is_turned(knob, settings)]
    if too_large[:2] == ["content", "style"]:
        return _advice_on_both(settings, smooth)
    if obstacles:
        return obstacles[0][0].upper() + obstacles[0][1:]
    if too_large[0] == "content":
        return f"The pagoda dissolves: lower style_weight (now {weight:g}), in steps of a factor of 2 or 3"
    if too_large == ["style"] and smooth:
        return ("Calm enough, but the strokes are gone too: take less tv_weight "
                f"(now {smooth:g}) or more style_weight (now {weight:g})")
    if too_large[0] == "style":
        return f"Hardly painted yet: raise style_weight (now {weight:g}), in steps of a factor of 2 or 3"
    return f"Recognisable and painted, but too restless for a poster: raise tv_weight (now {smooth:g})"


def _advice_on_both(settings, smooth):
    """Neither photo nor painting: another balance cannot help."""
    remedies = [why for name, knob, why in OBSTACLES if name != "restless" and _is_turned(knob, settings)]
    if smooth:
        remedies.append(f"take less tv_weight (now {smooth:g})")
    return ("Both distances are too large, so the balance is not to blame: something holds the picture back. "
            + "; ".join(remedies or ["Set all but style_weight and tv_weight back to their defaults"]))


def _is_turned(knob, settings):
    """Does this setting differ from its default?"""
    value, default = settings.get(knob, DEFAULTS[knob]), DEFAULTS[knob]
    if knob == "init" and isinstance(value, str):
        return value not in ("content", default)
    if knob in ("content_layers", "style_layers") and value is not None:
        layers = CONTENT_LAYERS if knob == "content_layers" else STYLE_LAYERS
        weights = value if isinstance(value, dict) else dict.fromkeys(value, 1 / len(layers))
        return weights != dict.fromkeys(layers, 1 / len(layers))
    if knob == "keep_colors":
        return bool(value)
    return not (value is default or isinstance(value, (str, numbers.Real)) and value == default)


def _file(name):
    """A file of the repository's data folder, seen from the notebooks, the repository or this file."""
    for root in (Path(".."), Path("."), Path(__file__).parents[3]):
        if (root / "data" / name).exists():
            return root / "data" / name
    raise Mistake(f"the picture data/{name} is missing: run the notebook in the course's folder `notebooks`")
