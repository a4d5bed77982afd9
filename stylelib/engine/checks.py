"""Numbers and names that come in: each is returned as it should be, or one line says what is wrong with it.

Nothing here needs PyTorch, so that the command line can use it before PyTorch is loaded.
"""
import math
import numbers
from collections.abc import Sequence
from typing import Any

from .language import mark, tr


def check_positive_int(name: str, value: Any, unit: str) -> int:
    """`value` as an int; a ValueError that quotes it, unless it is a whole number above zero.

    Args:
        name: of the argument, for the message: "size".
        value: an int, or one of NumPy's whole numbers.
        unit: what it counts, in English: mark("number of pixels").
    """
    if isinstance(value, numbers.Integral) and not isinstance(value, bool) and int(value) > 0:
        return int(value)
    # Translators: {name} is an argument's name; {unit} is "number of pixels", "number of updates" or the like
    raise ValueError(tr("{name} must be a positive {unit}, got {value!r}", name=name, unit=tr(unit),
                        value=value))


def check_size(size: Any) -> int | None:
    """The longest side of a picture in pixels, as an int; None, which keeps the picture's own, stays None."""
    return None if size is None else check_positive_int("size", size, mark("number of pixels"))


def check_number(name: str, value: Any, above: bool = False) -> float:
    """`value` as a float; a ValueError that quotes it, unless it is finite and 0 or more (or `above` 0)."""
    known = isinstance(value, numbers.Real) and not isinstance(value, bool) and math.isfinite(value)
    if known and (value > 0 or (value == 0 and not above)):
        return float(value)
    if above:
        raise ValueError(tr("{name} must be a number above 0, got {value!r}", name=name, value=value))
    raise ValueError(tr("{name} must be a number, 0 or more, got {value!r}", name=name, value=value))


def check_share(name: str, value: Any) -> float:
    """`value` as a float; a ValueError that quotes it, unless it is a number from 0 to 1."""
    share = check_number(name, value)
    if share > 1:
        raise ValueError(tr("{name} must be a number from 0 to 1, got {value:g}", name=name, value=share))
    return share


def check_choice(name: str, value: Any, choices: Sequence[str | bool]) -> Any:
    """`value`, if it is one of the choices; else a ValueError that quotes it and names them.

    Args:
        choices: names, or True and False. (1 is not taken for True, nor a tensor compared.)
    """
    if isinstance(value, str | bool) and value in choices:
        return value
    raise ValueError(tr("{name} must be one of {choices}, got {value!r}", name=name,
                        choices=", ".join(map(repr, choices)), value=value))


def with_hint(problem: str, hint: str) -> str:
    """What is wrong, and what to do about it where one can guess.

    Args:
        problem: a sentence, translated.
        hint: a sentence, translated, or "".
    """
    # Translators: two sentences: "photo must have shape (1, 3, H, W), got (64, 64)" and "write x[None]"
    return tr("{problem}: {hint}", problem=problem, hint=hint) if hint else problem
