"""How arguments are read: a parser with one-line errors, and what paths, numbers and layers look like."""
import argparse
import os
from argparse import ArgumentTypeError
from collections.abc import Callable
from typing import Any, NoReturn

from .messages import BAD_INPUT


class Parser(argparse.ArgumentParser):
    """An argparse parser whose errors are one line, and name the command whose --help helps."""

    def error(self, message: str) -> NoReturn:
        self.exit(BAD_INPUT, f"{self.prog}: {' '.join(message.split())} (see {self.prog} --help)\n")


class Typed(argparse.Action):
    """Stores a value, and that it was typed: `options.typed` is {its name: the option as it was typed}."""

    def __call__(self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any,
                 option_string: str | None = None) -> None:
        setattr(namespace, self.dest, values)
        namespace.typed = {**namespace.typed, self.dest: option_string}


class Commands:
    """The commands of a parser.

    Args:
        parser: to which they belong.
    """

    def __init__(self, parser: Parser):
        self._parsers = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=Parser)

    def add(self, name: str, run: Callable[[argparse.Namespace], int], what: str, stopped: str,
            description: str | None = None) -> Parser:
        """A new command.

        Args:
            name: as it is typed.
            run: takes the options, returns the exit status.
            what: it does: its line in the list of commands.
            stopped: what to say when Ctrl-C ends it.
            description: for its own --help.
        """
        command = self._parsers.add_parser(name, help=what, description=description)
        command.set_defaults(run=run, parser=command, stopped=stopped, typed={})
        return command


def path(text: str) -> str:
    """The name of a file or folder; ~ is the home folder even where the shell leaves it: --output=~/a.png."""
    if not text.strip():
        raise ArgumentTypeError("must be a name, got an empty one")
    return os.path.expanduser(text)


def numbers(text: str) -> list[float]:
    """Numbers with commas between them: 1,2.5."""
    try:
        return [float(number) for number in text.split(",")]
    except ValueError:
        raise ArgumentTypeError(f"must be numbers with commas between them, got {text!r}") from None


def layers(text: str) -> list[str] | dict[str, float]:
    """Names of layers, relu1_1,relu2_1, or each with its weight: relu1_1=0.5,relu2_1=2."""
    pairs = [pair.partition("=") for pair in text.split(",") if pair.strip()]
    names = [name.strip() for name, _, _ in pairs]
    if not names:
        raise ArgumentTypeError("must name at least one layer, got none")
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise ArgumentTypeError(f"names {twice} twice")
    if not any(equals for _, equals, _ in pairs):
        return names
    return {name: _weight(name, weight) for name, (_, _, weight) in zip(names, pairs)}


def _weight(name, text):
    try:
        return float(text)
    except ValueError:
        got = f"got {text!r}" if text.strip() else "got none: give a weight to each layer, or to none"
        raise ArgumentTypeError(f"needs a number as the weight of {name}, {got}") from None
