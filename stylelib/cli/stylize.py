"""`stylelib stylize`: paint a photo in the manner of a painting."""
import argparse
import contextlib
import os
import re
import sys
from pathlib import Path

from ..engine.terminal import say
from ..settings import INITS
from . import fast, recipe
from .arguments import Commands, Parser, Typed, path
from .keeping import Watch, save
from .knobs import add_knobs, chosen
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
    command.add_argument("--frames", metavar="DIR", type=path, action=Typed,
                         help="also save the picture after each step in this folder")
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
    watch = Watch(options.frames)
    ended_by: BaseException | None
    try:
        result = _paint(options, knobs, watch)
        image, ended_by = result.image, KeyboardInterrupt() if result.interrupted else None
    except (Exception, KeyboardInterrupt) as error:     # a full memory or disk, a fault of ours ...
        image, ended_by = watch.picture(error), error
        if image is None:
            raise
    with options.signals.held():
        write = recipe.writer(made, watch.count if ended_by else None)
        return _report(save(image, options.output, write), image, watch.count, ended_by, options)


def _paint(options, knobs, watch):
    from ..engine.writing import check_output
    from ..networks import load_network
    from ..transfer import stylize

    check_output(options.output)
    weights = None if options.weights in ("random", "None", "none") else options.weights
    network = load_network(options.network, weights, options.pooling)
    return stylize(options.content, options.style, **knobs, mask=options.mask, style_mask=options.style_mask,
                   network=network, progress=not options.quiet, on_step=watch)


def _report(saved, image, steps, ended_by, options):
    """Say what has become of the painting; the exit status."""
    place, failure = saved
    if failure or isinstance(ended_by, Exception):
        reason = failure or about(ended_by)
        return fail(f"{reason}; the picture after {steps} steps is saved as {place}")
    if not options.quiet:
        stopped = " (stopped early)" if ended_by else ""
        height, width = image.shape[2:]
        say(f"{place}: {width}x{height} px, {steps} steps{stopped}", sys.stdout)
    return STOPPED if ended_by or options.signals.first is not None else 0


def _check_names(options):
    """Refuse, before the work, names that do not go together: nothing that is read may be overwritten.

    Raises:
        ValueError: the output is one of the inputs, or the folder for frames can take none.
    """
    if options.style_shares and len(options.style_shares) != len(options.style):
        options.parser.error(f"argument --style-shares: there must be one number for each painting, got "
                             f"{len(options.style_shares)} for {len(options.style)}")
    inputs = {"the photo": [options.content], "the painting": options.style, "the mask": options.mask or [],
              "the painting's mask": options.style_mask or [],
              "the picture to start from": [] if options.init in INITS else [options.init]}
    for role, names in inputs.items():
        for name in names:
            with contextlib.suppress(OSError):      # one of them does not exist, for instance
                if os.path.samefile(name, options.output):
                    raise ValueError(f"{options.output} is {role} itself, which would be lost: write to "
                                     "another file")
    if options.frames:
        _check_frames(Path(options.frames))


def _check_frames(folder):
    """Whether a folder can take frames; it is not made yet."""
    place = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    if not place.is_dir():
        raise ValueError(f"--frames needs a folder, and {place} is a file: name a new folder")
    if not os.access(place, os.W_OK | os.X_OK):
        raise ValueError(f"--frames: no permission to write in {place}: choose another place")
    if place == folder and any(re.fullmatch(r"\d{4,}\.jpg", path.name) for path in folder.iterdir()):
        raise ValueError(f"--frames: there are frames in {folder} already, which would mix with the new "
                         "ones: name a new folder, or delete them first")
