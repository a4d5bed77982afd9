"""The command line: `stylelib stylize`, `stylelib doctor`, `stylelib recipes`, and the teachers' commands.

Exit status: 0 done; 1 the doctor found a problem; 2 bad input or usage; 130 stopped by Ctrl-C, or by a signal
like it.
"""
import argparse
import contextlib
import importlib
import importlib.metadata
import os
import re
import sys
import tempfile
from pathlib import Path

from .engine import terminal
from .engine.terminal import Signals, in_words, one_line, say

BAD_INPUT, STOPPED = 2, 130
RECIPES_LEGEND = """\
What the published style weights mean in one unit. c is the mean squared difference of the content activations, E the style loss
of the paper's equation 4. "it types" is the number in the program, "E per c" what it makes of it: the weight of E in its first and
its last style layer when c has the weight 1. The last two columns say the same for a network that sees pixels from 0 to 255.
"""
# Arguments of Python's that the command line calls otherwise, as messages of the package name them
OPTIONS = {"style_shares": "--shares", "mask": "--mask", **{name: f"--{name.replace('_', '-')}" for name in (
    "size", "steps", "init", "seed", "style_weight", "tv_weight", "style_scale", "scales", "style_mask",
    "keep_colors", "statistic", "content_layers", "style_layers", "method", "pooling", "weights", "device",
    "precision")}}


class Parser(argparse.ArgumentParser):
    """An argparse parser whose errors are one line, and name the command whose --help helps."""

    def error(self, message):
        self.exit(BAD_INPUT, f"{self.prog}: {one_line(message)} (see {self.prog} --help)\n")


def main(arguments=None):
    """Run the command line; returns the exit status.

    Args:
        arguments: list of strings; None takes those of the process, which is then taken to end with this
            command.
    """
    if arguments is None:
        terminal.open_streams()
    signals = Signals()
    with signals.heard(to_the_end=arguments is None):
        try:
            return _run(arguments, signals)
        finally:
            with signals.held():
                terminal.finish_streams()


def _run(arguments, signals):
    stopped = "stopped before it began"
    try:
        options = _options(arguments)
        options.signals, stopped = signals, options.stopped
        return options.run(options)
    except KeyboardInterrupt:
        say(f"stylelib: {stopped}", sys.stderr)
        return STOPPED
    except Exception as error:
        return _fail(_line(error))


def _fail(message):
    say(f"stylelib: {message}", sys.stderr)
    return BAD_INPUT


def _line(error):
    """What to print about an error.

    Even one that nobody foresaw is a line that can be reported, not a traceback.
    """
    if isinstance(error, ImportError):          # PyTorch is missing or damaged, for instance
        return f"{one_line(error)}; what to do: {sys.executable} -m stylelib doctor"
    if isinstance(error, (ValueError, ArithmeticError, OSError)) or terminal.is_out_of_memory(error):
        return _as_typed(in_words(error))
    return terminal.our_fault(error)


def _as_typed(message):
    """A message of the package, its arguments as the command line spells them: weights='a' is --weights a."""
    def option(found):
        value = "random" if found["value"] == "None" else found["value"]
        return OPTIONS[found["name"]] + (f" {value}" if value else "")
    names = "|".join(OPTIONS)
    message = re.sub(rf"(?<![\w-])(?P<name>{names})=['\"]?(?P<value>[\w.]+)['\"]?", option, message)
    message = re.sub(rf"^(?P<name>{names})(?P<value>)(?= must | \d)", option, message)
    message = re.sub(r"(?<= in )style_shares", OPTIONS["style_shares"], message)
    return re.sub(r"(?<=give a file, )(.*) or None$", r"\1 or 'random'", message)


def _options(arguments):
    options, unknown = _parser().parse_known_args(arguments)
    # argparse itself would refer to the help of `stylelib`, which does not list this command's options
    if unknown:
        options.parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    return options


