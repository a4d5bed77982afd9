"""`stylelib film`: paint a film."""
import argparse
import contextlib
import sys
import warnings
from collections.abc import Iterator

from ..engine.language import tr
from ..engine.terminal import say
from .arguments import Commands, Parser, Typed, path
from .fast import read_style
from .messages import STOPPED, about, fail, remark

WAYS = ("fast", "steady", "optimise")       # as film/ways.py has them, which needs PyTorch
# Arguments of `film_way` that belong to some of the ways
KNOBS = {"strength": ("fast", "steady"), "steps": ("optimise",), "style_weight": ("optimise",)}


def add_to(commands: Commands) -> None:
    """Add the command, with its options."""
    command = commands.add("film", run, tr("paint a film in the manner of a painting"),
                           tr("stopped before there was a film"),
                           tr("Paint a film in the manner of a painting. Ctrl-C ends it early and keeps what "
                              "was painted; the same command goes on from there."))
    command.add_argument("clip", metavar="CLIP", type=path,
                         help=tr("the film: MP4, MOV, WebM and others, animated GIF, WebP or PNG"))
    command.add_argument("style", metavar="STYLE", type=path,
                         help=tr("the painting; for fast and steady also style:7, one of the built-in styles "
                                 "(see stylelib styles), style:3=0.5,12=0.5, a mixture of them, or a trained "
                                 "network (.safetensors)"))
    command.add_argument("-o", "--output", metavar="OUT", required=True, type=path,
                         help=tr("film to write (.mp4, .mov; .webp or .gif for short ones without sound)"))
    _add_way(command)
    _add_part(command)
    command.add_argument("--workers", type=int, default=1, metavar="N",
                         help=tr("paint parts of the film in so many processes: some frames each (fast), or "
                                 "a scene each (default: %(default)s)"))
    command.add_argument("--cluster", metavar="ADDRESS",
                         help=tr("paint them on a Dask cluster, tcp://host:8786, which finds the same files"))
    command.add_argument("--device", default="auto", help=tr("where to compute (default: %(default)s)"))
    command.add_argument("--quiet", action="store_true", help=tr("print nothing but errors and warnings"))


def _add_way(command: Parser) -> None:
    command.add_argument("--way", choices=WAYS, default="steady",
                         help=tr("fast: each frame alone, by a network that was trained to paint; steady: "
                                 "the same, with the frame before it brought along, so that it flickers "
                                 "less; optimise: pixel by pixel, which takes minutes for a second of film "
                                 "(default: %(default)s)"))
    command.add_argument("--size", type=int, default=512,
                         help=tr("longest side of the painted film in pixels (default: %(default)s)"))
    command.add_argument("--strength", type=float, action=Typed,
                         help=tr("of fast and steady: from 0, the film, to 1, the style (default: 1)"))
    command.add_argument("--steps", type=int, action=Typed, help=tr("of optimise: updates of each frame"))
    command.add_argument("--style-weight", type=float, action=Typed, metavar="W",
                         help=tr("of optimise: how much the style counts against the content"))


def _add_part(command: Parser) -> None:
    command.add_argument("--start", type=float, default=0.0, metavar="S",
                         help=tr("second of the film to begin at (default: 0)"))
    command.add_argument("--seconds", type=float, metavar="S",
                         help=tr("how much to paint (default: to the end)"))
    command.add_argument("--every", type=int, default=1, metavar="N",
                         help=tr("paint every N-th frame, each of which is shown longer (default: "
                                 "%(default)s)"))
    command.add_argument("--no-sound", action="store_true", help=tr("leave the film's sound out"))


def run(options: argparse.Namespace) -> int:
    """Paint the film, and say so; returns the exit status."""
    from ..film.paint import stylize_film
    style, knobs = _style(options), _knobs(options)
    try:
        with _warnings_in_a_line():
            painted = stylize_film(
                options.clip, style, options.output, options.way, options.size,
                start=options.start, seconds=options.seconds, every=options.every,
                sound=not options.no_sound, workers=options.workers, cluster=options.cluster,
                device=options.device, progress=not options.quiet, **knobs)
    except KeyboardInterrupt as error:
        options.stopped = _and_kept(options.stopped, getattr(error, "kept", None))
        raise
    except Exception as error:
        kept = getattr(error, "kept", None)
        if kept is None:
            raise
        return fail(_and_kept(about(error), kept))
    with options.signals.held():
        if not options.quiet:
            say(_and_kept(str(painted), painted.folder), sys.stdout)
        return STOPPED if painted.interrupted or options.signals.first is not None else 0


def _knobs(options):
    """Those that were typed; an error for one that means nothing the chosen way."""
    for name, ways in KNOBS.items():
        if name in options.typed and options.way not in ways:
            options.parser.error(tr("{option} means nothing with --way {way}: leave out one of them",
                                    option=options.typed[name], way=options.way))
    return {name: getattr(options, name) for name in KNOBS if name in options.typed}


def _style(options):
    style = read_style(options.style)
    if options.way == "optimise" and isinstance(style, dict):
        options.parser.error(tr("{style} goes with --way fast or steady: choose one of them, or name a "
                                "painting", style=options.style))
    return style


def _and_kept(text, folder):
    """A line, and what to know about the folder of painted frames, if there is one."""
    return tr("{text}; the painted frames are kept in {folder}: the same command goes on from there",
              text=text, folder=folder) if folder else text


@contextlib.contextmanager
def _warnings_in_a_line() -> Iterator[None]:
    """What Python would show with file and line, for instance that the film is cut off."""
    with warnings.catch_warnings():
        warnings.showwarning = lambda message, *_, **__: remark(" ".join(str(message).split()))
        yield
