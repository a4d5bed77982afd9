"""What all checkers share: the three verdicts, and the comparison of an answer with what is expected."""
import functools

import torch

NOT_ATTEMPTED = "Not attempted yet: replace the line with NotImplementedError by your own code."
CORRECT = "Correct."


class Mistake(Exception):
    """Something is wrong with an answer. The message says what, and hints at the remedy."""


def exercise(examine):
    """Turn a function that raises Mistake into a checker that prints a verdict and never raises."""
    @functools.wraps(examine)
    def checker(answer):
        try:
            examine(answer)
        except NotImplementedError:
            print(NOT_ATTEMPTED)
        except Mistake as mistake:
            print(f"Not yet: {mistake}")
        except Exception as error:      # the learner's own code may raise anything
            print(f"Not yet: your code stopped with {type(error).__name__}: {error}")
        else:
            print(CORRECT)
    return checker


def compare(got, expected, mistakes=(), rtol=1e-3):
    """Raise Mistake unless `got` equals `expected`: first the type, then the shape, then the values.

    Args:
        got: what the learner's code returned.
        expected: the right tensor.
        mistakes: pairs (wrong tensor, hint) of mistakes that learners really make; looked at first, so that even an
            answer of the wrong shape gets the hint that was made for it.
        rtol: allowed difference, relative to the largest expected value.
    """
    if got is None:
        raise Mistake("your function returned None: does it end with `return`?")
    if isinstance(got, (int, float)) and expected.ndim == 0:
        got = torch.tensor(float(got))
    if not isinstance(got, torch.Tensor):
        raise Mistake(f"a tensor is expected, got {type(got).__name__}")
    for wrong, hint in mistakes:
        if _equal(got, wrong, rtol):
            raise Mistake(hint)
    if got.shape != expected.shape:
        raise Mistake(f"the shape should be {tuple(expected.shape)}, got {tuple(got.shape)}")
    if not _equal(got, expected, rtol):
        difference = float((got.detach().double() - expected.double()).abs().max())
        raise Mistake(f"right shape, other values: the largest difference is {difference:.2g}")


def _equal(got, expected, rtol):
    if got.shape != expected.shape:
        return False
    got, expected = got.detach().double(), expected.double()
    return bool((got - expected).abs().max() <= rtol * expected.abs().max() + 1e-12)
