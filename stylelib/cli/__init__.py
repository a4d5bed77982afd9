"""The command line: `stylelib stylize`, `styles`, `film`, `doctor`, `recipes`, and the teachers' commands.

This file is the door: it reads the command, runs it, and turns whatever ends it into an exit status and a
line. The commands stand in files of their own: `stylize` (its knobs in `knobs`, what it saves in `keeping`,
the film of how it was made in `making`), `fast` for painting in one pass, `batch` for many pictures, `film`
for films, `training` for train-fast, `reports` for doctor and recipes, `recipe` for those of single pictures,
`gallery` for what hangs on a wall, `studio` for the page to paint on, `hubs` for links and QR codes,
`collect` for a class's work, `teachers` for the rest; `language` chooses the one in which all of them speak.

Exit status: 0 done; 1 the doctor found a problem, or some pictures of a batch are missing; 2 bad input
or usage; 130 stopped by Ctrl-C, or by a signal like it.

PyTorch, NumPy and Pillow are imported by the commands that need them, when they run: `stylelib --help` starts
at once, and `stylelib doctor` works where they are missing or damaged.
"""
import argparse
import sys
from collections.abc import Sequence

from .. import __version__
from ..engine import terminal
from ..engine.language import tr
from ..engine.terminal import Signals, say
from . import batch, collect, fast, film, gallery, hubs, reports, studio, stylize, teachers, training
from .arguments import Commands, Parser
from .language import add_option, choose_language, own_language
from .messages import STOPPED, about, fail


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status.

    Args:
        arguments: list of strings; None takes those of the process, which is then expected to end with this
            command.
    """
    if arguments is None:
        terminal.open_streams()
    signals = Signals()
    with signals.heard(to_the_end=arguments is None):
        try:
            return _run(arguments, signals)
        finally:
            with signals.held():
                terminal.finish_streams()


def make_parser() -> Parser:
    """The parser of the whole command line. Each command's options hold what runs it, as `run`."""
    parser = Parser(prog="stylelib",
                    description=tr("Neural style transfer: paint a photo in the manner of a painting."))
    parser.add_argument("--version", action="version", version=f"stylelib {__version__}",
                        help=tr("show program's version number and exit"))
    add_option(parser, tr("speak this language, such as en or zh_CN (default: what LANG asks for)"))
    commands = Commands(parser)
    for heading, additions in (
            (tr("paint"), (stylize.add_to, fast.add_to, batch.add_to, film.add_to, studio.add_to,
                           training.add_to)),
            (tr("look at pictures, and how they were made"), (gallery.add_to, reports.add_recipes)),
            (tr("teach"), (teachers.add_to, hubs.add_to, collect.add_to)),
            (tr("look after the installation"), (reports.add_doctor,))):
        commands.begin(heading)
        for add_to in additions:
            add_to(commands)
    return parser


def _run(arguments, signals):
    options = None
    with own_language():
        try:
            choose_language(arguments)
            options = _options(arguments)
            options.signals = signals
            return options.run(options)
        except KeyboardInterrupt:
            say(f"stylelib: {options.stopped if options else tr('stopped before it began')}", sys.stderr)
            return STOPPED
        except Exception as error:      # noqa: BLE001  whatever it is, a user gets one line, not a traceback
            return fail(about(error))


def _options(arguments) -> argparse.Namespace:
    options, unknown = make_parser().parse_known_args(arguments)
    # argparse itself would refer to the help of `stylelib`, which does not list this command's options
    if unknown:
        options.parser.error(tr("unrecognized arguments: %s") % " ".join(unknown))
    return options
