"""`stylelib train-fast`: train a network that paints as one painting does."""
import argparse
import os
import sys
from pathlib import Path
from typing import Any

from ..engine.language import tr, tr_count
from ..engine.terminal import say
from .arguments import Commands, path
from .keeping import save
from .messages import STOPPED, about, fail, remark

ENDING = ".safetensors"
KNOBS = ("iterations", "minutes", "photos", "size", "style_weight", "seed")     # as `train_fast` has them


def add_to(commands: Commands) -> None:
    """Add the command, with its options."""
    command = commands.add("train-fast", run, tr("train a network that paints in one style, at once"),
                           tr("stopped before the first iteration; nothing was written"),
                           tr("Train a network that paints as one painting does. Ctrl-C ends it early and "
                              "keeps what was learned."))
    command.add_argument("style", metavar="STYLE", nargs="+", type=path,
                         help=tr("the painting; several make one network with several styles"))
    command.add_argument("-o", "--output", metavar="FILE", required=True, type=path,
                         help=tr("file to write (.safetensors)"))
    length = command.add_mutually_exclusive_group()
    length.add_argument("--iterations", type=int, metavar="N",
                        help=tr("how many crops to see (default: 350)"))
    length.add_argument("--minutes", type=float, metavar="N",
                        help=tr("train for so long instead: five are enough for most paintings"))
    command.add_argument("--photos", metavar="FOLDER", type=path,
                         help=tr("photos to practise on, ten are enough (default: the course's own)"))
    command.add_argument("--size", type=int, metavar="PX", help=tr("of a crop of a photo (default: 96)"))
    command.add_argument("--style-weight", type=float, metavar="W",
                         help=tr("how much the style counts against the content (default: 10)"))
    command.add_argument("--seed", type=int, metavar="N",
                         help=tr("another number, another network (default: 0)"))
    command.add_argument("--continue", dest="painter", metavar="FILE", type=path,
                         help=tr("a network from this command to start from; it may be the file to write"))
    command.add_argument("--quiet", action="store_true", help=tr("print nothing but errors and warnings"))


def run(options: argparse.Namespace) -> int:
    """Train, save, and say so; returns the exit status.

    Whatever ends the training after its first iteration, what was learned is saved, unless it diverged.
    """
    _check_output(options)
    latest: Any = None
    ended_by: BaseException | None = None
    try:
        for step in _steps(options):
            latest = step
    except (Exception, KeyboardInterrupt) as error:     # a full memory, a photo that is gone ...
        if latest is None or isinstance(error, ArithmeticError):
            raise
        ended_by = error
    with options.signals.held():
        return _report(save(latest, options.output, _write(options)), latest, ended_by, options)


def _steps(options):
    from ..fast.train import train_fast
    knobs = {name: getattr(options, name) for name in KNOBS if getattr(options, name) is not None}
    if "photos" in knobs and not os.path.isdir(knobs["photos"]):
        raise ValueError(tr("--photos needs a folder, and there is none at {place}",
                            place=knobs["photos"]))
    return train_fast(options.style, **knobs, painter=options.painter, progress=not options.quiet,
                      on_skip=remark)


def _write(options):
    """A function of a step and a file that writes the one into the other, the same in every language."""
    from ..fast.ready import save_painter
    origin = f"trained by stylelib train-fast with {', '.join(Path(name).name for name in options.style)}"

    def write(step, file):
        losses = " + ".join(f"{name} {value:.3g}" for name, value in step.losses.items())
        save_painter(step.painter, file, {"about": f"{origin}: step {step.index}: {losses}"})
    return write


def _report(saved, step, ended_by, options):
    """Say what has become of the training; the exit status."""
    place, failure = saved
    if failure or isinstance(ended_by, Exception):
        return fail(tr_count("{reason}; the network after {n} iteration is saved as {file}",
                             "{reason}; the network after {n} iterations is saved as {file}",
                             step.index, reason=failure or about(ended_by), file=place))
    if not options.quiet:
        facts = {"file": place, "seconds": step.seconds}
        say(tr_count("{file}: {n} iteration in {seconds:.0f} s (stopped early)",
                     "{file}: {n} iterations in {seconds:.0f} s (stopped early)", step.index, **facts)
            if ended_by else
            tr_count("{file}: {n} iteration in {seconds:.0f} s", "{file}: {n} iterations in {seconds:.0f} s",
                     step.index, **facts), sys.stdout)
    return STOPPED if ended_by or options.signals.first is not None else 0


def _check_output(options):
    """Find out before the work whether the file can be written, and that it is none of the paintings.

    Raises:
        ValueError: it cannot, or it is one.
    """
    from ..engine.writing import temporary_file
    output = Path(options.output)
    if output.suffix != ENDING:
        raise ValueError(tr("cannot write {file!r}: a network's file ends in {ending}", file=options.output,
                            ending=ENDING))
    if output.is_dir():
        raise ValueError(tr("{folder} is a folder: give the name of a file", folder=output))
    if not output.parent.is_dir():
        raise ValueError(tr("the folder {folder} does not exist: create it or choose another",
                            folder=output.parent))
    if output.exists() and not (output.is_file() and os.access(output, os.W_OK)):
        raise ValueError(tr("{file} cannot be written: choose another name", file=output))
    with temporary_file(output):
        pass
