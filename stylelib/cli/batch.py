"""`stylelib batch`: each photo with each painting, and with each setting of a sweep."""
import argparse
import csv
import io
import os
import sys
from pathlib import Path
from typing import Any

from ..engine.language import tr, tr_count
from ..engine.terminal import say
from . import fast
from .arguments import Commands, Parser, path
from .knobs import COLORS, add_knobs
from .messages import BAD_INPUT, STOPPED, as_typed, fail
from .stylize import add_network

SOME_MISSING = 1
NO_COLORS = "none"              # --sweep keep-colors=none,luminance
ALONE = ("style_shares",)       # knobs for several paintings in one picture
NAMED = 5                       # files that are no pictures: so many are named


def add_to(commands: Commands) -> None:
    """Add the command, with its options."""
    command = commands.add("batch", run, tr("paint many photos, or one with many settings"),
                           tr("stopped before there was a picture"),
                           tr("Paint each photo in the manner of each painting, with each setting of a "
                              "sweep. What is done already stays, so a second start goes on. Exit status: "
                              "0 all pictures are there; 1 some are missing; 2 nothing could be done."))
    command.add_argument("photos", metavar="PHOTO", nargs="*", type=path,
                         help=tr("photos, or folders of photos"))
    command.add_argument("--style", metavar="STYLE", nargs="+", action="extend", type=path, default=[],
                         help=tr("the painting; several are painted one by one"))
    command.add_argument("-o", "--output", metavar="FOLDER", required=True, type=path,
                         help=tr("folder for the pictures, losses.csv and sheet.jpg"))
    command.add_argument("--sweep", metavar="KNOB=A,B", action="append", default=[],
                         help=tr("paint with each of these values: style-weight=0.3,1,3; of two sweeps with "
                                 "each of the one and each of the other. Values with commas of their own "
                                 "have semicolons between them"))
    command.add_argument("--table", metavar="FILE.csv", type=path,
                         help=tr("paint what this table says instead: its columns are photo, style, and any "
                                 "knobs; files are looked for from the table's own folder"))
    _add_workers(command)
    _add_options(command)
    command.add_argument("--quiet", action="store_true", help=tr("print nothing but errors and warnings"))


def _add_workers(command):
    command.add_argument("--workers", type=int, metavar="N",
                         help=tr("processes of one thread each; 1 needs no Dask (default: one for each "
                                 "processor, where Dask is installed)"))
    command.add_argument("--cluster", metavar="ADDRESS",
                         help=tr("use the workers of this Dask cluster instead: tcp://10.0.0.1:8786"))
    command.add_argument("--memory", metavar="BYTES",
                         help=tr("what a worker may take, such as 2GB (default: an equal part of what is "
                                 "free)"))


def _add_options(parser):
    fast.add_options(parser)
    add_knobs(parser, ALONE)
    add_network(parser)


def run(options: argparse.Namespace) -> int:
    """Paint, and say what has become of it; returns the exit status."""
    fast.check_options(options)
    jobs = _from_table(options) if options.table else _each_with_each(options)
    from ..batch import run_batch
    batch = run_batch(jobs, options.output, workers=options.workers, cluster=options.cluster,
                      memory=options.memory, progress=not options.quiet)
    with options.signals.held():
        return _report(batch, options)


def _report(batch, options):
    for line in batch.errors:
        _warn(tr("skipped: {reason}", reason=as_typed(line)))
    if batch.stopped:
        _warn(tr_count("stopped; {n} picture is in {folder}, and the same command goes on",
                       "stopped; {n} pictures are in {folder}, and the same command goes on",
                       len(batch.done), folder=options.output))
        return STOPPED
    if not batch.done:
        return fail(tr("no picture could be painted")) if batch.errors else BAD_INPUT
    if not options.quiet:
        say(tr_count("{folder}: {n} picture, {painted} of them painted now; see sheet.jpg and losses.csv",
                     "{folder}: {n} pictures, {painted} of them painted now; see sheet.jpg and losses.csv",
                     len(batch.done), folder=options.output, painted=batch.painted), sys.stdout)
    return SOME_MISSING if batch.errors else 0


def _warn(text):
    say(f"stylelib: {text}", sys.stderr)


