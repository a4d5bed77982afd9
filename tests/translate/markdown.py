"""Markdown as messages: a heading, a paragraph, an item of a list and a row of a table are one message each.

What is not read as language stays as it is: formulas but for words in them, code, tags, a table's frame.
"""
import re
import textwrap
from collections.abc import Callable, Iterator

from .code import translate_code

Translate = Callable[[str], str]
FENCE = re.compile(r"\s*(```+|~~~+)(\w*)")
# What a line begins with before its words: a quotation, a heading, an item of a list
OPENING = re.compile(r"(\s*(?:> ?)*(?:#+ |[-*+] (?:\[.\] )?|\d+\. )?)(.*)")
TEXT = re.compile(r"(\\text\{)([^{}]*)\}")       # words in a formula
FRAME = re.compile(r"\s*\|?[\s|:-]*-[\s|:-]*$")
NOT_LANGUAGE = re.compile(r"\$[^$]*\$|`[^`]*`|\]\([^)]*\)|<[^>]*>")


def translate_markdown(text: str, translate: Translate) -> str:
    """The text with each of its messages replaced by `translate(message)`.

    A message is one line: where a paragraph is broken does not matter. Called with a function that only notes
    what it is asked, this extracts.
    """
    return "\n".join(_lines(text.split("\n"), translate))


def _lines(lines: list[str], translate: Translate) -> Iterator[str]:
    rest = list(lines)
    while rest:
        fence = FENCE.match(rest[0])
        if fence:
            end = next((i for i, line in enumerate(rest[1:], 1) if line.strip() == fence[1]), len(rest))
            yield rest[0]
            yield from CODE.get(fence[2], _as_it_is)(rest[1:end], translate)
            yield from rest[end:end + 1]
            del rest[:end + 1]
        elif rest[0].startswith("$$"):
            end = next(i for i, line in enumerate(rest) if (line.count("$$") > 1 if i == 0 else "$$" in line))
            yield from (TEXT.sub(lambda words: f"{words[1]}{_message(words[2], translate)}}}", line)
                        for line in rest[:end + 1])
            del rest[:end + 1]
        else:
            size = _unit(rest)
            yield _translated(rest[:size], translate)
            del rest[:size]


def _as_it_is(lines: list[str], translate: Translate) -> list[str]:
    return lines


def _commands(lines: list[str], translate: Translate) -> list[str]:
    """Commands stay; a comment behind one is a message."""
    return [re.sub(r"(?<= # ).*", lambda words: _message(words[0], translate), line) for line in lines]


def _python(lines: list[str], translate: Translate) -> list[str]:
    code = textwrap.dedent("\n".join(lines))
    indent = lines[0][:len(lines[0]) - len(code.split("\n")[0])]
    return textwrap.indent(translate_code(code, translate), indent).split("\n")


def _text(lines: list[str], translate: Translate) -> list[str]:
    """Something to copy, a letter for instance: one message, with its lines."""
    return _message("\n".join(lines), translate).split("\n")


CODE = {"python": _python, "console": _commands, "text": _text}


def _unit(lines: list[str]) -> int:
    """How many lines belong to the message that begins in the first one."""
    first = lines[0]
    if not first.strip() or first.lstrip().startswith(("|", "<")) or re.match(r"#+ ", first):
        return 1
    size = 1
    while size < len(lines) and _goes_on(lines[size], quoted=first.lstrip().startswith(">")):
        size += 1
    return size


def _goes_on(line: str, quoted: bool) -> bool:
    if quoted:
        return re.match(r"> ?[^\s>]", line) is not None
    opening = OPENING.match(line)[1].strip()
    return bool(line.strip()) and not opening and not line.lstrip().startswith(("|", "<", "$$", "```"))


def _translated(lines: list[str], translate: Translate) -> str:
    first = lines[0]
    if first.lstrip().startswith("|"):
        return first if FRAME.match(first) else _row(first, translate)
    if first.lstrip().startswith("<"):          # tags, and what stands between them
        return re.sub(r"(?<=>)[^<>]+(?=<|$)", lambda words: _message(words[0], translate), first)
    opening, words = OPENING.match(first).groups()
    more = [OPENING.match(line)[2].strip() for line in lines[1:]]
    return opening + _message(" ".join([words.strip(), *more]), translate)


def _row(line: str, translate: Translate) -> str:
    return f"| {_message(line.strip().strip('|').strip(), translate)} |"


def _message(words: str, translate: Translate) -> str:
    language = re.search(r"[^\W\d_]{2}", NOT_LANGUAGE.sub("", words))
    picture = re.search(r"!\[[^\]]+\]", words)
    return translate(words) if language or picture else words
