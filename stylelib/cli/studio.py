"""`stylelib studio`: the studio as a page in the browser."""
import argparse
import sys
from pathlib import Path

from ..engine.language import tr
from ..engine.terminal import say
from .arguments import ArgumentTypeError, Commands, path


def add_to(commands: Commands) -> None:
    """Add the command, with its options."""
    command = commands.add("studio", studio, tr("paint in the browser: the picture follows the knobs"),
                           tr("the studio is closed"),
                           tr("Show the studio in the browser, without any code. Ctrl+C closes it."))
    command.add_argument("--course", metavar="FOLDER", type=path,
                         help=tr("the folder that holds notebooks/ and data/ (default: found)"))
    command.add_argument("--port", type=_port,
                         help=tr("where it listens on this machine (default: a free one)"))
    command.add_argument("--dark", action="store_true", help=tr("light letters on dark, for a dark room"))
    command.add_argument("--no-browser", action="store_true", help=tr("only print the address"))


def studio(options: argparse.Namespace) -> int:
    """Show it until Ctrl+C; returns 0."""
    from ..learn.app import open_browser, serve_studio
    from ..teach.course import find_course

    def told(address):
        say(tr("{address}  (Ctrl+C closes the studio)", address=address), sys.stdout)
        if not options.no_browser:
            open_browser(address)

    course = find_course(options.course)
    return serve_studio(course / "data", Path(course, "notebooks"), options.port, options.dark, told)


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise ArgumentTypeError(tr("must be a number from 1 to 65535, got {text!r}", text=text))
    return int(text)
