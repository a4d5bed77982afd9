"""The brief of notebook 05's poster: which knobs may be turned, what is measured, what to turn next."""
import numbers
from collections.abc import Mapping
from typing import Any, NamedTuple

from ...objective import CONTENT_LAYERS, STYLE_LAYERS
from ...settings import defaults
from .verdict import Mistake, number, returned

# How large the two relative distances and the restlessness (that of the photo is 1) may be at most
MOST_CONTENT, MOST_STYLE, MOST_RESTLESS = 0.5, 0.45, 0.95
SIZE, STEPS = 96, 25
FIXED = ("content", "style", "size", "steps", "scales", "network", "device", "precision", "progress")
# {knob: default} of those that are free to turn
FREE = {**{name: default for name, default in defaults().items() if name not in FIXED},
        "mask": None, "style_mask": None}
NUMBERS = tuple(name for name, default in FREE.items()
                if isinstance(default, numbers.Real) and not isinstance(default, bool))

# (what is too large, a setting that can hold it up, why): what the two weights need not make up for
OBSTACLES = (
    ("content", "init", f"{STEPS} steps are too few to find the photo again from another start: use "
                        "init='content'"),
    ("content", "content_layers", f"the photo is measured at {CONTENT_LAYERS[0]}, so leave content_layers "
                                  "as they are"),
    ("style", "keep_colors", "the painting's colours are a part of its style, and keep_colors keeps them "
                             "out: no weight makes up for that, so leave keep_colors at False"),
    ("style", "style_layers", "the painting is measured at five depths, so use all five style layers alike"),
    ("style", "mask", "the whole picture is measured, and where the mask is black it stays a photo: leave "
                      "the mask out"),
    ("style", "style_mask", "the whole painting is the measure, and style_mask shows only a part of it: "
                            "leave it out"),
    ("style", "style_scale", "the painting is measured at its usual size, so set style_scale back to 1"),
    ("style", "statistic", "style is measured with Gram matrices, so statistic='gram' comes nearest"),
    ("style", "method", f"in {STEPS} steps method='lbfgs' gets furthest"),
    ("style", "content_layers", "weights in content_layers make the photo pull harder: leave them as they "
                                "are, style_weight is the balance"),
    ("restless", "init", f"{STEPS} steps are too few to calm another start: use init='content'"),
)


class Measured(NamedTuple):
    """What a poster was found to be."""

    content: float      # relative distance from the photo
    style: float        # relative distance from the painting
    restless: float     # total variation, relative to the photo's

    def too_large(self) -> list[str]:
        """The names of those that the brief does not allow."""
        most = (MOST_CONTENT, MOST_STYLE, MOST_RESTLESS)
        return [name for name, value, limit in zip(self._fields, self, most, strict=True)
                if not value <= limit]      # also where it is NaN

    def words(self) -> str:
        """The three numbers with their limits."""
        return (f"content distance {self.content:.2f} (at most {MOST_CONTENT}), "
                f"style distance {self.style:.2f} (at most {MOST_STYLE}), "
                f"restlessness {self.restless:.2f} (at most {MOST_RESTLESS}).")


def examined(settings: Any) -> dict[str, Any]:
    """The settings, with plain numbers; Mistake where `stylize` has no such setting or the brief fixes it."""
    if not isinstance(returned(settings), dict):
        raise Mistake("return a dict of settings, such as {'style_weight': 3.0}, "
                      f"got {type(settings).__name__}")
    for name, value in settings.items():
        if name in FIXED:
            raise Mistake(f"the brief fixes {name!r}; turn another knob: {', '.join(FREE)}")
        if name not in FREE:
            raise Mistake(f"stylize has no setting {name!r}; there are {', '.join(FREE)}")
        if name in NUMBERS and isinstance(value, str):
            raise Mistake(f"{name} must be a number, got the text {value!r}: leave out the quotation marks")
        if name in NUMBERS and value is None:
            raise Mistake(f"{name} must be a number, got None: leave it out for its default, {FREE[name]:g}")
    return {name: number(value, f"for {name} a number") if name in NUMBERS else value
            for name, value in settings.items()}


def judged(settings: Mapping[str, Any], measured: Measured) -> str:
    """What to say to a good poster. Mistake that names the knob to turn, if a number is too large."""
    too_large = measured.too_large()
    if too_large:
        raise Mistake(f"{measured.words()} {_advice(settings, too_large)}")
    return f"Your poster: {measured.words()}"


def _advice(settings, too_large):
    """What to turn: first what no weight can make up for, and only then the weights."""
    weight, smooth = settings.get("style_weight", 1.0), settings.get("tv_weight", 0.0)
    obstacles = [why for name, knob, why in OBSTACLES if name in too_large[:1] and _is_turned(knob, settings)]
    if too_large[:2] == ["content", "style"]:
        return _advice_on_both(settings, smooth)
    if obstacles:
        return obstacles[0][0].upper() + obstacles[0][1:]
    if too_large[0] == "content":
        return f"The pagoda dissolves: lower style_weight (now {weight:g}), in steps of a factor of 2 or 3"
    if too_large == ["style"] and smooth:
        return (f"Calm enough, but the strokes are gone too: take less tv_weight (now {smooth:g}) or more "
                f"style_weight (now {weight:g})")
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
    value, default = settings.get(knob, FREE[knob]), FREE[knob]
    if knob == "init" and isinstance(value, str):
        return value not in ("content", default)
    if knob in ("content_layers", "style_layers") and value is not None:
        layers = CONTENT_LAYERS if knob == "content_layers" else STYLE_LAYERS
        weights = value if isinstance(value, dict) else dict.fromkeys(value, 1 / len(layers))
        return weights != dict.fromkeys(layers, 1 / len(layers))
    if knob == "keep_colors":
        return bool(value)
    comparable = isinstance(value, (str, numbers.Real))     # a tensor would compare element by element
    return not (value is default or (comparable and value == default))
