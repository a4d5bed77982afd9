"""`stylelib collect`: who has solved what, as a table."""
import argparse
import sys

from ..engine.language import tr, tr_count
from ..engine.terminal import say
from .arguments import ArgumentTypeError, Commands, path


def add_to(commands: Commands) -> None:
    """Add the command, with its options."""
    command = commands.add("collect", collect, tr("who has solved what: learners' copies judged again"),
                           tr("stopped; nothing was written"),
                           tr("Judge learners' exercises again, from their code, and write a table."))
    command.add_argument("folder", metavar="FOLDER", type=path,
                         help=tr("one folder for each learner, or notebooks with the learners' names in "
                                 "theirs"))
    command.add_argument("-o", "--output", metavar="FILE", type=path, default="results.csv",
                         help=tr("the table, as CSV (default: results.csv)"))
    command.add_argument("--reasons", metavar="FILE", type=path,
                         help=tr("also what each checker says, as CSV, a line for each answer"))
    command.add_argument("--seconds", type=_seconds, default=10.0, help=tr("for each answer (default: 10)"))
    command.add_argument("--trust", action="store_true",
                         help=tr("run learners' code without isolation, with your rights"))
    command.add_argument("--course", metavar="FOLDER", type=path,
                         help=tr("the folder that holds notebooks/ and data/ (default: found)"))


def collect(options: argparse.Namespace) -> int:
    """Judge, write, and print what a teacher wants to know; returns 0."""
    from ..teach.collect import collect

    results = collect(options.folder, options.course, trust=options.trust, seconds=options.seconds,
                      told=lambda line: say(line, sys.stderr))
    results.write(options.output, options.reasons)
    for name, what in results.strange:
        say(f"stylelib: {name}: {what}", sys.stderr)
    say(results.summary(), sys.stdout)
    say(tr_count("{file}: {n} learner, {exercises} exercises", "{file}: {n} learners, {exercises} exercises",
                 len(results.rows), file=options.output, exercises=len(results.exercises)), sys.stdout)
    return 0


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 1 <= value <= 600:
        raise ArgumentTypeError(tr("must be 1 to 600, got {text!r}", text=text))
    return value
