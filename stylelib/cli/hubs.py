"""`stylelib hubs`: the course for Binder, a JupyterHub and Colab, with links and QR codes."""
import argparse
import sys
from pathlib import Path

from ..engine.language import tr
from ..engine.terminal import say
from .arguments import Commands, path


def add_to(commands: Commands) -> None:
    """Add the command, with its options."""
    command = commands.add("hubs", run, tr("the course for Binder, JupyterHub and Colab: links, QR codes"),
                           tr("stopped; nothing was written"),
                           tr("Student copies to publish on a git host, and the links and QR codes that "
                              "open them where nothing has to be installed: Binder, a JupyterHub with "
                              "nbgitpuller, and, from GitHub, Colab."))
    command.add_argument("url", metavar="URL",
                         help=tr("where the repository will be public, such as "
                                 "https://github.com/OWNER/NAME"))
    command.add_argument("folder", metavar="FOLDER", type=path,
                         help=tr("the folder to write: a new one, or an empty one"))
    command.add_argument("--hub", default="", metavar="URL",
                         help=tr("your JupyterHub with nbgitpuller, such as https://hub.example.org"))
    command.add_argument("--branch", help=tr("of the repository (default: the URL's, or main)"))
    command.add_argument("--subfolder", metavar="PATH",
                         help=tr("the course's place in the repository (default: the URL's, or its top "
                                 "folder)"))
    command.add_argument("--no-outputs", action="store_true",
                         help=tr("notebooks without what their cells printed and drew"))
    command.add_argument("--course", metavar="FOLDER", type=path,
                         help=tr("the folder that holds notebooks/ and data/ (default: found)"))


def run(options: argparse.Namespace) -> int:
    """Write the folder; returns 0."""
    from ..teach.links import parse_hub, parse_repository
    from .teachers import module
    repository = parse_repository(options.url, options.branch, options.subfolder)
    hub = parse_hub(options.hub) if options.hub else ""
    count = module("hubs").write_hubs(options.folder, repository, hub, not options.no_outputs, options.course)
    place = Path(options.folder)
    say(tr("{folder}: {count} notebooks; publish {repository}, as {guide} says, and print {poster}",
           folder=options.folder, count=count, repository=place / "repository", guide=place / "HUBS.md",
           poster=place / "poster.html"), sys.stdout)
    return 0
