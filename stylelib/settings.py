"""Every knob of a style transfer, once: for `stylize`, the command line, the playground and the exercises."""
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from inspect import getdoc
from numbers import Integral
from typing import Any

from .engine.checks import check_choice, check_number, check_positive_int
from .engine.language import mark, tr

INITS = ("auto", "content", "noise", "style", "fast")
STATISTICS = ("gram", "mean_variance", "covariance", "sliced", "patches", "histogram")
COLORS = (False, True, "luminance", "covariance", "histogram")
METHODS = ("lbfgs", "adam", "sgd")
PRECISIONS = ("auto", "float32", "bfloat16")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The knobs of a style transfer. They are checked when they are set.

    Attributes:
        size: longest side of the result in pixels. A smaller photo is not enlarged.
        steps: updates of the picture in all.
        init: where to start: "content", the photo, keeps its shapes best; "noise", grey with a little noise,
            paints everything anew; "style", the painting, faded to a tenth of its contrast, brings back many
            of its shapes; "fast", the picture of a network that paints in one pass, is there at once. "auto"
            is "fast" from 128 px on where a trained VGG or SqueezeNet describes style in its own layers, and
            "content" elsewhere. Or a picture.
        seed: of the noise. The same one gives the same picture on the same machine, with the same number of
            threads and the same precision.
        scales: how many sizes from coarse to fine, each half the next; 1 is only the full size, None as many
            as are useful: after a fast start, one.
        style_weight: 0.3 keeps more of the photo, 3 takes more of the painting.
        tv_weight: smoothness: 0 is none, at 3 one begins to see it, 30 is a lot.
        style_shares: how much of each of several paintings; None is equally much.
        style_scale: size of the painting relative to the result's: 0.5 makes strokes half as long.
        content_layers: layers that keep the content; None takes the network's own, relu4_2 for VGG. From
            Python also {layer: weight}.
        style_layers: layers that carry the style; None takes the network's own, relu1_1 to relu5_1 for VGG.
            From Python also {layer: weight}.
        statistic: what describes style: "gram", "mean_variance", "covariance", "sliced", "patches" or
            "histogram". From Python also a `Statistic`.
        keep_colors: False takes the painting's colours. True, the same as "luminance", paints only
            brightness. "covariance" and "histogram" give the painting the photo's colours first.
        method: "lbfgs", "adam" or "sgd", see `optimize`.
        device: "auto" takes a GPU if there is one; or "cpu", "cuda", "cuda:1" (the second), "mps".
        precision: of the network: "float32", "bfloat16" (faster on some processors, slightly less exact), or
            "auto", which takes the faster of the two here.

    Raises:
        ValueError: one of them is out of range.
    """

    size: int = 512
    steps: int = 100
    init: Any = "auto"
    seed: int = 0
    scales: int | None = None
    style_weight: float = 1.0
    tv_weight: float = 0.0
    style_shares: Sequence[float] | None = None
    style_scale: float = 1.0
    content_layers: Iterable[str] | Mapping[str, float] | None = None
    style_layers: Iterable[str] | Mapping[str, float] | None = None
    statistic: Any = "gram"
    keep_colors: bool | str = False
    method: str = "lbfgs"
    device: Any = "auto"
    precision: str = "float32"

    def __post_init__(self):
        self._set("size", check_positive_int("size", self.size, mark("number of pixels")))
        self._set("steps", check_positive_int("steps", self.steps, mark("number of updates")))
        if self.scales is not None:
            self._set("scales", check_positive_int("scales", self.scales, mark("number of sizes")))
        for name in ("style_weight", "tv_weight", "style_scale"):
            self._set(name, check_number(name, getattr(self, name), above=name == "style_scale"))
        if isinstance(self.seed, bool) or not isinstance(self.seed, Integral) or not 0 <= self.seed < 2**63:
            raise ValueError(tr("seed must be a whole number from 0 to 2^63 - 1, got {seed!r}",
                                seed=self.seed))
        if self.style_shares is not None:
            self._set("style_shares", _checked_shares(self.style_shares))
        for name, choices in (("keep_colors", COLORS), ("method", METHODS), ("precision", PRECISIONS)):
            check_choice(name, getattr(self, name), choices)

    def _set(self, name, value):
        object.__setattr__(self, name, value)       # a frozen dataclass allows it to itself only, in this way


def _checked_shares(shares):
    """Numbers, one for each painting."""
    if isinstance(shares, str) or not isinstance(shares, Iterable):
        raise ValueError(tr("style_shares must be a list with one number for each painting, got {shares!r}",
                            shares=shares))
    shares = tuple(check_number(tr("a share in style_shares"), share) for share in shares)
    if not sum(shares):
        raise ValueError(tr("one of the shares in style_shares must be above 0, got {shares}",
                            shares=list(shares)))
    return shares


def explanations() -> dict[str, str]:
    """What each knob means, in one line: {name: text}, from the docstring of `Settings`.

    The command line's help and the playground's tooltips say it in the same words.
    """
    text = (getdoc(Settings) or "").partition("Attributes:\n")[2].partition("\nRaises:")[0]
    found = re.findall(r"^    (\w+): (.*(?:\n {8}.*)*)", text, re.M)
    texts = {name: " ".join(words.split()) for name, words in found}
    return {name: tr(text) for name, text in texts.items()}


def defaults() -> dict[str, Any]:
    """{name: its default} of all knobs."""
    return {field.name: field.default for field in fields(Settings)}
