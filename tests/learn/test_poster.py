"""The poster exercise of notebook 05: each knob that is in the way of the brief is named."""
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from stylelib.learn.check import course, knobs, poster
from stylelib.learn.check.brief import MOST_CONTENT, MOST_RESTLESS, MOST_STYLE, Measured, examined, judged
from stylelib.learn.check.verdict import Mistake
from stylelib.objective import CONTENT_LAYERS, STYLE_LAYERS

GOOD = (MOST_CONTENT / 2, MOST_STYLE / 2, MOST_RESTLESS / 2)
UNPAINTED = (0.2, 0.9, 0.5)
MASK = torch.ones(1, 1, 64, 96)


@pytest.mark.parametrize(("settings", "measured", "words"), [      # measured: content, style, restlessness
    ({"style_weight": 3.0}, (0.8, 0.1, 1.3), "lower style_weight (now 3)"),
    ({"style_weight": 0.01}, (0.1, 0.9, 1.0), "raise style_weight (now 0.01)"),
    ({"style_weight": 0.1}, (0.3, 0.3, 1.3), "raise tv_weight (now 0)"),
    ({"style_weight": 0.1, "tv_weight": 50.0}, (0.4, 0.8, 0.5), "less tv_weight (now 50)"),
    ({"init": "noise"}, (0.8, 0.2, 5.0), "init='content'"),
    ({"init": torch.zeros(1, 3, 64, 96)}, (0.8, 0.2, 5.0), "init='content'"),
    ({"init": "noise", "tv_weight": 4.0}, (0.4, 0.2, 1.2), "init='content'"),
    ({"style_layers": ["relu1_1"]}, (0.1, 1.1, 1.3), "all five style layers"),
    ({"style_layers": {**dict.fromkeys(STYLE_LAYERS, 0.1), "relu1_1": 0.6}}, UNPAINTED,
        "all five style layers alike"),
    ({"method": "sgd", "tv_weight": 100.0}, (0.8, 0.8, 0.1), "not to blame"),
    ({"method": "sgd", "tv_weight": 100.0}, (0.8, 0.8, 0.1), "less tv_weight (now 100)"),
    ({"method": "sgd", "tv_weight": 100.0}, (0.8, 0.8, 0.1), "method='lbfgs'"),
    ({"style_weight": 1e9}, (0.8, 0.8, 0.1), "Set all but style_weight and tv_weight back"),
    ({"keep_colors": "luminance", "tv_weight": 3.0, "style_weight": 0.1}, (0.2, 1.26, 0.9),
        "leave keep_colors at False"),
    ({"keep_colors": True}, UNPAINTED, "leave keep_colors at False"),
    ({"style_scale": 2.0}, UNPAINTED, "style_scale back to 1"),
    ({"statistic": "sliced"}, UNPAINTED, "statistic='gram'"),
    ({"mask": MASK}, UNPAINTED, "leave the mask out"),
    ({"mask": "mask.png"}, UNPAINTED, "leave the mask out"),
    ({"style_mask": MASK}, UNPAINTED, "style_mask shows only a part"),
    ({"method": "adam"}, UNPAINTED, "method='lbfgs'"),
    ({"content_layers": {CONTENT_LAYERS[0]: 10.0}}, UNPAINTED, "make the photo pull harder"),
    ({"content_layers": ["relu1_1"]}, (0.7, 0.2, 0.5), f"measured at {CONTENT_LAYERS[0]}"),
    ({"keep_colors": False, "style_scale": 1, "statistic": "gram", "method": "lbfgs", "init": "content",
      "mask": None,
      "style_layers": list(STYLE_LAYERS), "content_layers": dict.fromkeys(CONTENT_LAYERS, 1.0)}, UNPAINTED,
          "raise style_weight (now 1)"),
    ({}, (float("nan"), 0.2, 0.5), "content distance nan"),
])
def test_poster_hints(settings, measured, words):
    with pytest.raises(Mistake) as mistake:
        judged(settings, Measured(*measured))
    assert words in str(mistake.value)


def test_a_good_poster_hears_its_numbers_whatever_the_settings():
    said = judged({"init": "noise", "style_layers": ["relu1_1"]}, Measured(*GOOD))
    assert said == ("Your poster: content distance 0.25 (at most 0.5), style "
                    "distance 0.23 (at most 0.45), restlessness 0.47 (at most 0.95).")


def test_numbers_of_numpy_and_torch_are_numbers():
    given = {"style_weight": np.float32(0.25), "tv_weight": np.int64(4), "style_scale": torch.tensor(1.5)}
    assert repr(examined(given)) == "{'style_weight': 0.25, 'tv_weight': 4, 'style_scale': 1.5}"


@pytest.mark.parametrize("kernel", [object(), None])
def test_the_poster_is_shown_in_a_notebook_only(kernel, monkeypatch):
    shown = []
    monkeypatch.setattr("stylelib.learn.show.pictures", lambda pictures, **_: shown.extend(pictures))
    monkeypatch.setattr(knobs, "get_ipython", lambda: SimpleNamespace(kernel=kernel))
    monkeypatch.setattr(knobs, "stylize", lambda photo, *_, **__: SimpleNamespace(image=photo))
    assert "Hardly painted yet" in poster(dict).message
    assert shown == (["the photo", "your poster", "the painting"] if kernel else [])


def test_a_network_that_is_missing_is_not_the_learners_fault(monkeypatch):
    def fails():
        raise ValueError("no weights here")
    monkeypatch.setattr(knobs, "load_network", fails)
    assert poster(dict).message == "Not yet: your settings could not be tried: no weights here"


def test_poster_needs_its_pictures(monkeypatch, tmp_path):
    monkeypatch.setattr(course, "course_folders", lambda: (tmp_path,))
    assert "data/content/china.jpg is missing" in poster(dict).message
