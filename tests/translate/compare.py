"""What a translation must have in common with the English words, whatever the language."""
import re
from collections import Counter

from markdown_it import MarkdownIt

from .code import FIELD

CODE, FORMULA = re.compile(r"`[^`]+`"), re.compile(r"\$[^$]+\$")
LINK, TAG = re.compile(r"\]\(([^)]+)\)"), re.compile(r"</?\w+[^>]*>")
NUMBER = re.compile(r"(?<![\w.])\d+(?:[.,]\d+)*")


def differences(english: str, translation: str) -> list[str]:
    """What is not the same in both; [] if all is.

    Code, formulas, links, tags, fields of a message and numbers must be equal, in any order. No star may be
    left that was meant to stress something: between letters and Chinese punctuation, Markdown wants a space.
    """
    found = [] if _stars(translation) <= _stars(english) else ["stress: a star is left, it needs a space"]
    for name, pattern in (("code", CODE), ("formulas", FORMULA), ("links", LINK), ("tags", TAG)):
        before, after = Counter(pattern.findall(english)), Counter(pattern.findall(translation))
        if before != after:
            found.append(f"{name}: {_difference(before, after)}")
        english, translation = pattern.sub(" ", english), pattern.sub(" ", translation)
    for name, pattern in (("fields", FIELD), ("numbers", NUMBER)):
        before, after = Counter(pattern.findall(english)), Counter(pattern.findall(translation))
        if before != after:
            found.append(f"{name}: {_difference(before, after)}")
        english, translation = pattern.sub(" ", english), pattern.sub(" ", translation)
    return found


def _stars(text):
    """The stars that a reader would see."""
    tokens = MarkdownIt().parseInline(FORMULA.sub(" ", text))[0].children or []
    return sum(token.content.count("*") for token in tokens if token.type == "text")


def _difference(before, after):
    return f"missing {sorted((before - after).elements())}, added {sorted((after - before).elements())}"
