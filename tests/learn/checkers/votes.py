"""Answers to the exercises of notebook 10: the interval of a vote, and how many votes one needs."""
import math

import numpy as np
import torch

from stylelib.learn.check import vote_interval, votes_needed
from stylelib.learn.vote import vote_interval as solution

from ..answers import table


def wilson(wins, votes, z=1.96, moved=True, spread=True):
    p, scale = wins / votes, 1 + z**2 / votes
    middle = (p + moved * z**2 / (2 * votes)) / scale
    half = z * math.sqrt(p * (1 - p) / votes + spread * z**2 / (4 * votes**2)) / scale
    return middle, half


def ends(middle, half):
    return middle - half, middle + half


def textbook(wins, votes):
    p = wins / votes
    return ends(p, 1.96 * math.sqrt(p * (1 - p) / votes))


def scaled(wins, votes, middle_by=1, half_by=1):
    middle, half = wilson(wins, votes)
    scale = 1 + 1.96**2 / votes
    return ends(middle * scale**middle_by, half * scale**half_by)


ROWS = table(vote_interval, {
    "the solution": solution,
    "a list": lambda wins, votes: list(solution(wins, votes)),
    "a tensor": lambda wins, votes: torch.tensor(solution(wins, votes)),
    "NumPy's numbers": lambda wins, votes: np.array(solution(wins, votes)),
    "not cut at 0 and 1": lambda wins, votes: ends(*wilson(wins, votes)),
    "z with more digits": lambda wins, votes: ends(*wilson(wins, votes, z=1.959964)),
}, [
    (textbook, "every textbook"),
    ("nothing is divided", scaled, "this division is missing"),
    ("only the middle", lambda wins, votes: scaled(wins, votes, middle_by=0), "you divide the middle only"),
    (lambda wins, votes: ends(*wilson(wins, votes, moved=False)), "z^2 / (2 n) is missing"),
    (lambda wins, votes: ends(*wilson(wins, votes, spread=False)), "z^2 / (4 n^2) is missing"),
    (lambda wins, votes: ends(*wilson(wins, votes, z=1)), "z is missing"),
    (lambda wins, votes: ends(*wilson(votes - wins, votes)), "voted against"),
    (lambda wins, votes: ends(*wilson(wins, votes))[::-1], "you return (high, low)"),
    (lambda wins, votes: [votes * end for end in ends(*wilson(wins, votes))], "numbers of votes"),
    (lambda wins, votes: [100 * end for end in ends(*wilson(wins, votes))], "in percent"),
    (lambda wins, votes: ends(*wilson(wins, votes, z=1.64)), "for 8 of 12 votes the lowest share should be"),
    (lambda wins, votes: None, "returned None"),
    (lambda wins, votes: 0.4, "(low, high), got float"),
    (lambda wins, votes: (0.1, 0.2, 0.3), "(low, high), got 3"),
    (lambda wins, votes: ("a", "b"), "low and high are numbers"),
])


def counted(share):
    n = 1
    while True:
        low, high = solution(share * n, n)
        if not low <= 0.5 <= high:
            return n
        n += 1


def exact(share):
    return (1.96 / (2 * (share - 0.5))) ** 2


ROWS += table(votes_needed, {
    "the solution": lambda share: math.ceil(exact(share)),
    "counted up": counted,
    "a whole number as a float": lambda share: float(np.ceil(exact(share))),
    "z with more digits": lambda share: math.ceil((1.959964 / (2 * (share - 0.5))) ** 2),
}, [
    (exact, "math.ceil"),
    ("cut off", lambda share: int(exact(share)), "math.ceil"),
    ("rounded", lambda share: round(exact(share)), "math.ceil"),
    (lambda share: math.ceil((1.96 / (share - 0.5)) ** 2), "four times too many"),
    (lambda share: math.ceil(1.96**2 / (2 * (share - 0.5) ** 2)), "square the 2, too"),
    ("no square", lambda share: math.ceil(1.96 / (2 * (share - 0.5))), "the square is missing"),
    ("no square, with abs", lambda share: math.ceil(1.96 / (2 * abs(share - 0.5))), "the square is missing"),
    (lambda share: math.ceil(1.96**2 * share * (1 - share) / (share - 0.5) ** 2), "as the textbook's"),
    (lambda share: math.ceil((1.96 / (2 * share)) ** 2), "the distance from a coin"),
    (lambda share: 30, "for the share 0.67 it takes 34 votes, got 30"),
    (lambda share: "many", "got str"),
    (lambda share: None, "returned None"),
])
