"""`stylelib doctor` and `stylelib recipes`: commands that print a report."""
import argparse
import contextlib
import os
import sys
from pathlib import Path

from ..engine import terminal
from ..engine.language import mark, tr
from .arguments import Commands, path

# Translators: lines of about 110 columns, above a table whose columns are headed "it types" and "E per c"
LEGEND = mark("""\
What the published style weights mean in one unit. c is the mean squared difference of the content
activations, E the style loss of the paper's equation 4. "it types" is the number in the program, "E per c"
what it makes of it: the weight of E in its first and its last style layer when c has the weight 1. The last
two columns say the same for a network that sees pixels from 0 to 255.
""")


def add_doctor(commands: Commands) -> None:
    """Add the command `doctor`, with its options."""
    doctor = commands.add("doctor", examine, tr("is everything here that the course needs?"),
                          tr("stopped: the report is not complete"),
                          tr("Is everything here that the course needs? Exit status: 0 yes; 1 there is a "
                             "problem."))
    doctor.add_argument("--json", metavar="FILE", nargs="?", const="", type=os.path.expanduser,
                        help=tr("the report as JSON, to be collected: written to FILE, or printed without "
                                "one"))
    doctor.add_argument("--machine", action="store_true",
                        help=tr("with the machine's name in the JSON; without this it is left out"))
    doctor.add_argument("--course", type=path, metavar="FOLDER",
                        help=tr("the folder that holds notebooks/ (default: found)"))
    doctor.add_argument("--collect", metavar="FOLDER", type=path,
                        help=tr("instead, what the reports in FOLDER say of a class's machines, the worst "
                                "first"))
    doctor.add_argument("-o", "--output", metavar="TABLE", type=path,
                        help=tr("with --collect: also as a table, as CSV"))


def add_recipes(commands: Commands) -> None:
    """Add the command `recipes`, with its options."""
    command = commands.add("recipes", recipes,
                           tr("published settings in one unit; or how a picture was made"), tr("stopped"))
    command.add_argument("pictures", metavar="PICTURE", nargs="*", type=path,
                         help=tr("print how these were made, as lines to copy (default: the published "
                                 "settings)"))


def examine(options: argparse.Namespace) -> int:
    """The doctor's report; returns 0, or 1 if there is a problem."""
    from ..teach.course import find_course
    from ..teach.doctor import as_json, examine
    if options.collect:
        return _collect(options)
    if options.output:
        options.parser.error(tr("-o needs --collect FOLDER; a report of this machine is written by --json "
                                "FILE"))
    if options.course:
        # a folder that was named must be one: "nothing found" would be no answer
        find_course(options.course)
    file = _place(options.json)
    findings = []
    for finding in examine(options.course):
        findings.append(finding)
        if options.json != "":
            _tell(finding)
    problems = sum(not finding.ok for finding in findings)
    if options.json == "":
        _tell(as_json(findings, options.machine))
    else:
        _tell(tr("{problems} problem(s): see the commands above.", problems=problems) if problems
              else tr("Everything the course needs is here."))
    if file:
        file.write_text(as_json(findings, options.machine) + "\n", "utf-8")
        _tell(tr("{file}: the report, to be sent", file=file))
    return 1 if problems else 0


def _place(name):
    """Where the report goes, looked at before the work, and without PyTorch; None if nowhere."""
    if not name:
        return None
    file = Path(name)
    if file.suffix.lower() != ".json" or file.is_dir() or not os.access(file.absolute().parent, os.W_OK):
        raise ValueError(tr("the report cannot be written to {name!r}: name a file such as anna.json, in a "
                            "folder in which you may write", name=name))
    return file


def _collect(options):
    """What a class's reports say; returns 0."""
    from ..teach.machines import read_machines, summary, write_table
    machines = read_machines(options.collect)
    if options.output:
        write_table(machines, options.output)
    _tell(summary(machines))
    return 0


def recipes(options: argparse.Namespace) -> int:
    """The table of published settings, or the lines that pictures carry; returns 0."""
    if options.pictures:
        from .recipe import read
        for picture in options.pictures:
            _tell(read(picture).line)
        return 0
    from ..style.recipes import table
    _tell(f"{tr(LEGEND)}\n{table()}")
    return 0


def _tell(report):
    """Print a report, or a part of it. A reader that has seen enough, such as `head`, is no fault."""
    with contextlib.suppress(BrokenPipeError):
        terminal.show(str(report), sys.stdout)
