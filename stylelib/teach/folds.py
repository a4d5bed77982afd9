"""Folds: what a notebook hides until its reader opens it, such as a hint, a solution or an answer."""
import re

FOLD = re.compile(r"<details>\s*<summary>(?P<title>.*?)</summary>(?P<text>.*?)</details>", re.DOTALL)


def title_of(fold: re.Match) -> str:
    """What is always seen of a fold, without its markup: "Hint", "Solution".

    Args:
        fold: a match of FOLD.
    """
    return re.sub(r"<.*?>", "", fold["title"]).strip()
