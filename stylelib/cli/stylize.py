"""`stylelib stylize`: paint a photo in the manner of a painting."""
import argparse
import contextlib
import itertools
import os
import sys

from ..engine.language import mark, tr, tr_count
from ..engine.terminal import say
from ..settings import INITS
from . import fast, recipe
from .arguments import Commands, Parser, Typed, path
from .keeping import Watch, save
from .knobs import add_knobs, chosen
from .making import Making
from .messages import STOPPED, about, fail


def add_to(commands: Commands) -> None:
    """Add the command, with its options."""
    command = commands.add("stylize", run, tr("paint a photo in the manner of a painting"),
                           tr("stopped before there was a picture; nothing was written"))
    _add_pictures(command)
    fast.add_options(command)
    add_knobs(command)
    add_network(command)
    recipe.add_options(command)
    command.add_argument("--film", metavar="FILE", type=path, action=Typed,
                         help=tr("also make a film of the painting being made (.mp4; .webp or .gif for a "
                                 "small one): ten seconds, or less if it has few steps"))
    command.add_argument("--quiet", action="store_true", help=tr("print nothing but errors and warnings"))


def _add_pictures(command):
    command.add_argument("content", metavar="CONTENT", type=path, help=tr("the photo"))
    command.add_argument("style", metavar="STYLE", nargs="+", type=path, help=tr("the painting, or several"))
    command.add_argument("-o", "--output", metavar="OUT", required=True, type=path,
                         help=tr("picture file to write (.png, .jpg, ...)"))
    command.add_argument("--mask", metavar="FILE", action="append", type=path,
                         help=tr("where to paint: a picture in the photo's proportions, white where the "
                                 "painting applies, black where the photo stays, grey for a mixture; with "
                                 "several paintings once for each"))
    command.add_argument("--style-mask", metavar="FILE", action="append", type=path,
                         help=tr("which part of the painting to take, likewise"))


def add_network(command: Parser) -> None:
    """Add the options that choose the network which describes pictures."""
    command.add_argument("--network", default="vgg19", metavar="NAME", action=Typed,
                         help=tr("vgg19, vgg16, squeezenet1_1 or resnet50 (default: %(default)s)"))
    command.add_argument("--weights", default="auto", type=path, metavar="WEIGHTS", action=Typed,
                         help=tr("of the network: auto, oxford, deepscale, torchvision, random, or a file "
                                 "(default: %(default)s)"))
    command.add_argument("--pooling", default="max", choices=("max", "average"), action=Typed,
                         help=tr("of the network: max as it was trained, average as the style transfer paper "
                                 "prefers (default: %(default)s)"))


def run(options: argparse.Namespace) -> int:
    """Paint, save, and say so; returns the exit status.

    Whatever ends the painting after its first step, the latest picture is saved: no minutes are thrown away.
    """
    recipe.apply(options)
    fast.check_options(options)
    knobs = chosen(options)
    _check_names(options)
    made = recipe.recipe_for(options)
    if options.fast:
        return fast.paint(options, recipe.writer(made))
    with Making(options.film, knobs["steps"]) as film:
        watch, ended_by = Watch(film), None     # type: Watch, BaseException | None
        try:
            result = _paint(options, knobs, watch)
            image, ended_by = result.image, KeyboardInterrupt() if result.interrupted else None
        except (Exception, KeyboardInterrupt) as error:     # a full memory or disk, a fault of ours ...
            image, ended_by = watch.picture(error), error
            if image is None:
                raise
        with options.signals.held():
            write = recipe.writer(made, watch.count if ended_by else None)
            saved = save(image, options.output, write)
            film.end()
            return _report(saved, image, watch.count, (ended_by, film.failure), options)


def _paint(options, knobs, watch):
    from ..engine.writing import check_output
    from ..networks import load_network
    from ..transfer import stylize

    check_output(options.output)
    weights = None if options.weights in ("random", "None", "none") else options.weights
    network = load_network(options.network, weights, options.pooling)
    return stylize(options.content, options.style, **knobs, mask=options.mask, style_mask=options.style_mask,
                   network=network, progress=not options.quiet, on_step=watch)


def _report(saved, image, steps, ends, options):
    """Say what has become of the painting; the exit status. `ends`: what ended it, and its film."""
    (place, failure), (ended_by, no_film) = saved, ends
    if failure or isinstance(ended_by, Exception):
        return fail(tr_count("{reason}; the picture after {n} step is saved as {file}",
                             "{reason}; the picture after {n} steps is saved as {file}",
                             steps, reason=failure or about(ended_by), file=place))
    if no_film:
        return fail(tr_count("no film: {reason}; the picture after {n} step is saved as {file}",
                             "no film: {reason}; the picture after {n} steps is saved as {file}",
                             steps, reason=no_film, file=place))
    if not options.quiet:
        facts = {"file": place, "width": image.shape[3], "height": image.shape[2]}
        say(tr_count("{file}: {width}x{height} px, {n} step (stopped early)",
                     "{file}: {width}x{height} px, {n} steps (stopped early)", steps, **facts)
            if ended_by else
            tr_count("{file}: {width}x{height} px, {n} step", "{file}: {width}x{height} px, {n} steps",
                     steps, **facts), sys.stdout)
    return STOPPED if ended_by or options.signals.first is not None else 0


def _check_names(options):
    """Refuse, before the work, names that do not go together: nothing that is read may be overwritten.

    Raises:
        ValueError: the output or the film is one of the inputs, or both are one.
    """
    if options.style_shares and len(options.style_shares) != len(options.style):
        options.parser.error(tr("argument --style-shares: there must be one number for each painting, got "
                                "{shares} for {paintings}", shares=len(options.style_shares),
                                paintings=len(options.style)))
    inputs = {mark("{file} is the photo itself, which would be lost: write to another file"):
                  [options.content],
              mark("{file} is the painting itself, which would be lost: write to another file"):
                  options.style,
              mark("{file} is the mask itself, which would be lost: write to another file"):
                  options.mask or [],
              mark("{file} is the painting's mask itself, which would be lost: write to another file"):
                  options.style_mask or [],
              mark("{file} is the picture to start from itself, which would be lost: write to another file"):
                  [] if options.init in INITS else [options.init]}
    outputs = [name for name in (options.output, options.film) if name]
    if len({os.path.realpath(name) for name in outputs}) < len(outputs):
        raise ValueError(tr("{film} is the picture itself: give the film another name", film=options.film))
    for lost, names in inputs.items():
        for name, output in itertools.product(names, outputs):
            with contextlib.suppress(OSError):      # one of them does not exist, for instance
                if os.path.samefile(name, output):
                    raise ValueError(tr(lost, file=output))
