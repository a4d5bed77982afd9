"""The command line: `stylelib stylize`, `stylelib doctor`, `stylelib recipes`.

Exit status: 0 done; 1 the doctor found a problem; 2 bad input or usage; 130 stopped by Ctrl-C.
"""
import argparse
import importlib
import os
import sys
from pathlib import Path

BAD_INPUT, STOPPED = 2, 130
RECIPES_LEGEND = """\
What the published style weights mean in one unit. c is the mean squared difference of the content activations, E the style loss
of the paper's equation 4. "it types" is the number in the program, "E per c" what it makes of it: the weight of E in its first and
its last style layer when c has the weight 1. The last two columns say the same for a network that sees pixels from 0 to 255.
"""


class Parser(argparse.ArgumentParser):
    """An argparse parser whose errors are one line."""

    def error(self, message):
        self.exit(BAD_INPUT, f"{self.prog}: {message} (see {self.prog} --help)\n")


def main(arguments=None):
    """Run the command line; returns the exit status.

    Args:
        arguments: list of strings; None takes those of the process.
    """
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except KeyboardInterrupt:
        print("stylelib: stopped before there was a picture; nothing was written", file=sys.stderr)
        return STOPPED
    except BrokenPipeError:         # the reader, `head` for instance, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except ImportError as error:        # PyTorch is missing or damaged, for instance
        print(f"stylelib: {error}; what to do: {sys.executable} -m stylelib doctor", file=sys.stderr)
        return BAD_INPUT
    except (ValueError, ArithmeticError, OSError, MemoryError) as error:
        message = " ".join(str(error).split()) or type(error).__name__
        print(f"stylelib: {message}", file=sys.stderr)
        return BAD_INPUT


def _parser():
    parser = Parser(prog="stylelib", description="Neural style transfer: paint a photo in the manner of a painting.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=Parser)

    stylize = commands.add_parser("stylize", help="paint a photo in the manner of a painting")
    stylize.set_defaults(run=_stylize)
    stylize.add_argument("content", metavar="CONTENT", help="the photo")
    stylize.add_argument("style", metavar="STYLE", nargs="+", help="the painting, or several")
    stylize.add_argument("-o", "--output", metavar="OUT", required=True, help="picture file to write (.png, .jpg, ...)")
    stylize.add_argument("--size", type=int, default=512, help="longest side of the result in pixels (default: %(default)s)")
    stylize.add_argument("--steps", type=int, help="updates of the picture in all (default: 200)")
    stylize.add_argument("--init", default="content", choices=("content", "noise", "style"),
                         help="where to start (default: %(default)s)")
    stylize.add_argument("--style-weight", type=float, default=1.0,
                         help="0.3 keeps more of the photo, 3 takes more of the painting (default: %(default)s)")
    stylize.add_argument("--shares", type=_numbers, metavar="A,B", help="how much of each of several paintings (default: equally much)")
    stylize.add_argument("--mask", metavar="FILE", action="append",
                         help="where to paint: a picture in the photo's proportions, white where the painting applies, black where "
                              "the photo stays; with several paintings once for each")
    stylize.add_argument("--style-mask", metavar="FILE", action="append", help="which part of the painting to take, likewise")
    stylize.add_argument("--style-scale", type=float, default=1.0,
                         help="size of the painting relative to the result's: 0.5 makes strokes half as long (default: %(default)s)")
    colors = stylize.add_mutually_exclusive_group()
    colors.add_argument("--keep-colors", action="store_const", const="luminance", default=False,
                        help="keep the photo's colours, take only the brush")
    colors.add_argument("--match-colors", choices=("covariance", "histogram"), dest="keep_colors",
                        help="give the painting the photo's colours first")
    stylize.add_argument("--seed", type=int, default=0, help="of the noise (default: %(default)s)")
    stylize.add_argument("--content-layers", type=_names, metavar="A,B", help="layers that keep the content (default: relu4_2)")
    stylize.add_argument("--style-layers", type=_names, metavar="A,B",
                         help="layers that carry the style (default: relu1_1 ... relu5_1)")
    stylize.add_argument("--statistic", default="gram", metavar="NAME",
                         help="what describes style: gram, mean_variance, covariance, sliced, patches or histogram (default: %(default)s)")
    stylize.add_argument("--network", default="vgg19", metavar="NAME",
                         help="vgg19, vgg16, squeezenet1_1 or resnet50 (default: %(default)s)")
    stylize.add_argument("--weights", default="auto", metavar="WEIGHTS",
                         help="of the network: auto, oxford, deepscale, torchvision, or a file (default: %(default)s)")
    stylize.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda", "mps"),
                         help="where to compute (default: %(default)s)")
    stylize.add_argument("--precision", default="auto", choices=("auto", "float32", "bfloat16"),
                         help="of the network; auto tries which is faster here (default: %(default)s)")
    stylize.add_argument("--frames", metavar="DIR", help="also save the picture after each step in this folder")
    stylize.add_argument("--quiet", action="store_true", help="print nothing but errors")

    doctor = commands.add_parser("doctor", help="is everything here that the course needs?")
    doctor.set_defaults(run=_doctor)
    doctor.description = "Is everything here that the course needs? Exit status: 0 yes; 1 there is a problem."
    doctor.add_argument("--json", action="store_true", help="print the report as JSON, to be collected")
    doctor.add_argument("--course", metavar="FOLDER", help="the folder that holds notebooks/ (default: found)")

    recipes = commands.add_parser("recipes", help="the published settings in one unit")
    recipes.set_defaults(run=_recipes)

    _add_kit(commands)
    return parser


