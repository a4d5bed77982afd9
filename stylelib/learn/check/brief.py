"""The brief of notebook 05's poster: which knobs may be turned, what is measured, what to turn next."""
import functools
import numbers
from collections.abc import Mapping
from typing import Any, NamedTuple

from ...engine.language import mark, tr
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
    ("content", "init", mark("{steps} steps are too few to find the photo again from another start: use "
                             "init='content'")),
    ("content", "content_layers", mark("the photo is measured at {layer}, so leave content_layers as they "
                                       "are")),
    ("style", "keep_colors", mark("the painting's colours are a part of its style, and keep_colors keeps "
                                  "them out: no weight makes up for that, so leave keep_colors at False")),
    ("style", "style_layers", mark("the painting is measured at five depths, so use all five style layers "
                                   "alike")),
    ("style", "mask", mark("the whole picture is measured, and where the mask is black it stays a photo: "
                           "leave the mask out")),
    ("style", "style_mask", mark("the whole painting is the measure, and style_mask shows only a part of "
                                 "it: leave it out")),
    ("style", "style_scale", mark("the painting is measured at its usual size, so set style_scale back "
                                  "to 1")),
    ("style", "statistic", mark("style is measured with Gram matrices, so statistic='gram' comes nearest")),
    ("style", "method", mark("in {steps} steps method='lbfgs' gets furthest")),
    ("style", "content_layers", mark("weights in content_layers make the photo pull harder: leave them as "
                                     "they are, style_weight is the balance")),
    ("restless", "init", mark("{steps} steps are too few to calm another start: use init='content'")),
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
        return tr("content distance {content:.2f} (at most {most_content}), style distance {style:.2f} (at "
                  "most {most_style}), restlessness {restless:.2f} (at most {most_restless}).",
                  most_content=MOST_CONTENT, most_style=MOST_STYLE, most_restless=MOST_RESTLESS,
                  **self._asdict())


def examined(settings: Any) -> dict[str, Any]:
    """The settings, with plain numbers; Mistake where `stylize` has no such setting or the brief fixes it."""
    if not isinstance(returned(settings), dict):
        raise Mistake(tr("return a dict of settings, such as {{'style_weight': 3.0}}, got {type_name}",
                         type_name=type(settings).__name__))
    for name, value in settings.items():
        if name in FIXED:
            raise Mistake(tr("the brief fixes {name!r}; turn another knob: {names}",
                             name=name, names=", ".join(FREE)))
        if name not in FREE:
            raise Mistake(tr("stylize has no setting {name!r}; there are {names}",
                             name=name, names=", ".join(FREE)))
        if name in NUMBERS and isinstance(value, str):
            raise Mistake(tr("{name} must be a number, got the text {value!r}: leave out the quotation marks",
                             name=name, value=value))
        if name in NUMBERS and value is None:
            raise Mistake(tr("{name} must be a number, got None: leave it out for its default, {default:g}",
                             name=name, default=FREE[name]))
    complaint = mark("for {name} a number is expected, got {type_name}")
    return {name: number(value, complaint, name=name) if name in NUMBERS else value
            for name, value in settings.items()}


def judged(settings: Mapping[str, Any], measured: Measured) -> str:
    """What to say to a good poster. Mistake that names the knob to turn, if a number is too large."""
    too_large = measured.too_large()
    if too_large:
        # Translators: "content distance 0.3 (at most 0.5), ..." and "Hardly painted yet: ..."
        raise Mistake(tr("{numbers} {advice}", numbers=measured.words(), advice=_advice(settings, too_large)))
    return tr("Your poster: {numbers}", numbers=measured.words())


def _advice(settings, too_large):
    """What to turn: first what no weight can make up for, and only then the weights."""
    weight, smooth = settings.get("style_weight", 1.0), settings.get("tv_weight", 0.0)
    obstacles = _obstacles(settings, too_large[:1])
    if too_large[:2] == ["content", "style"]:
        return _advice_on_both(settings, smooth)
    if obstacles:
        return obstacles[0][0].upper() + obstacles[0][1:]
    if too_large[0] == "content":
        return tr("The pagoda dissolves: lower style_weight (now {weight:g}), in steps of a factor of 2 or 3",
                  weight=weight)
    if too_large == ["style"] and smooth:
        return tr("Calm enough, but the strokes are gone too: take less tv_weight (now {smooth:g}) or more "
                  "style_weight (now {weight:g})", smooth=smooth, weight=weight)
    if too_large[0] == "style":
        return tr("Hardly painted yet: raise style_weight (now {weight:g}), in steps of a factor of 2 or 3",
                  weight=weight)
    return tr("Recognisable and painted, but too restless for a poster: raise tv_weight (now {smooth:g})",
              smooth=smooth)


def _advice_on_both(settings, smooth):
    """Neither photo nor painting: another balance cannot help."""
    remedies = _obstacles(settings, ("content", "style"))
    if smooth:
        remedies.append(tr("take less tv_weight (now {smooth:g})", smooth=smooth))
    if not remedies:
        return tr("Both distances are too large, so the balance is not to blame: something holds the picture "
                  "back. Set all but style_weight and tv_weight back to their defaults")
    # Translators: {remedies} is "leave the mask out", or several of this kind
    return tr("Both distances are too large, so the balance is not to blame: something holds the picture "
              "back. {remedies}", remedies=functools.reduce(_joined, remedies))


def _joined(one, other):
    return tr("{one}; {other}", one=one, other=other)


def _obstacles(settings, too_large):
    """Why what is too large is so, as far as other knobs than the two weights are to blame."""
    return [tr(why, steps=STEPS, layer=CONTENT_LAYERS[0]) for name, knob, why in OBSTACLES
            if name in too_large and _is_turned(knob, settings)]


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
