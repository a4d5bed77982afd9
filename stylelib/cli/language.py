"""The language of a command, argparse's words included: the user's, or the one that `--language` names."""
import argparse
import contextlib
import os
from collections.abc import Iterator, Sequence

from ..engine.language import language, mark, tr, use_language, users_language

# What argparse says of its own accord, as far as a user of ours can meet it, in Python 3.10 to 3.14
ARGPARSE = (
    mark("usage: "), mark("positional arguments"), mark("options"), mark("%(heading)s:"),
    mark("show this help message and exit"), mark("show program's version number and exit"),
    mark("argument %(argument_name)s: %(message)s"), mark("the following arguments are required: %s"),
    mark("expected one argument"), mark("expected at least one argument"),
    mark("invalid choice: %(value)r (choose from %(choices)s)"),
    mark("invalid choice: %(value)r, maybe you meant %(closest)r? (choose from %(choices)s)"),
    mark("invalid %(type)s value: %(value)r"), mark("unrecognized arguments: %s"),
    mark("not allowed with argument %s"), mark("ignored explicit argument %r"),
    mark("ambiguous option: %(option)s could match %(matches)s"),
)
OPTION = "--language"


@contextlib.contextmanager
def own_language() -> Iterator[None]:
    """In this block a language may be chosen; after it all is as before."""
    kept, environment, words = language(), os.environ.get("LANGUAGE"), vars(argparse)["_"]
    # argparse asks gettext for its texts by this name. gettext itself would need compiled files in a folder,
    # and to say each text anew in a parser of ours would take argparse's private methods
    vars(argparse)["_"] = tr
    try:
        yield
    finally:
        vars(argparse)["_"] = words
        use_language(kept)
        os.environ.pop("LANGUAGE", None)
        if environment is not None:
            os.environ["LANGUAGE"] = environment


def choose_language(arguments: Sequence[str] | None) -> None:
    """Speak as the user wishes, here and in the processes that are started from here.

    It is asked for before the parser is made, whose help texts are messages.

    Args:
        arguments: list of strings; None takes those of the process.

    Raises:
        ValueError: `--language` names a language that there is not.
    """
    with contextlib.suppress(ImportError):      # of babel: `stylelib doctor` has to tell that it is missing
        use_language(users_language())
    finder = argparse.ArgumentParser(add_help=False)
    finder.add_argument(OPTION, nargs="?")      # where it has no value, the command's own parser says so
    asked = finder.parse_known_args(arguments)[0].language
    if asked is not None:
        use_language(asked)
    os.environ["LANGUAGE"] = language()


def add_option(parser: argparse.ArgumentParser, what: str) -> None:
    """Let a parser take the option, which `choose_language` has read.

    Args:
        parser: of the whole command line, or of a command.
        what: it says in its help; argparse.SUPPRESS leaves the option out there.
    """
    parser.add_argument(OPTION, metavar="CODE", help=what, default=argparse.SUPPRESS)
