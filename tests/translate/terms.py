"""One word for one thing: the terms of a language's glossary, and where a translation uses another word."""
import re

from ..places import ROOT
from .edition import short

# Everyday words that are also terms: what they become depends on the sentence
EVERYDAY = {"credit", "cut", "drift", "filter", "frame", "gain", "in place", "judge", "kernel", "one pass",
            "painting", "patch", "photo", "recipe", "score", "series", "shift", "step", "sweep"}


def terms(language: str) -> dict[str, set[str]]:
    """{English term: the words that the glossary has for it}; empty without a glossary.

    A row names them side by side, each the first with the first: 通道、特征图 | channel, feature map. Behind
    a name, in brackets, may stand a second one.
    """
    found: dict[str, set[str]] = {}
    glossary = ROOT / "notebooks" / f"GLOSSARY.{short(language)}.md"
    for line in glossary.read_text("utf-8").split("\n") if glossary.exists() else ():
        cells = [cell.strip() for cell in line.strip("| ").split(" | ")]
        if len(cells) == 4 and not set(cells[1]) <= set("-: ") and "$" not in cells[1]:
            ours = [term.strip() for term in cells[1].split(",")]
            theirs = [_names(part) for part in re.split(r"[、，,]", cells[0])]
            if len(theirs) != len(ours):
                theirs = [set().union(*theirs)] * len(ours)
            for term, names in zip(ours, theirs):
                found.setdefault(term, set()).update(names)
    return found


def _names(part: str) -> set[str]:
    return {word.strip() for word in re.split(r"[（）()]", part) if word.strip()}


def misnamed(english: str, translation: str, language_terms: dict[str, set[str]]) -> list[str]:
    """The terms in an English message of whose names the translation has none.

    A term inside a longer one is not asked for: "loss" in "content loss".
    """
    rest, wrong = english.lower(), []
    for term in sorted(language_terms, key=len, reverse=True):
        pattern = rf"(?<![\w-]){re.escape(term.lower())}(?:e?s)?(?![\w-])"
        if re.search(pattern, rest):
            rest = re.sub(pattern, " ", rest)
            names = language_terms[term] | {term}
            if term not in EVERYDAY and not any(name.lower() in translation.lower() for name in names):
                wrong.append(term)
    return wrong