def _parser():
    parser = Parser(prog="stylelib", description="Neural style transfer: paint a photo in the manner of a painting.")
    parser.add_argument("--version", action="version", version=f"stylelib {_version()}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=Parser)

    def add(name, run, what, stopped, description=None):
        command = commands.add_parser(name, help=what, description=description)
        command.set_defaults(run=run, parser=command, stopped=stopped)
        return command

    _add_stylize(add("stylize", _stylize, "paint a photo in the manner of a painting",
                     "stopped before there was a picture; nothing was written"))

    doctor = add("doctor", _doctor, "is everything here that the course needs?",
                 "stopped: the report is not complete",
                 "Is everything here that the course needs? Exit status: 0 yes; 1 there is a problem.")
    doctor.add_argument("--json", action="store_true", help="print the report as JSON, to be collected")
    doctor.add_argument("--machine", action="store_true",
                        help="with the machine's name in the JSON; without this it is left out")
    doctor.add_argument("--course", type=_path, metavar="FOLDER",
                        help="the folder that holds notebooks/ (default: found)")

    add("recipes", _recipes, "the published settings in one unit", "stopped")
    _add_kit(add)
    return parser


def _version():
    try:
        return importlib.metadata.version("stylelib")
    except importlib.metadata.PackageNotFoundError:
        return "from a folder, not installed"


def _add_stylize(stylize):
    stylize.add_argument("content", metavar="CONTENT", type=_path, help="the photo")
    stylize.add_argument("style", metavar="STYLE", nargs="+", type=_path, help="the painting, or several")
    stylize.add_argument("-o", "--output", metavar="OUT", required=True, type=_path,
                         help="picture file to write (.png, .jpg, ...)")
    stylize.add_argument("--size", type=int, default=512, help="longest side of the result in pixels (default: %(default)s)")
    stylize.add_argument("--steps", type=int, help="updates of the picture in all (default: 200)")
    stylize.add_argument("--scales", type=int,
                         help="how many sizes from coarse to fine, each half the next; 1: only the full size "
                              "(default: as many as are useful)")
    stylize.add_argument("--init", default="content", choices=("content", "noise", "style"),
                         help="where to start: content, the photo, keeps its shapes best; noise, grey with a little "
                              "noise, paints everything anew; style, the painting, faded to a tenth of its "
                              "contrast, brings back many of its shapes (default: %(default)s)")
    stylize.add_argument("--style-weight", type=float, default=1.0,
                         help="0.3 keeps more of the photo, 3 takes more of the painting (default: %(default)s)")
    stylize.add_argument("--tv-weight", type=float, default=0.0,
                         help="smoothness: 0 is none, at 3 one begins to see it, 30 is a lot "
                              "(default: %(default)s)")
    stylize.add_argument("--shares", type=_numbers, metavar="A,B", help="how much of each of several paintings (default: equally much)")
    stylize.add_argument("--mask", metavar="FILE", action="append", type=_path,
                         help="where to paint: a picture in the photo's proportions, white where the painting applies, black where "
                              "the photo stays, grey for a mixture; with several paintings once for each")
    stylize.add_argument("--style-mask", metavar="FILE", action="append", type=_path,
                         help="which part of the painting to take, likewise")
    stylize.add_argument("--style-scale", type=float, default=1.0,
                         help="size of the painting relative to the result's: 0.5 makes strokes half as long (default: %(default)s)")
    colors = stylize.add_mutually_exclusive_group()
    colors.add_argument("--keep-colors", action="store_const", const="luminance", default=False,
                        help="keep the photo's colours, take only the brush")
    colors.add_argument("--match-colors", choices=("covariance", "histogram"), dest="keep_colors",
                        default=False,
                        help="give the painting the photo's colours first")
    stylize.add_argument("--seed", type=int, default=0,
                         help="of the noise: the same one gives the same picture on the same machine, with "
                              "the same number of threads and the same --precision (default: %(default)s)")
    stylize.add_argument("--content-layers", type=_names, metavar="A,B", help="layers that keep the content (default: relu4_2)")
    stylize.add_argument("--style-layers", type=_names, metavar="A,B",
                         help="layers that carry the style (default: relu1_1 ... relu5_1)")
    stylize.add_argument("--statistic", default="gram", metavar="NAME",
                         help="what describes style: gram, mean_variance, covariance, sliced, patches or histogram (default: %(default)s)")
    stylize.add_argument("--network", default="vgg19", metavar="NAME",
                         help="vgg19, vgg16, squeezenet1_1 or resnet50 (default: %(default)s)")
    stylize.add_argument("--weights", default="auto", type=_path, metavar="WEIGHTS",
                         help="of the network: auto, oxford, deepscale, torchvision, random, or a file "
                              "(default: %(default)s)")
    stylize.add_argument("--pooling", default="max", choices=("max", "average"),
                         help="of the network: max as it was trained, average as the style transfer paper "
                              "prefers (default: %(default)s)")
    stylize.add_argument("--method", default="lbfgs", choices=("lbfgs", "adam", "sgd"),
                         help="of the updates (default: %(default)s)")
    stylize.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda", "mps"),
                         help="where to compute (default: %(default)s)")
    stylize.add_argument("--precision", default="auto", choices=("auto", "float32", "bfloat16"),
                         help="of the network; auto tries which is faster here (default: %(default)s)")
    stylize.add_argument("--frames", metavar="DIR", type=_path,
                         help="also save the picture after each step in this folder")
    stylize.add_argument("--quiet", action="store_true", help="print nothing but errors and warnings")


