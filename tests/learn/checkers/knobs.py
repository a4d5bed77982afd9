"""Answers to the exercises of notebook 05: a weight in another unit, and settings that meet a brief."""
import numpy as np
import torch

from stylelib.learn.check import convert_weight, poster
from stylelib.learn.check.brief import MOST_RESTLESS

from ..answers import table

ROWS = table(convert_weight, {
    "the solution": lambda weight, channels: weight / 5 * channels**2,
    "a tensor": lambda weight, channels: torch.tensor(weight * channels**2 / 5, dtype=torch.float64),
    "NumPy's float64": lambda weight, channels: np.float64(weight) * channels**2 / 5,
    "NumPy's float32": lambda weight, channels: np.float32(weight * channels**2 / 5),
    "NumPy's integers": lambda weight, channels: np.rint(weight * channels**2 / 5).astype(np.int64),
    "an array of one number": lambda weight, channels: np.array(weight * channels**2 / 5),
}, [
    (lambda weight, channels: weight / 5 * channels, "squares their differences"),
    (lambda weight, channels: weight / 5 / channels**2, "C goes the wrong way"),
    (lambda weight, channels: weight / 5 / channels, "C goes the wrong way"),
    (lambda weight, channels: weight * channels**2, "five layers"),
    (lambda weight, channels: weight * 5 * channels**2, "other way"),
    ("both the wrong way: C", lambda weight, channels: 5 * weight / channels**2, "C goes the wrong way"),
    ("both the wrong way: the five", lambda weight, channels: 5 * weight / channels**2,
        "And the five goes the other way"),
    ("no five, C once", lambda weight, channels: weight * channels,
        "And pystiche takes the mean over its five layers"),
    (lambda weight, channels: weight / 5, "C*M"),
    (lambda weight, channels: weight / 5 * channels**4, "one square too many"),
    (lambda weight, channels: weight, "two formulas"),
    (lambda weight, channels: weight // 5 * channels**2, "// drops"),
    (lambda weight, channels: weight / 5 * channels * 2, "channels * 2 doubles"),
    ("xor, with brackets", lambda weight, channels: weight / 5 * (channels ^ 2), "power is `**`"),
    ("xor", lambda weight, channels: weight / 5 * channels ^ 2, "power is `**`"),
    ("times 4", lambda weight, channels: 4 * weight / 5 * channels**2, "4 C^2 plays no role"),
    ("by 4", lambda weight, channels: weight / 20 * channels**2, "4 C^2 plays no role"),
    (lambda weight, channels: 5e7, "the tutorial needs"),
    (lambda weight, channels: float("nan"), "the tutorial needs"),
    (lambda weight, channels: None, "returned None"),
    (lambda weight, channels: "1e6", "got str"),
    (lambda weight, channels: True, "got bool"),
    (lambda weight, channels: torch.ones(2), "got Tensor"),
])

ROWS += table(poster, {
    "the solution": lambda: {"style_weight": 0.15, "tv_weight": 4.0},
}, [
    ("the base settings", dict, f"(at most {MOST_RESTLESS}). The pagoda "
                                "dissolves: lower style_weight (now 1)"),
    ("the photo's colours", lambda: {"style_weight": 0.15, "keep_colors": "luminance", "tv_weight": 4.0},
        "leave keep_colors at False"),
    (lambda: None, "returned None"),
    (lambda: 3.0, "return a dict"),
    (lambda: {"size": 512}, "the brief fixes 'size'"),
    (lambda: {"steps": 500}, "the brief fixes 'steps'"),
    (lambda: {"weight": 3.0}, "no setting 'weight'; there are init, seed"),
    (lambda: {"style_weight": "0.2"}, "style_weight must be a number, got the "
                                      "text '0.2': leave out the quotation marks"),
    (lambda: {"style_weight": 0.2, "tv_weight": "4"}, "tv_weight must be a number, got the text '4'"),
    (lambda: {"style_weight": None}, "leave it out for its default, 1"),
    (lambda: {"style_scale": [1.0, 2.0]}, "for style_scale a number is expected, got list"),
    (lambda: {"style_weight": -1.0}, "style_weight must be"),
    (lambda: {"style_layers": ["relu9_1"]}, "unknown layer"),
    (lambda: {"style_layers": 5}, "stylize does not paint with these settings"),
    (lambda: {"init": "photo"}, "init must be"),
])
