"""The options of `stylelib stylize` that are knobs of a style transfer: each as `Settings` has it.

Names, defaults and explanations come from `stylelib.settings`. Here stands only what a command line must know
besides: how the text that was typed becomes a value.
"""
import argparse
import re
from collections.abc import Sequence
from typing import Any

from .. import settings
from ..engine.language import tr
from .arguments import Typed, layers, numbers, path
from .messages import OPTIONS

COLORS = "keep_colors"          # one knob, two options: each of its values has a better name than True
READ: dict[str, dict[str, Any]] = {     # knobs whose defaults do not tell what they take
    "init": {"type": path, "metavar": "{auto,content,noise,style,fast,FILE}"},
    "scales": {"type": int},
    "style_shares": {"type": numbers, "metavar": "A,B"},
    "content_layers": {"type": layers, "metavar": "A,B"},
    "style_layers": {"type": layers, "metavar": "A,B"},
    "statistic": {"choices": settings.STATISTICS},
    "method": {"choices": settings.METHODS},
    "precision": {"choices": settings.PRECISIONS},
}
ALIASES = {"style_shares": ["--shares"]}
# In the explanations: a last sentence about Python, and where it is explained; and None, which nobody types
ONLY_PYTHON = re.compile(r"(?<=[.。]) ?[^.。]*Python.*|[,，][^,，.。]*`\w+`")
NONE = re.compile(r"\bNone(?: is\b| takes\b| (?=[\u4e00-\u9fff])|\b)")
WEIGHTED = ("content_layers", "style_layers")


def add_knobs(parser: argparse.ArgumentParser, without: Sequence[str] = ()) -> None:
    """Add an option for each knob but those `without`."""
    for name, default in settings.defaults().items():
        if name in without:
            continue
        if name == COLORS:
            _add_colors(parser, default)
            continue
        read = READ.get(name, {"type": type(default)})
        parser.add_argument(OPTIONS[name], *ALIASES.get(name, ()), default=default, action=Typed,
                            help=_explained(name, default), **read)


def chosen(options: argparse.Namespace) -> dict[str, Any]:
    """{knob: value}, checked.

    Raises:
        ValueError: one of them is out of range.
    """
    knobs = {name: getattr(options, name) for name in settings.defaults()}
    settings.Settings(**knobs)
    return knobs


def _add_colors(parser, default):
    colors = parser.add_mutually_exclusive_group()
    colors.add_argument("--keep-colors", action="store_const", const="luminance", default=default,
                        help=tr("keep the photo's colours, take only the brush"))
    colors.add_argument("--match-colors", choices=("covariance", "histogram"), dest=COLORS, default=default,
                        help=tr("give the painting the photo's colours first"))


def _explained(name, default):
    """The knob's explanation, without what concerns only Python."""
    text = settings.explanations().get(name, "")        # python -OO has none
    text = ONLY_PYTHON.sub("", re.sub('["“”]', "", text)).rstrip(".。").replace("%", "%%")
    # Translators: it takes the place of "None" in the explanations of the knobs
    text = NONE.sub(tr("by default"), text)
    if name in WEIGHTED:
        text = tr("{explanation}. With a weight for each: A=1,B=0.5", explanation=text)
    return text if default is None else tr("{explanation} (default: %(default)s)", explanation=text)
