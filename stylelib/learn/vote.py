"""A blind vote: pairs whose sides are drawn by lot, and how sure a count can be."""
import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..engine.language import tr


@dataclass(frozen=True)
class Ballot:
    """Pairs of pictures to vote on. Who votes sees `pictures`, and does not look at `sides`.

    Attributes:
        pairs: (left, right) of each pair.
        sides: of each pair, "L" or "R": where the first of the two ways hangs.
    """

    pairs: Sequence[tuple[Any, Any]]
    sides: str

    @property
    def pictures(self) -> dict[str, Any]:
        """{"1 L": picture, "1 R": picture, "2 L": ...}, for `show.pictures`."""
        return {f"{number} {side}": picture for number, pair in enumerate(self.pairs, 1)
                for side, picture in zip("LR", pair)}

    def count(self, votes: str) -> int:
        """How many votes the first way got.

        Args:
            votes: a letter for each pair, L or R; spaces do not count.

        Raises:
            ValueError: another letter, or another number of them.
        """
        letters = "".join(votes.split()).upper()
        if len(letters) != len(self.sides) or set(letters) - set("LR"):
            raise ValueError(tr("votes must be {count} letters, each L or R, got {votes!r}",
                                count=len(self.sides), votes=votes))
        return sum(letter == side for letter, side in zip(letters, self.sides))


def blind(first: Mapping[Any, Any], second: Mapping[Any, Any], seed: int = 0) -> Ballot:
    """Pairs of pictures in an order and on sides that are drawn by lot.

    The first way hangs on the left in half of the pairs, so that whoever likes left sides decides nothing.

    Args:
        first, second: {name: picture} of two ways, with the same names.
        seed: of the lots.

    Raises:
        ValueError: no pictures, or names that only one of them has.
    """
    if not first or first.keys() != second.keys():
        raise ValueError(tr("both ways must have pictures of the same names, at least one"))
    lots, names = random.Random(seed), list(first)
    sides = ("LR" * len(names))[:len(names)]
    lots.shuffle(names)
    sides = "".join(lots.sample(sides, len(sides)))
    pairs = [(first[name], second[name]) if side == "L" else (second[name], first[name])
             for name, side in zip(names, sides)]
    return Ballot(pairs, sides)


def vote_interval(wins: float, votes: int, z: float = 1.96) -> tuple[float, float]:
    """Between which shares the true one lies, after so many wins in so many votes.

    Args:
        wins: from 0 to votes.
        votes: independent ones, at least 1.
        z: how sure: 1.96 is right 95 times in 100, 1.64 is 90.

    Returns:
        (lowest, highest) share, within 0 and 1.

    Raises:
        ValueError: more wins than votes, or no vote.

    Source: Wilson 1927, the score interval. Unlike share +- z * sqrt(p (1 - p) / n), it says something
        sensible after few votes, and after a vote that was unanimous.
    """
    if votes < 1 or not 0 <= wins <= votes:
        raise ValueError(tr("wins must be from 0 to the number of votes, got {wins:g} of {votes:g}",
                            wins=wins, votes=votes))
    share = wins / votes
    middle = (share + z**2 / (2 * votes)) / (1 + z**2 / votes)
    half = z * math.sqrt(share * (1 - share) / votes + z**2 / (4 * votes**2)) / (1 + z**2 / votes)
    return max(0.0, middle - half), min(1.0, middle + half)
