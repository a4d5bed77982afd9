"""The commands for teachers: offline, slides, site, handout. Each writes one new folder."""
import argparse
import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

from ..engine.terminal import say
from .arguments import Commands, Parser, path


def add_to(commands: Commands) -> None:
    """Add the commands, with their options."""
    command = _add(commands, "offline", offline,
                   "a folder that installs the course on a machine like this one, without a network")
    command.add_argument("--cpu", action="store_true",
                         help="with PyTorch for CPUs, from PyTorch's own index: much smaller on Linux")
    _add_student(command)
    command.add_argument("--constraints", type=path, metavar="FILE",
                         help="take the versions that this file names: the constraints.txt of a folder made "
                              "before gives the same packages again (default: the newest ones)")

    command = _add(commands, "slides", slides,
                   "each notebook as slides that open in a browser without a network")
    command.add_argument("notebooks", metavar="NOTEBOOK", nargs="*", default=[],
                         help="such as 04; none means all")
    command.add_argument("--route", choices=("90", "half", "full", "two"),
                         help="one deck with what this route of the guide needs, its minutes in the notes")

    command = _add(commands, "site", site,
                   "the course as a site to read, with search, that opens from a plain folder")
    _add_student(command)

    command = _add(commands, "handout", handout,
                   "student copies: the notebooks without solutions, in a folder that can be installed")
    command.add_argument("--no-outputs", action="store_true",
                         help="also without what the cells printed and drew")
    command.add_argument("--nbgrader", action="store_true",
                         help="instead, the source of nbgrader's assignments: with solutions, for you")


def _add(commands: Commands, name: str, run: Callable[[argparse.Namespace], int], what: str) -> Parser:
    command = commands.add(name, run, what, "stopped; nothing was written", what[0].upper() + what[1:] + ".")
    command.add_argument("folder", metavar="DIR", type=path,
                         help="the folder to write: a new one, or an empty one")
    command.add_argument("--course", metavar="FOLDER", type=path,
                         help="the folder that holds notebooks/ and data/ (default: found)")
    return command


def _add_student(command: Parser) -> None:
    command.add_argument("--student", action="store_true",
                         help="for learners: without solutions, answers, and the pages for teachers")


def offline(options: argparse.Namespace) -> int:
    """Write the folder that installs the course; returns 0."""
    count = module("offline").write_offline(options.folder, options.cpu, options.course,
                                             constraints=options.constraints, student=options.student)
    notebooks = "notebooks without solutions" if options.student else "notebooks"
    return _done(options, f"{count} packages, {notebooks} and pictures; its README.txt says how to install")


def slides(options: argparse.Namespace) -> int:
    """Write the decks; returns 0."""
    count = module("slides").write_slides(options.folder, options.notebooks, options.course, options.route)
    decks = "1 deck" if count == 1 else f"{count} decks"
    return _done(options, f"{decks}; open {Path(options.folder) / 'index.html'} in a browser")


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
    return _done(options, f"open {Path(options.folder) / 'index.html'} in a browser")


def handout(options: argparse.Namespace) -> int:
    """Write the student copies; returns 0."""
    if options.nbgrader:
        count, points = module("grading").write_grading(options.folder, not options.no_outputs,
                                                        options.course)
        return _done(options, f"{count} assignments with {points} points; it holds solutions. Learners get "
                              "what nbgrader generate_assignment makes of it")
    count = module("handouts").write_handouts(options.folder, not options.no_outputs, options.course)
    return _done(options, f"{count} notebooks without solutions; its README.md says how to install")


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
        say(f"stylelib: {name} {reason}: it was left out", sys.stderr)
    say(f"{options.folder}: {text}", sys.stdout)
    return 0
