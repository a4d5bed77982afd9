"""Checker of notebook 02: what became of a run, told from its numbers."""
import math
from collections.abc import Callable
from typing import NamedTuple

from ...engine.language import mark, tr
from .verdict import Mistake, exercise, returned

DIAGNOSES = ("sound", "stall", "NaN", "dead start")


class Run(NamedTuple):
    """What the numbers of a run look like, and why each wrong diagnosis does not fit (not yet translated)."""

    losses: list[float]
    gradients: list[float]
    diagnosis: str
    hints: dict[str, str]


@exercise
def diagnose(answer: Callable) -> str:
    """Check `diagnose(losses, gradients)`: one of DIAGNOSES for each of RUNS."""
    for run in RUNS:
        numbers = {"losses": _row(run.losses), "gradients": _row(run.gradients)}
        got = returned(answer(list(run.losses), list(run.gradients)),
                       tr("does each way through it end with `return`? Losses {losses}; mean |gradients| "
                          "{gradients}", **numbers))
        if not isinstance(got, str):
            raise Mistake(tr("a word is expected, one of {diagnoses}; got {type}",
                             diagnoses=", ".join(DIAGNOSES), type=type(got).__name__))
        if got not in DIAGNOSES:
            raise Mistake(tr("{word!r} is no diagnosis: choose one of {diagnoses}", word=got,
                             diagnoses=", ".join(DIAGNOSES)))
        if got != run.diagnosis:
            raise Mistake(tr("you said {word!r}. Losses {losses}; mean |gradients| {gradients}: {hint}",
                             word=got, hint=tr(run.hints[got]), **numbers))
    return tr("Now try it on the four runs above.")


def _row(values):
    shown = [f"{value:.5g}" for value in values]
    return ", ".join(shown if len(shown) < 5 else [*shown[:2], "...", *shown[-2:]])


def _falling(start, share, count=12):
    """From start down to a share of it, each value the same part of the one before."""
    return [start * share**(i / (count - 1)) for i in range(count)]


# The hints, not yet translated
_MOVED = mark("the loss has fallen far below its start: nothing is wrong")
_NUMBERS = mark("every loss is a number")
_LARGE = mark("every loss is a number, if a large one")
_FLOWS = mark("the gradient at the start is small, but it is not 0")
_BEYOND = mark("a loss is no longer a number. NaN is equal to nothing, not even to itself, and all "
               "comparisons with it are False: take math.isfinite(value), and ask it of every loss, first of "
               "all")
_SAME = mark("the loss stays within 1 % of its start, though there is a gradient. Compare the lowest loss "
             "with the first one")
_END = mark("it is flat at its end because it has arrived. Compare with the first loss, not with the one "
            "before")

