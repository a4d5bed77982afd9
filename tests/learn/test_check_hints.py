"""Constants that coincide hide a mistake: no two wrong results may look alike, nor like the right one."""
import itertools

import pytest
import torch

from stylelib.learn.check import beyond, control, knobs
from stylelib.learn.check.verdict import equal
from stylelib.style import masks as guided


def sorted_tables():
    a, b = beyond._table(0, 4, 11), beyond._table(1, 4, 11)
    return beyond._sorted_distance(a, b), beyond._wrong_sorted(a, b)


def gram_matrices():
    features, mask = control._activations(3, 5, 4, 6), control._grey(4, 6)
    return guided.guided_gram(features, mask), control._wrong_grams(features, mask)


def weights():
    def values(formula):
        return torch.tensor([formula(*case) for case in knobs.CASES], dtype=torch.float64).log1p()
    right = values(lambda weight, channels: weight / 5 * channels**2)
    slips = (*knobs.OTHER_SLIPS, *knobs._formula_slips())
    return right, [(values(slip), hint) for slip, hint in slips]


@pytest.mark.parametrize("results", [sorted_tables, gram_matrices, weights])
def test_no_wrong_result_looks_like_another(results):
    right, wrong = results()
    wrong = list(wrong)
    assert not [hint for result, hint in wrong if equal(result, right, 0.01)]
    assert not [(one, other) for (a, one), (b, other) in itertools.combinations(wrong, 2)
                if one != other and equal(a, b, 0.005)]


def test_no_wrong_colours_look_like_others():
    wrong = list(control._wrong_colors(control._picture(0, 24, 33), control._picture(1, 21, 28)))
    assert not [(one, other) for (a, one), (b, other) in itertools.combinations(wrong, 2)
                if one != other and control._near(a, b)]


@pytest.mark.parametrize("seed", [0, 1])
def test_pictures_of_the_colour_exercise_are_pictures(seed):
    picture = control._picture(seed, 24, 33)
    assert picture.min() >= 0 and picture.max() <= 1
