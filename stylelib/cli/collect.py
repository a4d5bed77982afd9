"""`stylelib collect`: who has solved what, as a table."""
import argparse
import sys

from ..engine.terminal import say
from .arguments import ArgumentTypeError, Commands, path


def add_to(commands: Commands) -> None:
    """Add the command, with its options."""
    command = commands.add("collect", collect, "who has solved what: learners' copies judged again",
                           "stopped; nothing was written",
                           "Judge learners' exercises again, from their code, and write a table.")
    command.add_argument("folder", metavar="FOLDER", type=path,
                         help="one folder for each learner, or notebooks with the learners' names in theirs")
    command.add_argument("-o", "--output", metavar="FILE", type=path, default="results.csv",
                         help="the table, as CSV (default: results.csv)")
    command.add_argument("--reasons", metavar="FILE", type=path,
                         help="also what each checker says, as CSV, a line for each answer")
    command.add_argument("--seconds", type=_seconds, default=10.0, help="for each answer (default: 10)")
    command.add_argument("--trust", action="store_true",
                         help="run learners' code without isolation, with your rights")
    command.add_argument("--course", metavar="FOLDER", type=path,
                         help="the folder that holds notebooks/ and data/ (default: found)")


def collect(options: argparse.Namespace) -> int:
    """Judge, write, and print what a teacher wants to know; returns 0."""
    from ..teach.collect import collect

    results = collect(options.folder, options.course, trust=options.trust, seconds=options.seconds,
                      told=lambda line: say(line, sys.stderr))
    results.write(options.output, options.reasons)
    for name, what in results.strange:
        say(f"stylelib: {name}: {what}", sys.stderr)
    say(f"{results.summary()}\n{options.output}: {len(results.rows)} learners, "
        f"{len(results.exercises)} exercises", sys.stdout)
    return 0


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 1 <= value <= 600:
        raise ArgumentTypeError(f"must be 1 to 600, got {text!r}")
    return value
