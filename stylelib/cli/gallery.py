"""`stylelib gallery`: one page from pictures and their recipes."""
import argparse
import sys
from pathlib import Path

from ..engine.language import tr, tr_count
from ..engine.terminal import say
from .arguments import Commands, path


def add_to(commands: Commands) -> None:
    """Add the command, with its options."""
    command = commands.add("gallery", run,
                           tr("one page that shows pictures with their labels, or prints them"),
                           tr("stopped; nothing was written"),
                           tr("One page that shows the pictures of a folder with their labels. A folder in "
                              "it, named after a learner, becomes a wall of its own."))
    command.add_argument("folder", metavar="FOLDER", type=path,
                         help=tr("holds pictures, or a folder of pictures for each learner"))
    command.add_argument("-o", "--output", metavar="PAGE", required=True, type=path,
                         help=tr("a new folder, or a new file (.html) that holds smaller pictures itself"))
    command.add_argument("--title", default=tr("Gallery"),
                         help=tr("of the exhibition (default: %(default)s)"))


def run(options: argparse.Namespace) -> int:
    """Write the page; returns 0."""
    from ..teach.gallery import write_gallery
    count, problems = write_gallery(options.folder, options.output, options.title)
    for problem in problems:
        say(f"stylelib: {problem}", sys.stderr)
    page = Path(options.output)
    page = page if page.is_file() else page / "index.html"
    say(tr_count("{output}: {n} picture; open {page} in a browser",
                 "{output}: {n} pictures; open {page} in a browser", count, output=options.output, page=page),
        sys.stdout)
    return 0