RUNS = [
    Run(_falling(1.31, 0.05), _falling(1.2e-3, 0.1), "sound",
        {"stall": _MOVED,
         "NaN": mark("the loss has fallen far below its start: nothing is wrong, and every loss is a number"),
         "dead start": mark("the loss has fallen far below its start: nothing is wrong, and the gradient at "
                            "the start is small, but it is not 0")}),
    Run([1.31, 1.29, 120.0, 1.1e16, 2.4e36, math.inf, math.nan, math.nan],
        [1.2e-3, 1.1e-3, 0.4, 3e8, 1e26, math.inf, math.nan, math.nan], "NaN",
        {"sound": _BEYOND, "stall": _BEYOND, "dead start": _BEYOND}),
    Run([1.31] * 8, [0.0] * 8, "dead start",
        {"sound": mark("nothing has moved"),
         "stall": mark("the first gradient is exactly 0, so no pixel has ever been told where to go. Ask for "
                       "that before you ask for a stall"),
         "NaN": mark("every loss is a number, and the first gradient is exactly 0, so no pixel has ever been "
                     "told where to go")}),
    Run([1.31220, 1.31219, 1.31219, 1.31218, 1.31218, 1.31217], [4.6e-6] * 6, "stall",
        {"sound": mark("the loss stays within 1 % of its start, though there is a gradient. Compare the "
                       "lowest loss with the first one: a last digit that changes is no progress"),
         "NaN": _NUMBERS,
         "dead start": mark("the gradient at the start is small, but it is not 0; an equal sign tells the "
                            "two apart")}),
    Run(_falling(3e-7, 0.1), _falling(2e-12, 0.1), "sound",
        {"stall": mark("the loss has fallen to a tenth; it looks small because its units are small. What is "
                       "small depends on the units: compare with the run's own first loss, not with a fixed "
                       "number"),
         "NaN": _NUMBERS,
         "dead start": mark("the gradient is not 0; it looks small because its units are small. What is "
                            "small depends on the units: compare with the run's own first loss, not with a "
                            "fixed number")}),
    Run([56000.0, 55999.6, 55999.1, 55998.5, 55998.0], [0.02] * 5, "stall",
        {"sound": mark("the loss stays within 1 % of its start, though there is a gradient. Compare the "
                       "lowest loss with the first one. That it fell by 2 means nothing: it looks large "
                       "because its units are small. What is small depends on the units: compare with the "
                       "run's own first loss, not with a fixed number"),
         "NaN": _LARGE, "dead start": mark("the gradient is not 0")}),
    Run([*_falling(1.31, 0.004), 0.00524, 0.00524, 0.00524], [*_falling(1.2e-3, 1e-3), 0.0, 0.0, 0.0],
        "sound",
        {"stall": _END, "NaN": _NUMBERS,
         "dead start": mark("a gradient of 0 at the end is a goal that was reached: look at the first")}),
    Run([1.31, 1.46, *_falling(1.2, 0.1)], _falling(1.2e-3, 0.3, 14), "sound",
        {"stall": mark("one loss rises, which L-BFGS may do for a step; look at the lowest one"),
         "NaN": mark("one loss rises, which L-BFGS may do for a step; look at the lowest one, and every loss "
                     "is a number"),
         "dead start": _MOVED}),
    Run([1.31, 950.0, 6e18, math.inf], [1.2e-3, 2.0, 4e10, math.inf], "NaN",
        {"sound": mark("its last loss is infinite, one step before NaN. A loss is no longer a number. NaN is "
                       "equal to nothing, not even to itself, and all comparisons with it are False: take "
                       "math.isfinite(value), and ask it of every loss, first of all"),
         "stall": mark("its last loss is infinite, one step before NaN: take math.isfinite, not math.isnan"),
         "dead start": mark("its last loss is infinite")}),
    Run([1.31], [0.0], "dead start",
        {"sound": mark("the first gradient is exactly 0, so no pixel has ever been told where to go. L-BFGS "
                       "has given up after one look"),
         "NaN": _NUMBERS,
         "stall": mark("the first gradient is exactly 0, so no pixel has ever been told where to go: this "
                       "L-BFGS gave up after one look")}),
    Run([1.31, math.nan, math.nan], [1.2e-3, math.nan, math.nan], "NaN",
        dict.fromkeys(("sound", "stall", "dead start"), _BEYOND)),
    Run([1.31, math.inf, 1.25], [1.2e-3, math.inf, 1.1e-3], "NaN",
        dict.fromkeys(("sound", "stall", "dead start"),
                      mark("a loss in between is infinite. A loss is no longer a number. NaN is equal to "
                           "nothing, not even to itself, and all comparisons with it are False: take "
                           "math.isfinite(value), and ask it of every loss, first of all"))),
    Run([1.31, 0.41, 1.31], [1.2e-3, 1e-3, 1.2e-3], "sound",
        {"stall": mark("in between it fell to a third. Compare the lowest loss with the first one, neither "
                       "the last nor the highest"),
         "NaN": _NUMBERS, "dead start": _FLOWS}),
    Run([1.31, 1.28, 1.25], [1.2e-3] * 3, "sound",
        {"stall": mark("it has fallen by 5 %, and a stall is less than 1 %"), "NaN": _NUMBERS,
         "dead start": _FLOWS}),
    Run([1.31] * 4, [4.6e-6] * 4, "stall",
        {"sound": _SAME, "NaN": _NUMBERS,
         "dead start": mark("the gradient at the start is small, but it is not 0: look at the gradient, not "
                            "at the losses")}),
    Run([1.31, 210.0, 1.2e31], [1.2e-3, 3.0, 4e14], "stall",
        {"sound": mark("it has only risen. Compare the lowest loss with the first one, neither the last nor "
                       "the highest"),
         "NaN": _LARGE, "dead start": _FLOWS}),
    Run([1.31], [1.2e-3], "stall",
        {"sound": mark("with one evaluation nothing has fallen"), "NaN": _NUMBERS, "dead start": _FLOWS}),
]
