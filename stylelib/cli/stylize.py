"""`stylelib stylize`: paint a photo in the manner of a painting."""
import argparse
import contextlib
import itertools
import os
import sys

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
    command = commands.add("stylize", run, "paint a photo in the manner of a painting",
                           "stopped before there was a picture; nothing was written")
    _add_pictures(command)
    fast.add_options(command)
    add_knobs(command)
    add_network(command)
    recipe.add_options(command)
    command.add_argument("--film", metavar="FILE", type=path, action=Typed,
                         help="also make a film of the painting being made (.mp4; .webp or .gif for a small "
                              "one): ten seconds, or less if it has few steps")
    command.add_argument("--quiet", action="store_true", help="print nothing but errors and warnings")


def _add_pictures(command):
    command.add_argument("content", metavar="CONTENT", type=path, help="the photo")
    command.add_argument("style", metavar="STYLE", nargs="+", type=path, help="the painting, or several")
    command.add_argument("-o", "--output", metavar="OUT", required=True, type=path,
                         help="picture file to write (.png, .jpg, ...)")
    command.add_argument("--mask", metavar="FILE", action="append", type=path,
                         help="where to paint: a picture in the photo's proportions, white where the "
                              "painting applies, black where the photo stays, grey for a mixture; with "
                              "several paintings once for each")
    command.add_argument("--style-mask", metavar="FILE", action="append", type=path,
                         help="which part of the painting to take, likewise")


def add_network(command: Parser) -> None:
    """Add the options that choose the network which describes pictures."""
    command.add_argument("--network", default="vgg19", metavar="NAME", action=Typed,
                         help="vgg19, vgg16, squeezenet1_1 or resnet50 (default: %(default)s)")
    command.add_argument("--weights", default="auto", type=path, metavar="WEIGHTS", action=Typed,
                         help="of the network: auto, oxford, deepscale, torchvision, random, or a file "
                              "(default: %(default)s)")
    command.add_argument("--pooling", default="max", choices=("max", "average"), action=Typed,
                         help="of the network: max as it was trained, average as the style transfer paper "
                              "prefers (default: %(default)s)")


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
        reason = failure or about(ended_by)
        return fail(f"{reason}; the picture after {steps} steps is saved as {place}")
    if no_film:
        return fail(f"no film: {no_film}; the picture after {steps} steps is saved as {place}")
    if not options.quiet:
        stopped = " (stopped early)" if ended_by else ""
        height, width = image.shape[2:]
        say(f"{place}: {width}x{height} px, {steps} steps{stopped}", sys.stdout)
    return STOPPED if ended_by or options.signals.first is not None else 0


def _check_names(options):
    """Refuse, before the work, names that do not go together: nothing that is read may be overwritten.

    Raises:
        ValueError: the output or the film is one of the inputs, or both are one.
    """
    if options.style_shares and len(options.style_shares) != len(options.style):
        options.parser.error(f"argument --style-shares: there must be one number for each painting, got "
                             f"{len(options.style_shares)} for {len(options.style)}")
    inputs = {"the photo": [options.content], "the painting": options.style, "the mask": options.mask or [],
              "the painting's mask": options.style_mask or [],
              "the picture to start from": [] if options.init in INITS else [options.init]}
    outputs = [name for name in (options.output, options.film) if name]
    if len({os.path.realpath(name) for name in outputs}) < len(outputs):
        raise ValueError(f"{options.film} is the picture itself: give the film another name")
    for role, names in inputs.items():
        for name, output in itertools.product(names, outputs):
            with contextlib.suppress(OSError):      # one of them does not exist, for instance
                if os.path.samefile(name, output):
                    raise ValueError(f"{output} is {role} itself, which would be lost: write to another file")
