"""`stylelib stylize --fast`: paint in one pass. `stylelib styles`: all built-in styles on one sheet."""
import argparse
import os
import sys
from collections.abc import Callable
from typing import Any

from ..engine.language import mark, tr
from ..engine.terminal import say
from .arguments import Commands, Parser, Typed, path
from .keeping import save
from .messages import STOPPED, fail

PREFIX = "style:"       # how a built-in style is typed: style:7
KNOBS = ("size", "style_shares", "style_scale", "keep_colors", "device")        # those that --fast has, too


def add_options(command: Parser) -> None:
    """Add the options of `stylize` that mean something only in one pass."""
    command.add_argument("--fast", action="store_true",
                         help=tr("paint at once, with a network that was trained to do so; STYLE may also be "
                                 "style:7, one of the built-in styles from 0 to 25 (see stylelib styles), "
                                 "style:3=0.5,12=0.5, a mixture of them, or a trained network "
                                 "(.safetensors)"))
    command.add_argument("--strength", type=float, default=1.0, action=Typed,
                         help=tr("with --fast: from 0, the photo, to 1, the style (default: %(default)s)"))


def add_to(commands: Commands) -> None:
    """Add the command `styles`."""
    command = commands.add("styles", sheet, tr("all built-in styles of stylize --fast on one sheet"),
                           tr("stopped; nothing was written"),
                           tr("All built-in styles on one sheet, with their numbers."))
    command.add_argument("photo", metavar="PHOTO", nargs="?", type=path,
                         help=tr("the photo to paint (default: the course's pagoda)"))
    command.add_argument("-o", "--output", metavar="OUT", required=True, type=path,
                         help=tr("picture file to write (.png, .jpg, ...)"))
    command.add_argument("--size", type=int, default=300,
                         help=tr("longest side of each picture in pixels (default: %(default)s)"))
    command.add_argument("--device", default="auto", help=tr("where to compute (default: %(default)s)"))
    command.add_argument("--quiet", action="store_true", help=tr("print nothing but errors and warnings"))


def check_options(options: argparse.Namespace) -> None:
    """Refuse what was typed and would mean nothing: in one pass, or in a painting step by step."""
    only_slow = [option for name, option in options.typed.items() if name not in (*KNOBS, "strength")]
    if options.fast and only_slow:
        options.parser.error(tr("{option} means nothing with --fast: leave out one of them",
                                option=only_slow[0]))
    if not options.fast and "strength" in options.typed:
        options.parser.error(tr("--strength goes with --fast; without it, see --style-weight"))
    numbered = [text for text in options.style if text.startswith(PREFIX) and not os.path.exists(text)]
    if not options.fast and numbered:
        options.parser.error(tr("{style} goes with --fast: add it, or name a painting", style=numbered[0]))


def paint(options: argparse.Namespace, write: Callable[[Any, str], None]) -> int:
    """Paint in one pass, save with `write`, and say so; returns the exit status."""
    from ..engine.writing import check_output
    from ..fast.paint import paint_fast
    check_output(options.output)
    styles = [read_style(text) for text in options.style]
    result = paint_fast(options.content, styles, options.size, strength=options.strength,
                        shares=options.style_shares, mask=options.mask, style_mask=options.style_mask,
                        style_scale=options.style_scale, keep_colors=options.keep_colors,
                        device=options.device)
    return _finish(result.image, mark("{file}: {width}x{height} px, in one pass"), options, write)


def sheet(options: argparse.Namespace) -> int:
    """Write the contact sheet; returns the exit status."""
    from ..engine.writing import check_output
    from ..fast.sheet import contact_sheet
    check_output(options.output)
    photo = options.photo or _pagoda()
    if os.path.exists(options.output) and os.path.samefile(photo, options.output):
        raise ValueError(tr("{file} is the photo itself, which would be lost: write to another file",
                            file=options.output))
    image = contact_sheet(photo, options.size, device=options.device, progress=not options.quiet)
    return _finish(image, mark("{file}: {width}x{height} px, all built-in styles"), options)


def read_style(text: str) -> str | dict[int, float]:
    """style:7 and style:3=0.5,12=0.5 as {number: weight}; the name of a file as it is, and it goes first.

    Raises:
        ValueError: it says style:, and goes on with something else.
    """
    if not text.startswith(PREFIX) or os.path.exists(text):
        return text
    weights: dict[int, float] = {}
    for pair in text.removeprefix(PREFIX).split(","):
        number, equals, weight = pair.partition("=")
        try:
            key, value = int(number), float(weight) if equals else 1.0
        except ValueError:
            raise ValueError(tr("a built-in style is typed as style:7 or style:3=0.5,12=0.5, got {text!r}",
                                text=text)) from None
        if key in weights:
            raise ValueError(tr("{text!r} names style {number} twice", text=text, number=key))
        weights[key] = value
    return weights


def _pagoda():
    from ..teach.course import KitError, find_course
    try:
        return str(find_course() / "data" / "content" / "china.jpg")
    except KitError:
        raise ValueError(tr("the course's own photo is not here: name a photo")) from None


def _finish(image, done, options, write=None):
    """Save the picture, and say what has become of it, `done` if all went well; the exit status."""
    with options.signals.held():
        place, failure = save(image, options.output, write)
        if failure:
            return fail(tr("{reason}; the picture is saved as {file}", reason=failure, file=place))
        if not options.quiet:
            say(tr(done, file=place, width=image.shape[3], height=image.shape[2]), sys.stdout)
        return STOPPED if options.signals.first is not None else 0
