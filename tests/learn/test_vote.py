"""A blind vote: lots are drawn, counts are right, and intervals hold what they promise."""
import random

import pytest

from stylelib.learn.vote import blind, vote_interval

FIRST = {name: f"first {name}" for name in "abcdefgh"}
SECOND = {name: f"second {name}" for name in "abcdefgh"}


def test_whoever_always_likes_one_way_is_counted_so_wherever_it_hangs():
    ballot = blind(FIRST, SECOND, seed=3)
    likes_first = "".join("L" if left.startswith("first") else "R" for left, _ in ballot.pairs)
    assert ballot.count(likes_first) == 8 and ballot.sides == likes_first
    assert ballot.count(likes_first.translate(str.maketrans("LR", "RL"))) == 0
    assert ballot.count("LLLL llll") == ballot.count("RRRRRRRR") == 4        # sides decide nothing
    assert [{left[-1], right[-1]} for left, right in ballot.pairs] != [{name} for name in FIRST]
    assert sorted(left[-1] + right[-1] for left, right in ballot.pairs) == [2 * name for name in FIRST]


def test_lots_depend_on_the_seed_only():
    assert blind(FIRST, SECOND, 1) == blind(FIRST, SECOND, 1) != blind(FIRST, SECOND, 2)


def test_pictures_have_a_number_and_a_side():
    ballot = blind(FIRST, SECOND)
    assert list(ballot.pictures)[:4] == ["1 L", "1 R", "2 L", "2 R"]
    assert (ballot.pictures["3 L"], ballot.pictures["3 R"]) == ballot.pairs[2]


@pytest.mark.parametrize("votes", ["LRL", "LRLRLRLX", ""])
def test_votes_that_cannot_be_counted(votes):
    with pytest.raises(ValueError, match="8 letters, each L or R"):
        blind(FIRST, SECOND).count(votes)


def test_both_ways_show_the_same():
    for first, second in (({}, {}), (FIRST, {"a": 1})):
        with pytest.raises(ValueError, match="same names"):
            blind(first, second)


def test_intervals_hold_the_true_share_as_often_as_they_say():
    lots, held, trials = random.Random(0), 0, 4000
    for _ in range(trials):
        true = lots.uniform(0.05, 0.95)
        low, high = vote_interval(sum(lots.random() < true for _ in range(20)), 20)
        held += low <= true <= high
    assert 0.93 < held / trials < 0.97


def test_an_interval_that_is_known():
    """Of 10 votes 0: from 0 to z^2 / (10 + z^2), by hand."""
    low, high = vote_interval(0, 10, z=2)
    assert low == 0 and high == pytest.approx(4 / 14)
    assert vote_interval(10, 10, z=2) == pytest.approx((10 / 14, 1))


@pytest.mark.parametrize("wins, votes", [(3, 2), (-1, 2), (0, 0)])
def test_impossible_counts(wins, votes):
    with pytest.raises(ValueError, match="wins must be"):
        vote_interval(wins, votes)
