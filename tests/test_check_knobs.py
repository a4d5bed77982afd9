"""The checkers of notebook 05 accept right answers and know the mistakes that learners make."""
import pytest
import torch

from stylelib.check.knobs import MOST_CONTENT, MOST_RESTLESS, MOST_STYLE, _judge, convert_weight, poster
from stylelib.check.verdict import CORRECT, NOT_ATTEMPTED, Mistake

from .answers import broken, unsolved, verdict


# -------------------------------------------------------------------------------------------------- convert_weight
@pytest.mark.parametrize("answer", [
    lambda weight, channels: weight / 5 * channels**2,
    lambda weight, channels: torch.tensor(weight * channels**2 / 5, dtype=torch.float64)])
def test_convert_weight_accepts(capsys, answer):
    assert verdict(capsys, convert_weight, answer) == CORRECT


WRONG_WEIGHTS = [
    (lambda weight, channels: weight / 5 * channels, "squares their differences"),
    (lambda weight, channels: weight / 5 / channels**2, "wrong way"),
    (lambda weight, channels: weight * channels**2, "five layers"),
    (lambda weight, channels: weight * 5 * channels**2, "other way"),
    (lambda weight, channels: weight / 5, "C*M"),
    (lambda weight, channels: weight / 5 * channels**4, "one square too many"),
    (lambda weight, channels: weight, "two formulas"),
    (lambda weight, channels: 5e7, "the tutorial needs"),
    (lambda weight, channels: None, "returned None"),
    (lambda weight, channels: "1e6", "got str"),
    (lambda weight, channels: torch.ones(2), "got Tensor"),
    (broken, "ZeroDivisionError"),
]


@pytest.mark.parametrize(("answer", "words"), WRONG_WEIGHTS)
def test_convert_weight_knows_mistakes(capsys, answer, words):
    said = verdict(capsys, convert_weight, answer)
    assert said.startswith("Not yet") and words in said


# ----------------------------------------------------------------------------------------------------------- poster
def test_poster_accepts_a_good_look(capsys):
    assert verdict(capsys, poster, lambda: {"style_weight": 0.15, "tv_weight": 4.0}) == CORRECT


def test_poster_paints_and_names_the_knob(capsys):
    said = verdict(capsys, poster, dict)                # the base settings
    assert said.startswith("Not yet") and "lower style_weight (now 1)" in said and f"at most {MOST_CONTENT}" in said


GOOD = (MOST_CONTENT / 2, MOST_STYLE / 2, MOST_RESTLESS / 2)


@pytest.mark.parametrize(("settings", "measured", "words"), [      # what was measured: content, style, restlessness
    ({"style_weight": 3.0}, (0.8, 0.1, 1.3), "lower style_weight (now 3)"),
    ({"style_weight": 0.01}, (0.1, 0.9, 1.0), "raise style_weight (now 0.01)"),
    ({"style_weight": 0.1}, (0.3, 0.3, 1.3), "raise tv_weight (now 0)"),
    ({"style_weight": 0.1, "tv_weight": 50.0}, (0.4, 0.8, 0.5), "less tv_weight (now 50)"),
    ({"init": "noise"}, (0.8, 0.2, 5.0), "init='content'"),
    ({"init": torch.zeros(1, 3, 64, 96)}, (0.8, 0.2, 5.0), "init='content'"),
    ({"style_layers": ["relu1_1"]}, (0.1, 1.1, 1.3), "all five style layers"),
    ({"method": "sgd", "tv_weight": 100.0}, (0.8, 0.8, 0.1), "not to blame"),
])
def test_poster_hints(settings, measured, words):
    with pytest.raises(Mistake) as mistake:
        _judge(settings, *measured)
    assert words in str(mistake.value)


def test_poster_is_content_with_good_numbers_whatever_the_settings():
    assert _judge({"init": "noise", "style_layers": ["relu1_1"]}, *GOOD) is None


WRONG_SETTINGS = [
    (lambda: None, "returned None"), (lambda: 3.0, "return a dict"), (lambda: {"size": 512}, "the brief fixes 'size'"),
    (lambda: {"steps": 500}, "the brief fixes 'steps'"), (lambda: {"weight": 3.0}, "no setting 'weight'; there are init, seed"),
    (lambda: {"style_weight": -1.0}, "style_weight must be"), (lambda: {"style_layers": ["relu9_1"]}, "unknown layer"),
    (lambda: {"init": "photo"}, "init must be"), (broken, "ZeroDivisionError"),
]


@pytest.mark.parametrize(("answer", "words"), WRONG_SETTINGS)
def test_poster_knows_wrong_settings(capsys, answer, words):
    said = verdict(capsys, poster, answer)
    assert said.startswith("Not yet") and words in said


def test_poster_needs_its_pictures(capsys, monkeypatch):
    monkeypatch.setattr("stylelib.check.knobs.Path", lambda *_: FakePath())
    assert "data/content/china.jpg is missing" in verdict(capsys, poster, dict)


class FakePath:
    """A place where nothing exists."""

    @property
    def parents(self):
        return {2: self}

    def __truediv__(self, other):
        return self

    def exists(self):
        return False


@pytest.mark.parametrize("checker", [convert_weight, poster])
def test_not_attempted(capsys, checker):
    assert verdict(capsys, checker, unsolved) == NOT_ATTEMPTED