def _each_with_each(options):
    from ..batch.jobs import each_with_each, find_photos
    if not options.photos or not options.style:
        options.parser.error(tr("give photos and at least one --style, or a --table"))
    swept = dict(_sweep(text, options) for text in options.sweep)
    if len(swept) < len(options.sweep):
        options.parser.error(tr("--sweep: one of the knobs is swept twice"))
    photos, others = find_photos(options.photos)
    if others and not options.quiet:
        named = [*(file.name for file in others[:NAMED]), *(["..."] if len(others) > NAMED else [])]
        _warn(tr("no pictures, passed over: {files}", files=", ".join(named)))
    fixed = {name: value for name, value in _typed(options).items() if name not in swept}
    return each_with_each(photos, [_style(text) for text in options.style], swept, fixed, options.fast)


def _from_table(options):
    from ..batch.jobs import Job
    if options.photos or options.style or options.sweep:
        options.parser.error(tr("--table says all of it: leave out photos, --style and --sweep"))
    jobs, folder = [], Path(options.table).absolute().parent
    for number, row in enumerate(_rows(options.table), 2):
        try:
            photo, style = (row.pop(name) for name in ("photo", "style"))
            photo = folder / os.path.expanduser(photo)
            if not photo.is_file():
                raise ValueError(tr("no such photo: {photo}", photo=photo))
            varied = {name.replace("-", "_"): _value(name, text, options)
                      for name, text in row.items() if text}
            jobs.append(Job(photo, _style(style, folder), {**_typed(options), **varied}, tuple(varied),
                            options.fast))
        except ValueError as error:
            raise ValueError(tr("{table}, line {number}: {error}", table=options.table, number=number,
                                error=error)) from None
    if not jobs:
        raise ValueError(tr("{table} has no line below its heading: give a photo and a style in each",
                            table=options.table))
    return jobs


def _rows(name):
    """The lines of a table, as {column: text}; between columns commas or, where Excel wrote it, semicolons.

    Raises:
        ValueError: it is no such table.
    """
    try:
        text = Path(name).read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError(tr("{file} is no table in UTF-8: save it as CSV UTF-8", file=name)) from None
    head = text.partition("\n")[0]
    table = csv.DictReader(io.StringIO(text), delimiter=";" if head.count(";") > head.count(",") else ",",
                           skipinitialspace=True)
    columns = [(column or "").strip() for column in table.fieldnames or []]
    if not {"photo", "style"} <= set(columns) or len(set(columns)) < len(columns):
        raise ValueError(tr("{file} must have the columns photo and style, and each column once, got "
                            "{columns}", file=name, columns=", ".join(columns) or tr("none")))
    table.fieldnames = columns
    for row in table:
        if None in row or None in row.values():
            raise ValueError(tr("{table}, line {number}: it must have {columns} columns, as the heading",
                                table=name, number=table.line_num, columns=len(columns)))
        yield {column: text.strip() for column, text in row.items()}


def _style(text, folder=Path()):
    """A painting's file, or what `fast.read_style` makes of it."""
    file = (folder / os.path.expanduser(text)).absolute()
    if text and file.is_file():
        return file
    style = fast.read_style(text)
    return style if isinstance(style, dict) else text


def _typed(options):
    """{knob: value} of those that were typed."""
    typed = {name: getattr(options, name) for name in options.typed}
    return {**typed, **({COLORS: options.keep_colors} if options.keep_colors else {})}


def _sweep(text, options) -> tuple[str, list[Any]]:
    name, equals, values = text.partition("=")
    texts = [part.strip() for part in values.split(";" if ";" in values else ",") if part.strip()]
    if not equals or not texts:
        options.parser.error(tr("--sweep needs a knob and its values, style-weight=0.3,1,3, got {text!r}",
                                text=text))
    name = name.strip()
    return name.replace("-", "_"), [_value(name, part, options) for part in texts]


def _value(name, text, options):
    """A knob's value, read and refused as if it were an option of its own."""
    option = f"--{name.replace('_', '-')}"
    if option == "--keep-colors":
        return False if text == NO_COLORS else text
    parser = Parser(add_help=False, allow_abbrev=False, exit_on_error=False)
    parser.set_defaults(typed={})
    _add_options(parser)
    known = [action for action in parser._actions if option in action.option_strings and action.nargs != 0]
    if not known or option == "--match-colors":
        raise ValueError(tr("unknown knob {knob!r}: see stylelib batch --help for those that there are",
                            knob=name))
    try:
        read = parser.parse_args([f"{option}={text}"])
    except argparse.ArgumentError as error:
        raise ValueError(f"{str(error.argument_name).removeprefix('--')}: {error.message}") from None
    if options.fast and known[0].dest not in (*fast.KNOBS, "strength"):
        raise ValueError(tr("{option} means nothing with --fast: leave out one of them", option=name))
    return getattr(read, known[0].dest)
