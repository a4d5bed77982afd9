"""What all checkers share: the verdict, the comparison with what is expected, hints of general use.

A checker prints its verdict and returns it, so that a teacher can count and grade:

    verdict = check.gram_matrix(gram_matrix)
    if verdict: ...                     # true only when the answer is correct
    json.dumps(verdict._asdict())       # {"exercise": "gram_matrix", "status": "correct", "message": ...}
"""
import functools
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from ...engine.language import mark, tr

# A hint may be a message that is only marked, as constants are: it is translated when it is given.
Mistakes = Iterable[tuple[Any, str]]    # pairs (what a mistake leads to, hint)
Hints = Iterable[tuple[str, str]]       # pairs (words of an error, hint)

NOT_ATTEMPTED = mark("Not attempted yet: replace the line with NotImplementedError by your own code.")
CORRECT = mark("Correct.")
CUT_OFF = mark("the right numbers, but cut off from the features: no gradient gets back to the picture. "
               "Leave out .detach(), .item(), .data, float(), .numpy(), torch.tensor() and torch.no_grad()")
NUMPY = mark("a tensor is expected, got {type_name}: stay with torch, NumPy cannot follow gradients")
POWER = mark("in Python, power is `**`; `^` is xor")
DOUBLED = mark("channels * 2 doubles, channels**2 squares")
BRACKETS = mark("wrong scale, brackets are missing: a / b * c is (a / b) * c. Write a / (b * c)")

# (words of an error, what they mean) for slips that any exercise can meet: torch words its errors for experts
EXPLANATIONS = (
    ("bitwise_xor", POWER),
    ("for ^", POWER),
    *((words, mark("`&` binds more tightly than `>` and `*`: put brackets around each comparison, "
                   "(a > 0) & (b > 0)")) for words in ("bitwise_and", "for &")),
    ("Can't call numpy()", mark("NumPy cannot follow gradients, and must not be made to by .detach(): use "
                                "torch alone, for a mean sum(values) / len(values) or "
                                "torch.stack(values).mean()")),
    ("numerator/denominator", mark("the module statistics does not know tensors: for a mean, write "
                                   "sum(values) / len(values)")),
    ("builtin_function_or_method", mark("brackets are missing after a method's name: numel(), mean(), "
                                        "square()")),
    ("Boolean value of Tensor", mark("`if` decides once, for a whole tensor. To decide for each value, "
                                     "multiply by (a > 0), or use torch.where")),
    ("must be Tensor, not list", mark("torch takes tensors, not lists: sum(values) / len(values), or "
                                      "torch.stack(values).mean()")),
)


class Verdict(NamedTuple):
    """What a checker says about an answer. True where the answer is correct."""

    exercise: str
    status: str         # "correct", "wrong" or "not attempted"
    message: str        # what was printed

    def __bool__(self) -> bool:
        return self.status == "correct"

    def _ipython_display_(self):
        """Nothing: as a cell's last line it has already been printed."""


GIVEN: list[Verdict] = []       # all verdicts since the kernel started, in order: `report` counts them


class Mistake(Exception):
    """Something is wrong with an answer. The message says what, and hints at the remedy."""


def exercise(examine: Callable[[Callable], str | None]) -> Callable[[Any], Verdict]:
    """Turn a function that raises Mistake into a checker that prints and returns a Verdict, never raises.

    What the function returns, if anything, is printed after "Correct."
    """
    @functools.wraps(examine)
    def checker(answer):
        verdict = judged(checker, answer)
        print(verdict.message)
        GIVEN.append(verdict)
        return verdict
    return checker


def judged(checker: Callable[[Any], Verdict], answer: Any) -> Verdict:
    """What a checker says about an answer, neither printed nor counted.

    Args:
        checker: made by `exercise`.
        answer: of a learner: a function, or whatever was handed over instead.
    """
    examine = checker.__wrapped__       # type: ignore[attr-defined]
    return Verdict(examine.__name__, *_judge(examine, answer))


def _judge(examine, answer):
    if not callable(answer):
        name = examine.__name__
        return "wrong", tr("Not yet: hand over the function itself, without calling it: check.{name}({name})",
                           name=name)
    try:
        with torch.enable_grad():       # a notebook may have switched gradients off
            praise = examine(answer)
    except Mistake as mistake:
        return "wrong", tr("Not yet: {hint}", hint=mistake)
    except Exception as error:  # noqa: BLE001 - the learner's own code may raise anything
        if is_stub(error):
            return "not attempted", tr(NOT_ATTEMPTED)
        return "wrong", tr("Not yet: {hint}", hint=_explain(error))
    return "correct", tr(CORRECT) if praise is None else tr("Correct. {praise}", praise=praise)


