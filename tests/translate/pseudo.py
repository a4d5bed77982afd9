"""A language that nobody speaks: python -m tests.translate.pseudo LANGUAGE fills its catalogues.

Every word of it is English with accents, and each message stands in brackets: what a page shows without them
is in no catalogue. So a third language can be tried before there is a translator (CONTRIBUTING.md).
"""
import argparse
import re
import sys
from collections.abc import Sequence

from babel.messages.catalog import Message

from . import catalogue
from .__main__ import catalogue_of, language_code, sources
from .code import FIELD
from .compare import CODE, FORMULA, LINK, TAG

LETTERS = str.maketrans("AEIOUaceinosuyz", "ÀÉÎÕÜàçéîñõšüýž")
KEPT = re.compile("|".join(pattern.pattern for pattern in (CODE, FORMULA, LINK, TAG, FIELD)) + r"|%\(\w+\)\w")


def pseudo(message: str) -> str:
    """pseudo("the photo, `{size}` px") is "⟦thé phõtõ, `{size}` px⟧"; what must stay the same does."""
    end, mixed = 0, []
    for same in KEPT.finditer(message):
        mixed += [message[end:same.start()].translate(LETTERS), same[0]]
        end = same.end()
    return f"⟦{''.join(mixed)}{message[end:].translate(LETTERS)}⟧"


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.translate.pseudo",
                                     description=__doc__.partition("\n")[0])
    parser.add_argument("languages", nargs="+", metavar="LANGUAGE", type=language_code)
    for language in parser.parse_args(arguments).languages:
        for source in sources():
            path = catalogue_of(source, language)
            known = catalogue.read(path, language)
            for message in catalogue.open_messages(known):
                message.string = _string(message, known.num_plurals)
                message.flags.discard("fuzzy")
            catalogue.write(known, path)
    return 0


def _string(message: Message, plurals: int) -> str | tuple[str, ...]:
    if isinstance(message.id, tuple):
        return (pseudo(message.id[-1]),) * plurals
    # A single word in code may be the name of an option: a notebook shall still run
    option = "in code" in message.auto_comments and not re.search(r"\s", message.id)
    return message.id if option else pseudo(message.id)


if __name__ == "__main__":
    sys.exit(main())