def _add_kit(add):
    """The commands for teachers. Each writes one new folder."""
    def add_writer(name, run, what):
        command = add(name, run, what, "stopped; nothing was written", what[0].upper() + what[1:] + ".")
        command.add_argument("folder", metavar="DIR", type=_path,
                             help="the folder to write: a new one, or an empty one")
        command.add_argument("--course", metavar="FOLDER", type=_path,
                             help="the folder that holds notebooks/ and data/ (default: found)")
        return command

    offline = add_writer("offline", _offline,
                         "a folder that installs the course on a machine like this one, without a network")
    offline.add_argument("--cpu", action="store_true", help="with PyTorch for CPUs, from PyTorch's own index: much smaller on Linux")

    slides = add_writer("slides", _slides, "each notebook as slides that open in a browser without a network")
    slides.add_argument("notebooks", metavar="NOTEBOOK", nargs="*", default=[],
                        help="such as 04; none means all")

    add_writer("site", _site, "the course as a site to read, with search, that opens from a plain folder")

    handout = add_writer("handout", _handout,
                         "student copies: the notebooks without solutions, with their pictures")
    handout.add_argument("--no-outputs", action="store_true", help="also without what the cells printed and drew")


def _path(text):
    """The name of a file or folder; ~ is the home folder even where the shell leaves it: --output=~/a.png."""
    if not text.strip():
        raise argparse.ArgumentTypeError("must be a name, got an empty one")
    return os.path.expanduser(text)


def _names(text):
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        raise argparse.ArgumentTypeError("must name at least one layer, got none")
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise argparse.ArgumentTypeError(f"names {twice} twice")
    return names


