"""Lines of Latin and Chinese text, in a terminal or a figure: how wide they are, and where they may end."""
import re
import textwrap
from unicodedata import east_asian_width

# What stays together in a line: a hanzi or a Latin word, with the punctuation around it
WORD = re.compile(r"[《（“]*(?:[⺀-\uffff]|[^\s“⺀-\uffff]+)[，。：；？！、》）”…]*\s*|\S\s*")


def width_of(text: str) -> int:
    """How many columns a text takes: a Latin letter one, a Chinese letter two."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def wrap(text: str, width: int) -> list[str]:
    """Lines of at most so many columns. Between hanzi a line may end; a comma stays with its hanzi.

    What is not ASCII alone may hold a word that is longer than a line: it stays whole.
    """
    if text.isascii():
        return textwrap.wrap(text, width)
    lines = [""]
    for word in WORD.findall(" ".join(text.split())):
        if lines[-1] and width_of(lines[-1]) + width_of(word.rstrip()) > width:
            lines.append("")
        lines[-1] += word if lines[-1] else word.lstrip()
    return [line.rstrip() for line in lines]