def is_stub(error: Exception) -> bool:
    """Is it the notebook's own `raise NotImplementedError`? Those that PyTorch raises have a message."""
    return isinstance(error, NotImplementedError) and not str(error)


def _explain(error):
    said = _stopped(error)
    for words, meaning in EXPLANATIONS:
        if words in str(error):
            # Translators: a hint, and then what Python said: your code stopped with ...
            return tr("{hint} ({said})", hint=tr(meaning), said=said)
    return said


def _stopped(error):
    # Translators: {error} is Python's own message, in English
    return tr("your code stopped with {error_type}: {error}", error_type=type(error).__name__, error=error)


def explained(hints: Hints, answer: Callable, *arguments: Any) -> Any:
    """answer(*arguments), where errors with certain words become a hint.

    Args:
        hints: pairs (words of the error, hint); `{error}` in a hint stands for the error's text.
    """
    try:
        return answer(*arguments)
    except Mistake:
        raise
    except Exception as error:
        for words, hint in hints:
            if words.lower() in str(error).lower() and not is_stub(error):
                raise Mistake(tr(hint).replace("{error}", str(error))) from None
        raise


def watched(answer: Callable, hints: Hints = (), **arguments: Any) -> Any:
    """answer(*arguments), by position. It must leave its tensors as they were; a hint takes their names.

    Args:
        hints: as in `explained`.
        arguments: of any type. Tensors that need gradients should not be leaves (pass a clone), or an answer
            that works in place gets autograd's error instead of the hint.
    """
    before = {name: tensor.detach().clone() for name, tensor in _tensors(arguments).items()}
    got = explained(hints, answer, *arguments.values())
    after = _tensors(arguments)
    if after.keys() != before.keys():
        raise Mistake(tr("your function adds or removes an entry, {names}: read dictionaries with [layer], "
                         "not with pop", names=", ".join(after.keys() ^ before.keys())))
    for name, tensor in after.items():
        if not torch.equal(tensor.detach(), before[name]):
            raise Mistake(tr("your function changes {name}, which it is given: do not work in place. Write "
                             "x = x - y, not x -= y; no sub_, mul_, clamp_ either", name=name))
    return got


def _tensors(arguments):
    """{name: tensor} of all arguments, also of those in dictionaries."""
    found = {name: value for name, value in arguments.items() if isinstance(value, Tensor)}
    for name, value in arguments.items():
        if isinstance(value, dict):
            found |= {f"{name}[{key!r}]": entry for key, entry in value.items()}
    return found


def holds_elsewhere(answer: Callable, right: Tensor, mistakes: Mistakes = (), rtol: float = 1e-3,
                    **arguments: Any) -> Any:
    """An answer that was right for one shape must be right for the first argument's other shape, too.

    Args:
        right: the right tensor for these arguments.
        mistakes: as in `compare`, of those that only these arguments show.
        rtol: allowed difference, relative to the largest right value.

    Returns:
        The answer's tensor.
    """
    name, first = next(iter(arguments.items()))
    hint = tr("right for one shape, but not for another, {shape}: does your code contain numbers that fit "
              "the first one only? Take all sizes from {name}.shape", shape=tuple(first.shape), name=name)
    try:
        got = watched(answer, **arguments)
    except Mistake:
        raise
    except Exception as error:  # noqa: BLE001 - the learner's own code may raise anything
        raise Mistake(tr("{hint} ({said})", hint=hint, said=_stopped(error))) from None
    recognise(got, mistakes)
    if not equal(got, right, rtol):
        raise Mistake(hint)
    return got


def returned(got: Any, hint: str = mark("does it end with `return`?")) -> Any:
    """The answer's value, unless it is None."""
    if got is None:
        raise Mistake(tr("your function returned None: {hint}", hint=tr(hint)))
    return got


def number(got: Any, complaint: str = mark("a number is expected, got {type_name}"),
           **values: Any) -> int | float:
    """The answer as a Python number: int, float, or a single one of NumPy or torch.

    Args:
        complaint: what to say about anything else, not yet translated; `{type_name}` stands for its type.
        values: others that belong into the complaint.
    """
    returned(got)
    if isinstance(got, (Tensor, np.ndarray, np.generic)) and np.prod(got.shape) == 1:
        got = got.item()
    if isinstance(got, bool) or not isinstance(got, (int, float)):
        raise Mistake(tr(complaint, type_name=type(got).__name__, **values))
    return got


