"""Answers to notebook 02's last exercise: what became of a run."""
import math

from stylelib.learn.check import diagnose
from stylelib.learn.check.runs import RUNS

from ..answers import table


def right(losses, gradients):
    if not all(math.isfinite(value) for value in losses):
        return "NaN"
    if gradients[0] == 0:
        return "dead start"
    if min(losses) > 0.99 * losses[0]:
        return "stall"
    return "sound"


def changed(number, diagnosis):
    """The right answers, but for one run."""
    run = RUNS[number]

    def answer(losses, gradients):
        same = repr((losses, gradients)) == repr((run.losses, run.gradients))       # NaN is not equal to NaN
        return diagnosis if same else right(losses, gradients)
    return answer


def equal_to_nan(losses, gradients):
    return "NaN" if losses[-1] == float("nan") else right(losses[:1] + [0], gradients)


def only_isnan(losses, gradients):
    if any(math.isnan(value) for value in losses):
        return "NaN"
    return right([min(value, 1e30) for value in losses], gradients)


def exactly_equal(losses, gradients):
    found = right(losses, gradients)
    return ("stall" if losses[-1] == losses[0] else "sound") if found == "stall" else found


def stall_first(losses, gradients):
    if math.isfinite(losses[-1]) and min(losses) > 0.99 * losses[0]:
        return "stall"
    return right(losses, gradients)


def fixed_loss(losses, gradients):
    found = right(losses, gradients)
    return ("stall" if losses[0] - min(losses) < 1e-3 else "sound") if found in ("stall", "sound") else found


def fixed_gradient(losses, gradients):
    return "dead start" if gradients[0] < 1e-9 else right(losses, gradients)


def small_gradient(losses, gradients):
    return "dead start" if gradients[0] < 1e-5 else right(losses, gradients)


def any_zero(losses, gradients):
    return "dead start" if 0 in gradients else right(losses, gradients)


def last_two(losses, gradients):
    found = right(losses, gradients)
    return "stall" if found == "sound" and abs(losses[-1] / losses[-2] - 1) < 0.01 else found


def first_two(losses, gradients):
    found = right(losses, gradients)
    return "stall" if found == "sound" and losses[1] > losses[0] else found


def last_finite(losses, gradients):
    return right([value if math.isfinite(value) else 1.0 for value in losses[:-1]] + losses[-1:], gradients)


def last_loss(losses, gradients):
    found = right(losses, gradients)
    return ("stall" if losses[-1] > 0.99 * losses[0] else "sound") if found in ("stall", "sound") else found


def half(losses, gradients):
    found = right(losses, gradients)
    return "stall" if found == "sound" and min(losses) > 0.9 * losses[0] else found


def never_moved(losses, gradients):
    return "dead start" if len(set(losses)) == 1 and len(losses) > 1 else right(losses, gradients)


def very_large(losses, gradients):
    return "NaN" if max(losses) > 1e30 else right(losses, gradients)


def sorted_in_place(losses, gradients):
    if not all(math.isfinite(value) for value in losses):
        return "NaN"
    if gradients[0] == 0:
        return "dead start"
    losses.sort()
    return "stall" if losses[0] > 0.99 * losses[-1] else "sound"


def nan_by_infinity(losses, gradients):
    if any(value == math.inf or value == float("nan") for value in losses):
        return "NaN"
    return right([value if value == value else losses[0] for value in losses], gradients)


def after_the_first(losses, gradients):
    found = right(losses, gradients)
    return "stall" if found == "stall" and min(losses[1:]) > 0.99 * losses[0] else found


def first_two_gone(losses, gradients):
    return right(losses[1:], gradients[1:])


ROWS = table(diagnose, {
    "three questions": right,
    "one line": lambda losses, gradients: (
        "NaN" if not all(map(math.isfinite, losses)) else "dead start" if not gradients[0] else
        "stall" if not any(value < 0.99 * losses[0] for value in losses) else "sound"),
    "by a sum": lambda losses, gradients: (
        "NaN" if not abs(sum(losses)) < math.inf else "dead start" if gradients[0] == 0 else
        "stall" if min(losses) / losses[0] > 0.99 else "sound"),
}, [
    # Each wrong diagnosis of each run has a reason of its own
    *((f"{i}: {run.diagnosis} called {wrong}", changed(i, wrong), reason)
      for i, run in enumerate(RUNS) for wrong, reason in run.hints.items()),
    (equal_to_nan, "NaN is equal to nothing, not even to itself"),
    (only_isnan, "its last loss is infinite"),
    (exactly_equal, "a last digit that changes is no progress"),
    (stall_first, "Ask for that before you ask for a stall"),
    (fixed_loss, "the loss has fallen to a tenth; it looks small because its units are small"),
    (fixed_gradient, "the gradient is not 0; it looks small because its units are small"),
    (small_gradient, "an equal sign tells the two apart"),
    (any_zero, "a goal that was reached"),
    (last_two, "flat at its end because it has arrived"),
    (first_two, "one loss rises, which L-BFGS may do"),
    (last_finite, "a loss in between is infinite"),
    (last_loss, "in between it fell to a third"),
    (half, "a stall is less than 1 %"),
    (never_moved, "look at the gradient, not at the losses"),
    (very_large, "if a large one"),
    (sorted_in_place, "it has only risen"),
    (nan_by_infinity, "NaN is equal to nothing, not even to itself"),
    (after_the_first, "ValueError"),
    (first_two_gone, "IndexError"),
    (lambda losses, gradients: None, "returned None"),
    (lambda losses, gradients: True, "a word is expected"),
    (lambda losses, gradients: "stalled", "'stalled' is no diagnosis"),
    (lambda losses, gradients: "sound", "a loss is no longer a number"),
    ("isfinite of a list", lambda losses, gradients: "NaN" if not math.isfinite(losses) else "sound",
     "must be real number, not list"),
])
