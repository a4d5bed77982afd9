"""`stylelib gallery`: one page from pictures and their recipes."""
import argparse
import sys
from pathlib import Path

from ..engine.terminal import say
from .arguments import Commands, path


def add_to(commands: Commands) -> None:
    """Add the command, with its options."""
    command = commands.add("gallery", run, "one page that shows pictures with their labels, or prints them",
                           "stopped; nothing was written",
                           "One page that shows the pictures of a folder with their labels. A folder in it, "
                           "named after a learner, becomes a wall of its own.")
    command.add_argument("folder", metavar="FOLDER", type=path,
                         help="holds pictures, or a folder of pictures for each learner")
    command.add_argument("-o", "--output", metavar="PAGE", required=True, type=path,
                         help="a new folder, or a new file (.html) that holds smaller pictures itself")
    command.add_argument("--title", default="Gallery", help="of the exhibition (default: %(default)s)")


def run(options: argparse.Namespace) -> int:
    """Write the page; returns 0."""
    from ..teach.gallery import write_gallery
    count, problems = write_gallery(options.folder, options.output, options.title)
    for problem in problems:
        say(f"stylelib: {problem}", sys.stderr)
    page = Path(options.output)
    page = page if page.is_file() else page / "index.html"
    say(f"{options.output}: {count} {'picture' if count == 1 else 'pictures'}; open {page} in a browser",
        sys.stdout)
    return 0