def _numbers(text):
    try:
        return [float(number) for number in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be numbers with commas between them, got {text!r}") from None


def _stylize(options):
    _check_names(options)
    # Imported here, not above: `stylelib doctor` must start where PyTorch is missing or damaged, to say so
    from .images import check_output
    from .networks import load_network
    from .transfer import STEPS, stylize

    check_output(options.output)
    settings = {name: getattr(options, name) for name in (
        "style_weight", "tv_weight", "style_scale", "scales", "keep_colors", "statistic", "mask",
        "style_mask", "content_layers",
        "style_layers", "method", "device", "precision")}
    weights = None if options.weights in ("random", "None", "none") else options.weights
    network = load_network(options.network, weights, options.pooling)
    watch = _Watch(options.frames)
    try:
        result = stylize(options.content, options.style, options.size,
                         STEPS if options.steps is None else options.steps,
                         options.init, options.seed, network=network, style_shares=options.shares,
                         progress=not options.quiet,
                         on_step=watch, **settings)
        image, ended_by = result.image, KeyboardInterrupt() if result.interrupted else None
    # whatever ends it, the minutes so far are not thrown away
    except (Exception, KeyboardInterrupt) as error:
        if watch.step is None and getattr(error, "result", None) is None:
            raise
        image, ended_by = watch.picture(error), error
    with options.signals.held():
        saved = _save(image, options.output)
        return _report(saved, image, watch.count, ended_by, options)


class _Watch:
    """Looks at each step: keeps the latest, and saves it as a frame if there is a folder for them.

    Args:
        folder: for the frames, at full size so that they make a film; None saves none.
    """

    def __init__(self, folder):
        self.folder, self.step, self.count, self._warned = folder and Path(folder), None, 0, False

    def __call__(self, step):
        self.step, self.count = step, self.count + 1
        if self.folder:
            try:
                self._save_frame(step)
            except (ValueError, OSError, MemoryError) as error:     # no reason to end the painting
                self._warn(in_words(error))

    def _save_frame(self, step):
        from .images import save_image
        self.folder.mkdir(parents=True, exist_ok=True)
        save_image(step.at_full_size(), self.folder / f"{step.index:04d}.jpg")

    def _warn(self, reason):
        from tqdm import tqdm
        if not self._warned and sys.stderr is not None:
            with contextlib.suppress(OSError, ValueError):
                tqdm.write(f"stylelib: no frame of step {self.step.index}, the painting goes on: {reason}",
                           file=sys.stderr)
        self._warned = True

    def picture(self, error):
        """The latest picture when an error has ended the painting."""
        result = getattr(error, "result", None)
        return self.step.at_full_size() if result is None else result.image


def _save(image, output):
    """Write the picture; where that fails, in the system's temporary folder: the work is not thrown away.

    Returns:
        (where it is, what kept it from `output`): the second is "" if nothing did.

    Raises:
        ValueError or OSError: it can be written in neither place, or is no picture.
    """
    from .images import save_image
    try:
        save_image(image, output)
        return output, ""
    except (ValueError, OSError, MemoryError) as error:
        handle, place = tempfile.mkstemp(prefix="stylelib-", suffix=Path(output).suffix)
        os.close(handle)
        try:
            save_image(image, place)
        except (ValueError, OSError, MemoryError):
            os.unlink(place)
            raise error from None
        return place, in_words(error)


def _report(saved, image, steps, ended_by, options):
    """Say what has become of the painting; the exit status."""
    place, failure = saved
    if failure or isinstance(ended_by, Exception):
        reason = failure or _line(ended_by)
        return _fail(f"{reason}; the picture after {steps} steps is saved as {place}")
    if not options.quiet:
        stopped = " (stopped early)" if ended_by else ""
        height, width = image.shape[2:]
        say(f"{place}: {width}x{height} px, {steps} steps{stopped}", sys.stdout)
    return STOPPED if ended_by or options.signals.first is not None else 0


def _check_names(options):
    """Refuse, before the work, names that do not go together: nothing that is read may be written over.

    Raises:
        ValueError: the output is one of the inputs, or the folder for frames can take none.
    """
    if options.shares and len(options.shares) != len(options.style):
        options.parser.error(f"argument --shares: there must be one number for each painting, got "
                             f"{len(options.shares)} for {len(options.style)}")
    inputs = [("the photo", [options.content]), ("the painting", options.style),
              ("the mask", options.mask or []),
              ("the painting's mask", options.style_mask or [])]
    for role, paths in inputs:
        for path in paths:
            with contextlib.suppress(OSError):      # one of them does not exist, for instance
                if os.path.samefile(path, options.output):
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


def _doctor(options):
    from .teach.course import find_course
    from .teach.doctor import as_json, examine
    if options.course:
        # a folder that was named must be one: "nothing found" would be no answer
        find_course(options.course)
    findings = []
    for finding in examine(options.course):
        findings.append(finding)
        if not options.json:
            _tell(finding)
    problems = sum(not finding.ok for finding in findings)
    if options.json:
        _tell(as_json(findings, options.machine))
    else:
        _tell("Everything the course needs is here."
              if not problems else f"{problems} problem(s): see the commands above.")
    return 1 if problems else 0


def _tell(report):
    """Print a report, or a part of it. A reader that has seen enough, such as `head`, is no fault."""
    with contextlib.suppress(BrokenPipeError):
        terminal.show(str(report), sys.stdout)


def _recipes(options):
    from .style.recipes import table
    _tell(f"{RECIPES_LEGEND}\n{table()}")
    return 0


def _kit(module):
    """A module of the kit. Its packages are not everybody's: they come with stylelib[kit]."""
    from .teach.course import not_installed
    try:
        return importlib.import_module(f".teach.{module}", __package__)
    except ModuleNotFoundError as error:
        raise not_installed(error.name) from None


def _done(options, text):
    """Say what was written, and name what had to be left out."""
    from .teach.course import find_course, unreadable
    chosen = getattr(options, "notebooks", [])          # who has chosen some does not miss the others
    for path, reason in [] if chosen else unreadable(find_course(options.course)):
        say(f"stylelib: {path} {reason}: it was left out", sys.stderr)
    say(f"{options.folder}: {text}", sys.stdout)
    return 0


def _offline(options):
    count = _kit("offline").write_offline(options.folder, options.cpu, options.course)
    return _done(options, f"{count} packages, notebooks and pictures; its README.txt says how to install")


def _slides(options):
    count = _kit("slides").write_slides(options.folder, options.notebooks, options.course)
    return _done(options, f"{count} decks; open {Path(options.folder) / 'index.html'} in a browser")


def _site(options):
    warnings = _kit("site").write_site(options.folder, options.course)
    if warnings:
        say(warnings.strip(), sys.stderr)
    return _done(options, f"open {Path(options.folder) / 'index.html'} in a browser")


def _handout(options):
    count = _kit("handouts").write_handouts(options.folder, not options.no_outputs, options.course)
    return _done(options, f"{count} notebooks without solutions")


if __name__ == "__main__":
    sys.exit(main())
