"""What counts as the same text and the same picture."""
import re

import pytest
from nbformat import from_dict

from .compare import picture_difference, picture_tolerance, same_text
from .trial import film, picture, text


@pytest.mark.parametrize("stored, new", [
    ("loss 3.14 and 1.2e+04", "loss 3.15 and 1.3e+04"),
    ("   9.99 x\n-------\n", "  10.00 x\n--------\n"),
    ("ratio 3.2x", "ratio 3.3x"),
    ("0.09", "0.1"), ("1.0", "1.1"), ("9e-05", "1e-04"), ("-1.4", "-1.3"), ("-0.00", "0.00"),
])
def test_rounding_is_forgiven(stored, new):
    assert same_text(stored, new)


@pytest.mark.parametrize("stored, new", [
    ("loss 3.14", "loss 3.16"), ("n = 3", "n = 4"), ("n = -3", "n = 3"), ("x -1.5", "x 1.5"),
    ("True", "False"),
    ("1.2e+04", "1.2e+05"), ("0.1", "0.2"), ("1e+05", "2e+05"), ("-0.7", "-0.8"), ("0.00", "0.01"),
    ("12", "13"), ("1000", "1001"),
    ("torch 2.4.6", "torch 2.5.6"), ("a 1.0 b", "a 1.0 c"), ("nan 1.0", "inf 1.0"),
    ("1.0", "1.0 2.0"), ("a", "a\nb"),
])
def test_other_differences_are_not(stored, new):
    assert not same_text(stored, new)


def test_pictures():
    assert picture_difference([picture("navy")], [picture("navy", kind="PNG")], 0.03) is None
    assert "1 pictures are stored, 2" in picture_difference([picture("navy")], [picture("navy")] * 2, 0.03)
    assert "differs" in picture_difference([picture("white")], [picture("navy")], 0.9)
    assert picture_difference([text("a")], [text("b")], 0.03) is None


FILM = ["navy", "red", "navy"]


@pytest.mark.parametrize("new, words", [
    (FILM, None),
    (["navy", "red", "green"], r"picture 1 differs in frame 3: by 0\.1\d\d of the range"),
    (["navy", "navy", "navy"], "picture 1 differs in frame 2"),
    (["navy", "red"], "picture 1 is stored with 3 frames, and had 2 now"),
    (["navy"], "picture 1 is stored with 3 frames, and had 1 now"),
])
def test_each_frame_of_a_film_counts(new, words):
    found = picture_difference([film(*FILM)], [film(*new)], 0.03)
    assert found is None if words is None else re.match(words, found)


@pytest.mark.parametrize("tags, tolerance", [
    ([], 0.05), (["exercise"], 0.05), (["exercise", "image-tol=0.08"], 0.08),
])
def test_a_tag_sets_the_tolerance(tags, tolerance):
    assert picture_tolerance(from_dict({"metadata": {"tags": tags}}), 0.05) == tolerance


def test_a_tag_needs_a_number():
    with pytest.raises(ValueError, match=r"'image-tol=much' has no number: write image-tol=0\.08"):
        picture_tolerance(from_dict({"metadata": {"tags": ["image-tol=much"]}}))
