"""How arguments are read: a parser with one-line errors, and what paths, numbers and layers look like."""
import argparse
import os
import sys
from argparse import ArgumentTypeError
from collections.abc import Callable
from typing import Any, NoReturn

from ..engine.language import tr
from ..engine.lines import wrap
from ..engine.terminal import say
from .language import add_option
from .messages import BAD_INPUT


class Wide(argparse.HelpFormatter):
    """argparse's layout, also of Chinese: its characters take two columns, and no spaces stand between."""

    def _split_lines(self, text, width):
        return super()._split_lines(text, width) if text.isascii() else wrap(text, width)

    def _fill_text(self, text, width, indent):
        if text.isascii():
            return super()._fill_text(text, width, indent)
        return "\n".join(indent + line for line in wrap(text, width - len(indent)))


class Parser(argparse.ArgumentParser):
    """An argparse parser whose errors are one line, and name the command whose --help helps.

    Attributes:
        commands: {heading: the commands below it, as argparse shows arguments}.
    """

    def __init__(self, **settings: Any):
        super().__init__(**{"formatter_class": Wide, **settings})
        self.commands: dict[str, list[argparse.Action]] = {}

    def error(self, message: str) -> NoReturn:
        helpful = f"{self.prog} --help"
        told = tr("{error} (see {command})", error=" ".join(message.split()), command=helpful)
        self.exit(BAD_INPUT, f"{self.prog}: {told}\n")

    def format_help(self) -> str:
        formatter = self.formatter_class(prog=self.prog)
        for heading, commands in self.commands.items():
            formatter.start_section(heading)
            formatter.add_arguments(commands)
            formatter.end_section()
        return "\n".join(filter(None, [super().format_help(), formatter.format_help()]))

    def print_help(self, file: Any = None) -> None:
        say(self.format_help().removesuffix("\n"), file or sys.stdout)


class Typed(argparse.Action):
    """Stores a value, and that it was typed: `options.typed` is {its name: the option as it was typed}."""

    def __call__(self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any,
                 option_string: str | None = None) -> None:
        setattr(namespace, self.dest, values)
        namespace.typed = {**namespace.typed, self.dest: option_string}


class Commands:
    """The commands of a parser, under headings.

    Args:
        parser: to which they belong.
    """

    def __init__(self, parser: Parser):
        self._parsers = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=Parser,
                                              help=tr("one of those below; each has a --help of its own"))
        self._headings, self._below = parser.commands, ""

    def begin(self, heading: str) -> None:
        """Put the next commands under this heading."""
        self._below = heading

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
        command = self._parsers.add_parser(name, description=description)
        add_option(command, argparse.SUPPRESS)      # `stylelib --help` tells of it
        self._headings.setdefault(self._below, []).append(argparse.Action([], name, help=what))
        command.set_defaults(run=run, parser=command, stopped=stopped, typed={})
        return command


def path(text: str) -> str:
    """The name of a file or folder; ~ is the home folder even where the shell leaves it: --output=~/a.png."""
    if not text.strip():
        raise ArgumentTypeError(tr("must be a name, got an empty one"))
    return os.path.expanduser(text)


def numbers(text: str) -> list[float]:
    """Numbers with commas between them: 1,2.5."""
    try:
        return [float(number) for number in text.split(",")]
    except ValueError:
        raise ArgumentTypeError(tr("must be numbers with commas between them, got {text!r}",
                                   text=text)) from None


def layers(text: str) -> list[str] | dict[str, float]:
    """Names of layers, relu1_1,relu2_1, or each with its weight: relu1_1=0.5,relu2_1=2."""
    pairs = [pair.partition("=") for pair in text.split(",") if pair.strip()]
    names = [name.strip() for name, _, _ in pairs]
    if not names:
        raise ArgumentTypeError(tr("must name at least one layer, got none"))
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise ArgumentTypeError(tr("names {layer} twice", layer=twice))
    if not any(equals for _, equals, _ in pairs):
        return names
    return {name: _weight(name, weight) for name, (_, _, weight) in zip(names, pairs)}


def _weight(name, text):
    if not text.strip():
        raise ArgumentTypeError(tr("needs a number as the weight of {layer}, got none: give a weight to each "
                                   "layer, or to none", layer=name))
    try:
        return float(text)
    except ValueError:
        raise ArgumentTypeError(tr("needs a number as the weight of {layer}, got {text!r}", layer=name,
                                   text=text)) from None