def a_tensor(got: Any, complaint: str = mark("a tensor is expected, got {type_name}")) -> Tensor:
    """The answer, if it is a tensor.

    Args:
        complaint: what to say about anything else, as in `number`.
    """
    if not isinstance(returned(got), Tensor):
        raise Mistake(tr(complaint, type_name=type(got).__name__))
    return got


def has_shape(got: Tensor, shape: Sequence[int]) -> None:
    """Raise Mistake for any other shape."""
    if got.shape != tuple(shape):
        raise Mistake(tr("the shape should be {expected}, got {got}",
                         expected=tuple(shape), got=tuple(got.shape)))


def is_finite(got: Tensor, hint: str = mark("is something divided by 0?")) -> None:
    """Raise Mistake for infinite values and for NaN."""
    if not got.isfinite().all():
        raise Mistake(tr("right shape, but with NaN or infinite values: {hint}", hint=tr(hint)))


def equal(got: Any, expected: Tensor, rtol: float = 1e-3) -> bool:
    """Is `got` a tensor of the same shape and, but for rounding, the same values?"""
    if not isinstance(got, Tensor) or got.shape != expected.shape:
        return False
    got, expected = got.detach().double(), expected.double()
    return bool((got - expected).abs().max() <= rtol * expected.abs().max() + 1e-12)


def recognise(got: Any, mistakes: Mistakes, same: Callable[[Any, Any], bool] = equal) -> None:
    """Raise Mistake with the hint of the first mistake that leads to what `got` is.

    Args:
        mistakes: pairs (wrong result, hint).
        same: whether two results are the same.
    """
    for wrong, hint in mistakes:
        if same(got, wrong):
            raise Mistake(tr(hint))


def compare(got: Any, expected: Tensor, mistakes: Mistakes = (), rtol: float = 1e-3) -> None:
    """Raise Mistake unless `got` equals `expected`: first the type, then the shape, then the values.

    Args:
        got: what the learner's code returned.
        expected: the right tensor.
        mistakes: pairs (wrong tensor, hint) of mistakes that learners really make; looked at first, so that
            even an answer of the wrong shape gets the hint that was made for it.
        rtol: allowed difference, relative to the largest expected value.
    """
    if isinstance(got, (int, float, np.number)) and expected.ndim == 0:
        got = torch.tensor(float(got), dtype=torch.float64)
    got = a_tensor(got, NUMPY) if isinstance(got, np.ndarray) else a_tensor(got)
    if got.dtype == torch.bool:
        raise Mistake(tr("True and False came back: a comparison waits for all sums and products beside it. "
                         "Put brackets around it, (a > 0)"))

    def same(one: Any, other: Any) -> bool:
        return equal(one, other, rtol)

    recognise(got, mistakes, same)
    has_shape(got, expected.shape)
    is_finite(got)
    if not same(got, expected):
        difference = float((got.detach().double() - expected.double()).abs().max())
        raise Mistake(tr("right shape, other values: the largest difference is {difference:.2g}",
                         difference=difference))


def compare_cases(got: Sequence[float], cases: Sequence[tuple], right: Callable, slips: Mistakes,
                  told: Callable[[tuple, float, float], str], rtol: float = 0.0) -> None:
    """Raise Mistake unless the answer's numbers are right for several cases; together they show a slip.

    Args:
        got: one number for each case.
        cases: the arguments that led to them.
        right: the right function of these arguments.
        slips: pairs (wrong function of them, hint).
        told: what to say about a wrong number, from its case, the right number and the wrong one.
        rtol: allowed relative difference.
    """
    def same(one: Sequence[float], other: Sequence[float]) -> bool:
        return all(math.isclose(a, b, rel_tol=rtol) for a, b in zip(one, other, strict=True))

    recognise(got, [([slip(*case) for case in cases], hint) for slip, hint in slips], same)
    for value, case in zip(got, cases, strict=True):
        if not same([value], [right(*case)]):
            raise Mistake(told(case, right(*case), value))


def compare_gradient(got: Any, right: Tensor, leaf: Tensor, rtol: float = 1e-3) -> None:
    """Raise Mistake unless `got` has the gradient of `right`, which has the same values, towards `leaf`."""
    if not (isinstance(got, Tensor) and got.requires_grad):
        raise Mistake(tr(CUT_OFF))
    weights = torch.rand(right.shape, generator=torch.Generator().manual_seed(0))
    found, = torch.autograd.grad(got, leaf, weights.to(got), allow_unused=True)
    if found is None:
        raise Mistake(tr(CUT_OFF))
    if not equal(found, torch.autograd.grad(right, leaf, weights)[0], rtol):
        raise Mistake(tr("the right numbers, but only a part of the gradient gets back to the picture: do "
                         "not detach anything on the way"))
