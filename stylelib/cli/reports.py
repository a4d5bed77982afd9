"""`stylelib doctor` and `stylelib recipes`: commands that print a report."""
import argparse
import contextlib
import sys

from ..engine import terminal
from .arguments import Commands, path

LEGEND = """\
What the published style weights mean in one unit. c is the mean squared difference of the content
activations, E the style loss of the paper's equation 4. "it types" is the number in the program, "E per c"
what it makes of it: the weight of E in its first and its last style layer when c has the weight 1. The last
two columns say the same for a network that sees pixels from 0 to 255.
"""


def add_to(commands: Commands) -> None:
    """Add both commands, with their options."""
    doctor = commands.add("doctor", examine, "is everything here that the course needs?",
                          "stopped: the report is not complete",
                          "Is everything here that the course needs? "
                          "Exit status: 0 yes; 1 there is a problem.")
    doctor.add_argument("--json", action="store_true", help="print the report as JSON, to be collected")
    doctor.add_argument("--machine", action="store_true",
                        help="with the machine's name in the JSON; without this it is left out")
    doctor.add_argument("--course", type=path, metavar="FOLDER",
                        help="the folder that holds notebooks/ (default: found)")
    command = commands.add("recipes", recipes, "published settings in one unit; or how a picture was made",
                           "stopped")
    command.add_argument("pictures", metavar="PICTURE", nargs="*", type=path,
                         help="print how these were made, as lines to copy (default: the published settings)")


def examine(options: argparse.Namespace) -> int:
    """The doctor's report; returns 0, or 1 if there is a problem."""
    from ..teach.course import find_course
    from ..teach.doctor import as_json, examine
    if options.course:
        # a folder that was named must be one: "nothing found" would be no answer
        find_course(options.course)
    findings = []
    for finding in examine(options.course):
        findings.append(finding)
        if not options.json:
            _tell(finding)
    problems = sum(not finding.ok for finding in findings)
    if options.json:
        _tell(as_json(findings, options.machine))
    else:
        _tell(f"{problems} problem(s): see the commands above." if problems
              else "Everything the course needs is here.")
    return 1 if problems else 0


def recipes(options: argparse.Namespace) -> int:
    """The table of published settings, or the lines that pictures carry; returns 0."""
    if options.pictures:
        from .recipe import read
        for picture in options.pictures:
            _tell(read(picture).line)
        return 0
    from ..style.recipes import table
    _tell(f"{LEGEND}\n{table()}")
    return 0


def _tell(report):
    """Print a report, or a part of it. A reader that has seen enough, such as `head`, is no fault."""
    with contextlib.suppress(BrokenPipeError):
        terminal.show(str(report), sys.stdout)
