"""The languages that notebooks are written in: where those of each lie, and the words they have in common.

A new language is a new line in EDITIONS.
"""
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from ..engine.language import ENGLISH, language, use_language


@dataclass(frozen=True)
class Edition:
    """The course in one language.

    Attributes:
        code: as in `use_language`.
        folder: of its notebooks, below `notebooks/`; its pages end in it: GLOSSARY.zh.md. "" for English.
        tag: what `<html lang>` says.
        name: of the language, in its own words.
        hint, solution, seen, happens: titles of folds.
        predict: how a question begins that is asked before the answer is seen.
        yours: what stands in a student copy where an answer was folded away.
        runs: a pattern for the running time that a notebook states: a number, and its unit.
        minute: that unit, where it is minutes.
    """

    code: str
    folder: str
    tag: str
    name: str
    hint: str
    solution: str
    seen: str
    happens: str
    predict: str
    yours: str
    runs: str
    minute: str

    def page(self, name: str) -> str:
        """The name of a page in this language: page("README.md") is "README.zh.md"."""
        return name.removesuffix(".md") + f".{self.folder}.md" if self.folder else name


EDITIONS = (
    Edition(code=ENGLISH, folder="", tag="en", name="English", hint="Hint", solution="Solution",
            seen="What to see", happens="What happens", predict="**Predict", yours="*Your answer:*",
            runs=r"runs in about (\d+) (second|minute)", minute="minute"),
    Edition(code="zh_CN", folder="zh", tag="zh-CN", name="中文", hint="提示", solution="参考答案",
            seen="看什么", happens="会发生什么", predict="**先猜一猜。", yours="*你的答案：*",
            runs=r"运行[^\d\n]*(\d+) ?(秒|分钟)", minute="分钟"),
)
# Whatever the language in use: a fold is known by any of its titles
HINT, SOLUTION = tuple(one.hint for one in EDITIONS), tuple(one.solution for one in EDITIONS)
SEEN, HAPPENS = tuple(one.seen for one in EDITIONS), tuple(one.happens for one in EDITIONS)
PREDICT = tuple(one.predict for one in EDITIONS)


def edition(code: str | None = None) -> Edition:
    """The course in a language, or in English if it is not written in that.

    Args:
        code: of the language; None means the one in use.
    """
    code = code or language()
    return next((one for one in EDITIONS if one.code == code), EDITIONS[0])


@contextlib.contextmanager
def speaking(code: str) -> Iterator[None]:
    """In this block, messages are in a language."""
    before = language()
    use_language(code)
    try:
        yield
    finally:
        use_language(before)