def _add_kit(commands):
    """The commands for teachers. Each writes one new folder."""
    def add(name, run, what):
        command = commands.add_parser(name, help=what, description=what[0].upper() + what[1:] + ".")
        command.set_defaults(run=run)
        command.add_argument("folder", metavar="DIR", help="the folder to write: a new one, or an empty one")
        command.add_argument("--course", metavar="FOLDER", help="the folder that holds notebooks/ and data/ (default: found)")
        return command

    offline = add("offline", _offline, "a folder that installs the course on a machine like this one, without a network")
    offline.add_argument("--cpu", action="store_true", help="with PyTorch for CPUs, from PyTorch's own index: much smaller on Linux")

    slides = add("slides", _slides, "each notebook as slides that open in a browser without a network")
    slides.add_argument("notebooks", metavar="NOTEBOOK", nargs="*", help="such as 04; none means all")

    add("site", _site, "the course as a site to read, with search, that opens from a plain folder")

    handout = add("handout", _handout, "student copies: the notebooks without solutions, with their pictures")
    handout.add_argument("--no-outputs", action="store_true", help="also without what the cells printed and drew")


def _names(text):
    return [name.strip() for name in text.split(",") if name.strip()]


def _numbers(text):
    try:
        return [float(number) for number in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be numbers with commas between them, got {text!r}") from None


def _stylize(options):
    # Imported here, not above: `stylelib doctor` must start where PyTorch is missing or damaged, to say so
    from .images import check_output, save_image
    from .networks import load_network
    from .transfer import STEPS, stylize

    check_output(options.output)
    settings = {name: getattr(options, name) for name in (
        "style_weight", "style_scale", "keep_colors", "statistic", "mask", "style_mask", "content_layers", "style_layers", "device",
        "precision")}
    steps = STEPS if options.steps is None else options.steps
    result = stylize(options.content, options.style, options.size, steps, options.init, options.seed,
                     network=load_network(options.network, options.weights), style_shares=options.shares, progress=not options.quiet,
                     on_step=_frame_saver(options.frames) if options.frames else None, **settings)
    save_image(result.image, options.output)
    if not options.quiet:
        stopped = " (stopped early)" if result.interrupted else ""
        height, width = result.image.shape[2:]
        print(f"{options.output}: {width}x{height} px, {len(result.history)} steps{stopped}")
    return STOPPED if result.interrupted else 0


def _frame_saver(folder):
    """A function that saves each step's picture in `folder`, at full size so that they make a film."""
    from .images import save_image
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    return lambda step: save_image(step.at_full_size(), folder / f"{step.index:04d}.jpg")


def _doctor(options):
    from .doctor import as_json, examine
    findings = []
    for finding in examine(options.course):
        findings.append(finding)
        if not options.json:
            print(finding, flush=True)
    problems = sum(not finding.ok for finding in findings)
    if options.json:
        print(as_json(findings))
    else:
        print("Everything the course needs is here." if not problems else f"{problems} problem(s): see the commands above.")
    return 1 if problems else 0


def _recipes(options):
    from .recipes import table
    print(RECIPES_LEGEND)
    print(table())
    return 0


def _kit(module):
    """A module of the kit. Its packages are not everybody's: they come with stylelib[kit]."""
    from .kit.course import not_installed
    try:
        return importlib.import_module(f".kit.{module}", __package__)
    except ModuleNotFoundError as error:
        raise not_installed(error.name) from None


def _offline(options):
    count = _kit("offline").write_offline(options.folder, options.cpu, options.course)
    print(f"{options.folder}: {count} packages, notebooks and pictures; its README.txt says how to install")
    return 0


def _slides(options):
    count = _kit("slides").write_slides(options.folder, options.notebooks, options.course)
    print(f"{options.folder}: {count} decks; open {Path(options.folder) / 'index.html'} in a browser")
    return 0


def _site(options):
    warnings = _kit("site").write_site(options.folder, options.course)
    if warnings:
        print(warnings.strip(), file=sys.stderr)
    print(f"{options.folder}: open {Path(options.folder) / 'index.html'} in a browser")
    return 0


def _handout(options):
    count = _kit("handouts").write_handouts(options.folder, not options.no_outputs, options.course)
    print(f"{options.folder}: {count} notebooks without solutions")
    return 0


if __name__ == "__main__":
    sys.exit(main())
