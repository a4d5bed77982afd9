"""The commands for teachers: offline, slides, site, handout. Each writes one new folder."""
import argparse
import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

from ..engine.language import mark, tr, tr_count
from ..engine.terminal import say
from .arguments import Commands, Parser, path


def add_to(commands: Commands) -> None:
    """Add the commands, with their options."""
    command = _add(commands, "offline", offline,
                   tr("a folder that installs the course on a machine like this one, without a network"),
                   tr("A folder that installs the course on a machine like this one, without a network."))
    command.add_argument("--cpu", action="store_true",
                         help=tr("with PyTorch for CPUs, from PyTorch's own index: much smaller on Linux"))
    _add_student(command)
    command.add_argument("--constraints", type=path, metavar="FILE",
                         help=tr("take the versions that this file names: the constraints.txt of a folder "
                                 "made before gives the same packages again (default: the newest ones)"))

    command = _add(commands, "slides", slides,
                   tr("each notebook as slides that open in a browser without a network"),
                   tr("Each notebook as slides that open in a browser without a network."))
    command.add_argument("notebooks", metavar="NOTEBOOK", nargs="*", default=[],
                         help=tr("such as 04; none means all"))
    command.add_argument("--route", choices=("90", "half", "full", "two"),
                         help=tr("one deck with what this route of the guide needs, its minutes in the "
                                 "notes"))

    command = _add(commands, "site", site,
                   tr("the course as a site to read, with search, that opens from a plain folder"),
                   tr("The course as a site to read, with search, that opens from a plain folder."))
    _add_student(command)

    command = _add(commands, "handout", handout,
                   tr("student copies: the notebooks without solutions, in a folder that can be installed"),
                   tr("Student copies: the notebooks without solutions, in a folder that can be installed."))
    command.add_argument("--no-outputs", action="store_true",
                         help=tr("also without what the cells printed and drew"))
    command.add_argument("--nbgrader", action="store_true",
                         help=tr("instead, the source of nbgrader's assignments: with solutions, for you"))


def _add(commands: Commands, name: str, run: Callable[[argparse.Namespace], int], what: str,
         description: str) -> Parser:
    command = commands.add(name, run, what, tr("stopped; nothing was written"), description)
    command.add_argument("folder", metavar="DIR", type=path,
                         help=tr("the folder to write: a new one, or an empty one"))
    command.add_argument("--course", metavar="FOLDER", type=path,
                         help=tr("the folder that holds notebooks/ and data/ (default: found)"))
    return command


def _add_student(command: Parser) -> None:
    command.add_argument("--student", action="store_true",
                         help=tr("for learners: without solutions, answers, and the pages for teachers"))


def offline(options: argparse.Namespace) -> int:
    """Write the folder that installs the course; returns 0."""
    count = module("offline").write_offline(options.folder, options.cpu, options.course,
                                             constraints=options.constraints, student=options.student)
    done = (mark("{folder}: {count} packages, notebooks without solutions and pictures; its README.txt says "
                 "how to install") if options.student else
            mark("{folder}: {count} packages, notebooks and pictures; its README.txt says how to install"))
    return _done(options, tr(done, folder=options.folder, count=count))


def slides(options: argparse.Namespace) -> int:
    """Write the decks; returns 0."""
    count = module("slides").write_slides(options.folder, options.notebooks, options.course, options.route)
    return _done(options, tr_count("{folder}: {n} deck; open {page} in a browser",
                                   "{folder}: {n} decks; open {page} in a browser", count,
                                   folder=options.folder, page=Path(options.folder) / "index.html"))


def site(options: argparse.Namespace) -> int:
    """Write the site; returns 0."""
    write_site = module("site").write_site
    if options.student:
        with module("handouts").student_project(options.course) as project:
            warnings = write_site(options.folder, project)
    else:
        warnings = write_site(options.folder, options.course)
    if warnings:
        say(warnings.strip(), sys.stderr)
    first = Path(options.folder) / module("editions").edition().folder / "index.html"
    page = first if first.exists() else Path(options.folder) / "index.html"
    return _done(options, tr("{folder}: open {page} in a browser", folder=options.folder, page=page))


def handout(options: argparse.Namespace) -> int:
    """Write the student copies; returns 0."""
    if options.nbgrader:
        count, points = module("grading").write_grading(options.folder, not options.no_outputs,
                                                        options.course)
        return _done(options, tr("{folder}: {count} assignments with {points} points; it holds solutions. "
                                 "Learners get what nbgrader generate_assignment makes of it",
                                 folder=options.folder, count=count, points=points))
    count = module("handouts").write_handouts(options.folder, not options.no_outputs, options.course)
    return _done(options, tr("{folder}: {count} notebooks without solutions; its README.md says how to "
                             "install", folder=options.folder, count=count))


def module(name: str) -> ModuleType:
    """A module of the teachers' room. Not everybody has its packages: they come with stylelib[kit].

    Raises:
        KitError: a package is missing.
    """
    from ..teach.course import not_installed
    try:
        return importlib.import_module(f"stylelib.teach.{name}")
    except ModuleNotFoundError as error:
        raise not_installed(error.name or name) from None


def _done(options, text):
    """Say what was written, and name what had to be left out."""
    from ..teach.course import find_course, unreadable
    chosen = getattr(options, "notebooks", [])          # who has chosen some does not miss the others
    for name, reason in [] if chosen else unreadable(find_course(options.course)):
        # Translators: {reason} is "is not a notebook", or the like
        left_out = tr("{notebook} {reason}: it was left out", notebook=name, reason=reason)
        say(f"stylelib: {left_out}", sys.stderr)
    say(text, sys.stdout)
    return 0
