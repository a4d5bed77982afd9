"""`stylelib hubs`: the course for Binder, a JupyterHub and Colab, with links and QR codes."""
import argparse
import sys
from pathlib import Path

from ..engine.terminal import say
from .arguments import Commands, path


def add_to(commands: Commands) -> None:
    """Add the command, with its options."""
    command = commands.add("hubs", run, "the course for Binder, JupyterHub and Colab: links, QR codes",
                           "stopped; nothing was written",
                           "Student copies to publish on a git host, and the links and QR codes that open "
                           "them where nothing has to be installed: Binder, a JupyterHub with nbgitpuller, "
                           "and, from GitHub, Colab.")
    command.add_argument("url", metavar="URL",
                         help="where the repository will be public, such as https://github.com/OWNER/NAME")
    command.add_argument("folder", metavar="FOLDER", type=path,
                         help="the folder to write: a new one, or an empty one")
    command.add_argument("--hub", default="", metavar="URL",
                         help="your JupyterHub with nbgitpuller, such as https://hub.example.org")
    command.add_argument("--branch", help="of the repository (default: the URL's, or main)")
    command.add_argument("--subfolder", metavar="PATH",
                         help="the course's place in the repository (default: the URL's, or its top folder)")
    command.add_argument("--no-outputs", action="store_true",
                         help="notebooks without what their cells printed and drew")
    command.add_argument("--course", metavar="FOLDER", type=path,
                         help="the folder that holds notebooks/ and data/ (default: found)")


def run(options: argparse.Namespace) -> int:
    """Write the folder; returns 0."""
    from ..teach.links import parse_hub, parse_repository
    from .teachers import module
    repository = parse_repository(options.url, options.branch, options.subfolder)
    hub = parse_hub(options.hub) if options.hub else ""
    count = module("hubs").write_hubs(options.folder, repository, hub, not options.no_outputs, options.course)
    place = Path(options.folder)
    say(f"{options.folder}: {count} notebooks; publish {place / 'repository'}, as {place / 'HUBS.md'} says, "
        f"and print {place / 'poster.html'}", sys.stdout)
    return 0
