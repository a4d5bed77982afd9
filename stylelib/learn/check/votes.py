"""Checkers of notebook 10: the interval of a vote, and how many votes one needs."""
import math
from collections.abc import Callable, Sequence
from typing import Any

from ...engine.language import mark, tr
from ..vote import vote_interval as right
from .verdict import Mistake, compare_cases, exercise, number, returned

# -------------------------------------------------------------------------------------------------- interval

Z = 1.96
# (wins, votes): a small vote, a large one, a unanimous one, one that went the other way
CASES = ((8, 12), (330, 600), (9, 9), (2, 17), (0, 5))


@exercise
def vote_interval(answer: Callable) -> str:
    """Check `vote_interval(wins, votes)`: Wilson's interval with z = 1.96, as (lowest, highest) share."""
    got = [value for case in CASES for value in _two(answer(*case))]
    cases = [(*case, end) for case in CASES for end in (0, 1)]
    compare_cases(got, cases, _end(right), [(_end(slip), hint) for slip, hint in SLIPS], _told, rtol=2e-3)
    return tr("After 8 of 12 votes the true share may be anything from 0.39 to 0.86.")


def _two(got: Any) -> Sequence[float]:
    """Both ends of the learner's interval, or a Mistake."""
    try:
        ends = [*returned(got)]
    except TypeError:
        raise Mistake(tr("two numbers are expected, (low, high), got {type}",
                         type=type(got).__name__)) from None
    if len(ends) != 2:
        raise Mistake(tr("two numbers are expected, (low, high), got {count}", count=len(ends)))
    complaint = mark("low and high are numbers: a number is expected, got {type_name}")
    # rounding may leave 0 as 1e-17
    return [0.0 if abs(end) < 1e-9 else end for end in (number(end, complaint) for end in ends)]


def _end(interval):
    """One end of an interval, as a function of (wins, votes, which end)."""
    def end(wins: int, votes: int, which: int) -> float:
        value = interval(wins, votes)[which]
        return 0.0 if abs(value) < 1e-9 else value
    return end


def _told(case: tuple, expected: float, got: float) -> str:
    wins, votes, which = case
    told = (tr("for {wins} of {votes} votes the lowest share should be {expected:.3f}, got {got:.3f}",
               wins=wins, votes=votes, expected=expected, got=got),
            tr("for {wins} of {votes} votes the highest share should be {expected:.3f}, got {got:.3f}",
               wins=wins, votes=votes, expected=expected, got=got))
    return told[which]


def _wilson(wins: float, votes: float, z: float = Z, inside: Callable = math.sqrt, shrink: bool = True,
            moved: bool = True, spread: bool = True) -> tuple[float, float]:
    """The interval, with parts that may be left out."""
    p, scale = wins / votes, (1 + z**2 / votes) if shrink else 1.0
    middle = (p + (z**2 / (2 * votes) if moved else 0)) / scale
    half = z * inside(p * (1 - p) / votes + (z**2 / (4 * votes**2) if spread else 0)) / scale
    return middle - half, middle + half


def _unscaled_half(wins, votes):
    low, high = _wilson(wins, votes)
    middle, half = (low + high) / 2, (high - low) / 2 * (1 + Z**2 / votes)
    return middle - half, middle + half


def _counts(wins, votes):
    low, high = _wilson(wins, votes)
    return votes * low, votes * high


SLIPS = (
    (lambda wins, votes: _wilson(wins, votes, shrink=False, moved=False, spread=False),
     mark("this is p ± z sqrt(p (1 - p) / n), which every textbook has. After 9 of 9 votes it is sure of 100 "
          "%. Wilson's has three more terms with z^2")),
    (lambda wins, votes: _wilson(wins, votes, shrink=False), mark(
        "its middle and its half width are both divided by 1 + z^2 / n: this division is missing")),
    (_unscaled_half, mark("its middle and its half width are both divided by 1 + z^2 / n: you divide the "
                          "middle only")),
    (lambda wins, votes: _wilson(wins, votes, moved=False),
     mark("the middle is (p + z^2 / (2 n)) / (1 + z^2 / n): z^2 / (2 n) is missing")),
    (lambda wins, votes: _wilson(wins, votes, spread=False),
     mark("under the root, z^2 / (4 n^2) is missing: without it a unanimous vote has no doubt left")),
    (lambda wins, votes: _wilson(wins, votes, inside=float), mark("the root is missing")),
    (lambda wins, votes: _wilson(wins, votes, z=1.0), mark(
        "z is missing: 1.96 for an interval that is right 95 times in 100")),
    (lambda wins, votes: _wilson(votes - wins, votes),
     mark("this is the interval of those who voted against: p is wins / votes")),
    (lambda wins, votes: _wilson(wins, votes)[::-1], mark("(low, high) is expected, you return (high, low)")),
    (_counts, mark("these are numbers of votes, and shares are expected: p = wins / votes")),
    (lambda wins, votes: tuple(100 * end for end in _wilson(wins, votes)), mark(
        "right, but in percent: shares go from 0 to 1")),
)


# --------------------------------------------------------------------------------------------- how many votes

SHARES = (0.67, 0.6, 0.55, 0.8, 0.4, 0.53)
ABOVE = mark("right, but for rounding: the next whole number *above*, math.ceil")


@exercise
def votes_needed(answer: Callable) -> str:
    """Check `votes_needed(share)`: the smallest n with |share - 0.5| > 1.96 / (2 sqrt(n))."""
    got = [number(answer(share)) for share in SHARES]
    compare_cases(got, [(share,) for share in SHARES], _needed, list(FEW_SLIPS), _told_votes)
    return tr("Half the distance from a coin takes four times the votes.")


def _exact(share: float) -> float:
    return (Z / (2 * (share - 0.5))) ** 2


def _needed(share: float) -> int:
    return math.ceil(_exact(share))


def _told_votes(case: tuple, expected: float, got: float) -> str:
    return tr("for the share {share} it takes {expected} votes, got {got:g}", share=case[0],
              expected=expected, got=got)


FEW_SLIPS = (
    (lambda share: math.floor(_exact(share)), ABOVE),
    (_exact, ABOVE),
    (lambda share: round(_exact(share)), ABOVE),
    (lambda share: math.ceil(4 * _exact(share)), mark("four times too many: the 2 below z is squared, too")),
    (lambda share: math.ceil(Z / (2 * (share - 0.5))), mark("the square is missing: sqrt(n) becomes n")),
    (lambda share: math.ceil(Z / (2 * abs(share - 0.5))), mark("the square is missing: sqrt(n) becomes n")),
    (lambda share: math.ceil(Z**2 / (2 * (share - 0.5) ** 2)), mark("twice too many: square the 2, too")),
    (lambda share: math.ceil(Z**2 * share * (1 - share) / (share - 0.5) ** 2),
     mark("this takes the spread at the share itself, p (1 - p), as the textbook's interval does. Wilson "
          "asks what a coin would do: 1/4 in its place")),
    (lambda share: math.ceil((Z / (2 * share)) ** 2), mark("the distance from a coin counts: share - 0.5")),
)
