"""Do the checks notice mistakes? Runs tests and notebooks on copies of stylelib with one fault each.

    python -m tests.faults                      everything (an hour or two on two cores)
    python -m tests.faults --list               the faults, numbered
    python -m tests.faults --pick 1 7 --only nbval

Prints for each fault what caught it: the first test and the first notebook cell that failed. Exit status 0 if
every fault was caught, at least ten of them by the notebooks alone; 1 if not; 2 if the checks cannot be run,
or fail without a fault.
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from ..places import ROOT

ENOUGH_FOR_NOTEBOOKS = 10       # faults that the notebooks alone must catch


@dataclass(frozen=True)
class Fault:
    """A piece of code, and the mistake that stands there instead."""

    what: str
    file: str           # in stylelib/
    old: str            # stands exactly once in the file, with whatever spaces and line breaks
    new: str


FAULTS = [
    Fault("Gram matrix divided by the channels as well", "losses.py",
          "F @ F.mT / F.shape[2]", "F @ F.mT / (F.shape[1] * F.shape[2])"),
    Fault("Gram matrix of wrongly reshaped features: channels and positions mixed", "losses.py",
          "(features).flatten(2)", "(features).flatten(1).unflatten(1, (-1, features.shape[1])).mT"),
    Fault("style loss without its square", "losses.py",
          "(gram - target_gram).square()", "(gram - target_gram).abs()"),
    Fault("style loss divided by the channels once, not squared", "losses.py",
          "(4 * channels**2 * len(gram))", "(4 * channels * len(gram))"),
    Fault("content loss is a sum, not a mean", "losses.py",
          "(F - P).square().mean()", "(F - P).square().sum()"),
    Fault("total variation: across is subtracted", "losses.py",
          "down.abs().mean() + across.abs().mean()", "down.abs().mean() - across.abs().mean()"),
    Fault("red and blue swapped: no flip to BGR", "networks.py",
          "image = image.flip(1)", "pass"),
    Fault("preprocessing subtracts the mean colour in RGB order", "networks.py",
          "(103.939, 116.779, 123.68)", "(123.68, 116.779, 103.939)"),
    Fault("preprocessing forgets the factor 255", "networks.py",
          '"oxford": Preprocessing("BGR", 255.0,', '"oxford": Preprocessing("BGR", 1.0,'),
    Fault("layer names off by one", "networks.py",
          "for name, stage in self.stages.items():",
          "for name, stage in zip(self.layers[1:], self.stages.values()):"),
    Fault("max and average pooling swapped", "networks.py",
          '{"max": nn.MaxPool2d, "average": nn.AvgPool2d,', '{"max": nn.AvgPool2d, "average": nn.MaxPool2d,'),
    Fault("convolutions without padding", "networks.py",
          "nn.Conv2d(channels, width, 3, padding=1)", "nn.Conv2d(channels, width, 3, padding=0)"),
    Fault("ReLU in place: conv layers silently hold their ReLU", "networks.py",
          'stages[f"relu{block}_{i}"] = nn.ReLU(inplace=False)',
          'stages[f"relu{block}_{i}"] = nn.ReLU(inplace=True)'),
    Fault("gradients are never reset", "optimize.py",
          "image.grad = None", "pass"),
    Fault("pixels are not clamped", "optimize.py",
          "if clamp:", "if not clamp:"),
    Fault("pixels are clamped to [-1, 1]", "optimize.py",
          "image.clamp_(0, 1)", "image.clamp_(-1, 1)"),
    Fault("L-BFGS begins at its full rate", "lbfgs.py",
          "rate = self.learning_rate if self.pairs else self.caution * careful_rate(gradient)",
          "rate = self.learning_rate"),
    Fault("a step that went too far is tried again as long as it was", "lbfgs.py",
          "self.caution *= caution", "pass"),
    Fault("a step's promise forgotten: with a negative loss every step is taken back", "optimize.py",
          "return (total - total_before) / promise.clamp(min=1e-30)", "return total / total_before"),
    Fault("a step's picture is the one that is restored", "optimize.py",
          "old_losses = image.detach().clone(), image.grad", "old_losses = image.detach(), image.grad"),
    Fault("L-BFGS forgets to scale by the last curvature", "lbfgs.py",
          "direction *= (s @ y) / (y @ y)", "pass"),
    Fault("saved without clamping: bright pixels turn dark", "images.py",
          "image.clamp(0, 1).mul(255)", "image.mul(255)"),
    Fault("pictures loaded by their shortest side", "engine/inputs.py",
          "longest = max(sides)", "longest = min(sides)"),
    Fault("style term dropped", "objective.py",
          'terms["style"] = self.style_weight * sum(', 'terms["style"] = 0.0 * self.style_weight * sum('),
    Fault("style losses without their unit", "objective.py",
          "distance[layer] / style.units[layer]",
          "distance[layer]"),
    Fault("style taken from the photo", "objective.py",
          "_as_paintings(paintings)\n        masked", "_as_paintings(photo)\n        masked"),
    Fault("content layer by counting: conv_4 is conv2_2", "objective.py",
          'CONTENT_LAYERS = ("relu4_2",)', 'CONTENT_LAYERS = ("relu2_2",)'),
    Fault("style layers by counting: the first five", "objective.py",
          '("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")',
          '("relu1_1", "relu1_2", "relu2_1", "relu2_2", "relu3_1")'),
    Fault("coarse to fine forgets the coarser picture", "transfer.py",
          "change = step.image - small.start", "change = None"),
    Fault("the loss sees what a grey mask mixes", "scene.py",
          "(self.covered > 0).to(image)", "self.covered"),
    Fault("noise to start from at full strength", "scene.py",
          "QUIET_NOISE = 0.05", "QUIET_NOISE = 0.5"),
    Fault("a small painting is never enlarged", "prepare.py",
          "factor = scale * min(max(sides), longest) / max(sides)",
          "factor = min(scale * min(max(sides), longest) / max(sides), 1)"),
    Fault("steps that are left over are taken from the coarsest size", "plan.py",
          "while counts[0] < 1:", "while False:"),
    Fault("red and blue swapped in brightness", "style/colors.py",
          "(0.299, 0.587, 0.114)", "(0.114, 0.587, 0.299)"),
    Fault("colours matched without their mean", "style/colors.py",
          "offset = wanted_mean - matrix @ mean", "offset = wanted_mean - mean"),
    Fault("a mask's weight counted twice", "style/masks.py",
          "return (mask / share).sqrt()", "return mask / share"),
    Fault("covariance without centring: a Gram matrix", "style/statistics.py",
          "return gram_matrix(_centred(features))", "return gram_matrix(features)"),
    Fault("sliced values not sorted", "style/statistics.py",
          "(directions @ table).sort(1).values", "directions @ table"),
    Fault("the margin pulls at the border: gradients of mirror images added up", "margin.py",
          "averaged + (reflect(image) - averaged).detach()", "reflect(image)"),
    Fault("half of the fast Gram matrix's gradient", "engine/fast.py",
          "both = gradient + gradient.mT", "both = gradient"),
    Fault("strips' Gram matrices added without their shares", "engine/strips.py",
          "grams.append(gram(guided) * share)", "grams.append(gram(guided))"),
    Fault("on the way back, a ReLU lets everything through", "engine/signs.py",
          "signs.put(name, start, output > 0)", "signs.put(name, start, output >= 0)"),
    Fault("on the way back, the winner of a window's lower row is taken from its upper row",
          "engine/signs.py",
          "torch.where(upper, corners[0], corners[2])", "corners[0]"),
    Fault("instance normalisation with one mean for the batch", "fast/layers.py",
          "return x.mean((2, 3), keepdim=True), (variance",
          "return x.mean((0, 2, 3), keepdim=True), (variance"),
    Fault("a residual block forgets what came in", "fast/layers.py",
          "return x + self.second(", "return self.second("),
    Fault("content to train for taken from the painted picture", "fast/train.py",
          "P = self.network(photo, [deepest])[deepest]", "P = self.network(painted, [deepest])[deepest]"),
    Fault("strength the wrong way round: 0 is the painting's style", "fast/paint.py",
          "torch.lerp(hand.predictor(scaled(photo, SEEN, SEEN)), numbers, strength)",
          "torch.lerp(hand.predictor(scaled(photo, SEEN, SEEN)), numbers, 1 - strength)"),
    Fault("AdaIN keeps the photo's mean", "fast/adain.py",
          "* style_deviation + style_mean", "* style_deviation + mean"),
    Fault("flow in the wrong direction", "film/flow.py",
          "return flow + torch.stack([x, y]).to(flow.dtype)",
          "return torch.stack([x, y]).to(flow.dtype) - flow"),
    Fault("grid_sample's x and y exchanged", "film/flow.py",
          "(target * scale - 1).permute(0, 2, 3, 1)", "(target * scale - 1).permute(0, 2, 3, 1).flip(3)"),
    Fault("warp counts from the corners of pixels, not from their middles", "film/flow.py",
          "align_corners=True)", "align_corners=False)"),
    Fault("optical flow with rows first", "film/flow.py",
          "np.stack([u, v])", "np.stack([v, u])"),
    Fault("the flow forth is not read where the flow back leads", "film/flow.py",
          'there = warp(forth, back, "bilinear")', "there = forth"),
    Fault("flicker counts what was hidden", "film/measures.py",
          "(mask * (frame - warp(before, flow)).abs())", "((frame - warp(before, flow)).abs())"),
    Fault("the temporal loss forgets its mask", "film/temporal.py",
          "(mask * (image - warped).square()).mean()", "(image - warped).square().mean()"),
    Fault("several earlier frames speak for one pixel", "film/temporal.py",
          "weights.append((mask - nearer).clamp(min=0))", "weights.append(mask)"),
    Fault("a painting is carried on over a cut", "film/ways.py",
          "if last is not None and is_cut(last, photo):", "if last is None:"),
    Fault("steady keeps what was hidden", "film/ways.py",
          "keep = seen * _soft(", "keep = _soft("),
    Fault("steady follows the flow from the frame before", "film/ways.py",
          "motion(photo, photo_before, self.flow)", "motion(photo_before, photo, self.flow)"),
    Fault("the interval of a vote forgets what is not known after a few votes", "learn/vote.py",
          "share * (1 - share) / votes + z**2 / (4 * votes**2)", "share * (1 - share) / votes"),
    Fault("the first way always hangs on the left, whatever the lots say", "learn/vote.py",
          'side == "L" else', 'side in "LR" else'),
    Fault("painted again without its masks", "learn/series.py",
          "[_find(mask, sources) for mask in knobs[name]] for name in PICTURES", "None for name in PICTURES"),
    Fault("on the wall, a long title runs into the next label", "learn/show/exhibition.py",
          "name = wrap((recipe and recipe.title) or title, int(width * BOLD))",
          "name = [(recipe and recipe.title) or title]"),
]

PYTEST = [sys.executable, "-m", "pytest", "-x", "-q", "--tb=no", "-rfE", "-p", "no:cacheprovider"]
CHECKS = ("tests", "nbval")
NOT_COPIED = (".*", "__pycache__", "*.egg-info", "build", "dist", "venv")
# These look at files and not at what stylelib computes; test_mutations sees only that a fault is in already
OTHER_TESTS = {"test_mutations", "test_project", "test_rooms", "test_static", "test_strict_nbval",
               "test_teaching"}


class StaleFault(Exception):
    """The line that a fault changes is no longer there, or there is more than one."""


def with_fault(source: str, fault: Fault) -> str:
    """The source text of a module, with the fault in it.

    Raises:
        StaleFault: the quoted code is no longer there, or more than once.
    """
    pieces = re.findall(r"\w+|[^\w\s]", fault.old)        # so spaces and line breaks do not matter
    places = list(re.finditer(r"\s*".join(map(re.escape, pieces)), source))
    if len(places) != 1:
        raise StaleFault(f"stylelib/{fault.file} has {len(places)} times {fault.old!r}: the code has moved "
                         f"on, fix the fault {fault.what!r} in tests/faults/mutations.py")
    start, end = places[0].span()
    return source[:start] + fault.new + source[end:]


def caught_by(fault: Fault | None, checks: Iterable[str]) -> dict[str, str | None]:
    """{check: first test or cell that failed, or None}, in a copy of the project with this fault or none."""
    with tempfile.TemporaryDirectory(prefix="fault-") as folder:
        copy = Path(folder) / "course"
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*NOT_COPIED))
        if fault:
            module = copy / "stylelib" / fault.file
            module.write_text(with_fault(module.read_text("utf-8"), fault), "utf-8")
        environment = _environment(copy)
        arguments = {"nbval": ["notebooks"], "tests": ["-m", "not slow", *files_for(fault, copy)]}
        return {check: _first_failure([*PYTEST, *arguments[check]], copy, environment) for check in checks}


def _environment(copy):
    """The kernels and commands that the checks start must import this copy, not the installed package."""
    environment = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1",
                   "NOTEBOOK_SECONDS": "3600"}
    program = "import importlib.util as u; print(u.find_spec('stylelib').origin)"
    imported = subprocess.run([sys.executable, "-c", program], cwd=copy / "notebooks", env=environment,
                              capture_output=True, text=True).stdout
    if not Path(imported.strip()).is_relative_to(copy):
        raise RuntimeError(f"the copy of stylelib is not the one that gets imported, but {imported!r}")
    return environment


def files_for(fault: Fault | None, folder: Path = ROOT) -> list[str]:
    """Files of tests, the most likely to notice first: the module's own, then those of its room."""
    file = Path(fault.file if fault else "")
    own = f"test_{file.stem}"
    room = file.parent.name or "core"
    files = sorted((folder / "tests").rglob("test_*.py"),
                   key=lambda path: (path.stem != own, path.parent.name != room, path))
    return [path.relative_to(folder).as_posix() for path in files if path.stem not in OTHER_TESTS]


def _first_failure(command, folder, environment):
    run = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    if run.returncode == 0:
        return None
    failure = re.search(r"^(?:FAILED|ERROR) (.*?)(?: - .*)?$", run.stdout, re.MULTILINE)
    if not failure:
        raise RuntimeError(f"{' '.join(command)} ended with status {run.returncode}:\n"
                           f"{run.stdout[-2000:]}{run.stderr[-2000:]}")
    return failure[1]


def main() -> int:
    arguments = _parser().parse_args()
    numbers = arguments.pick or range(1, len(FAULTS) + 1)
    faults = {number: fault for number, fault in enumerate(FAULTS, 1) if number in numbers}
    if arguments.list:
        for number, fault in faults.items():
            print(f"{number:3} {fault.file:19} {fault.what}")
        return 0
    checks = [arguments.only] if arguments.only else list(CHECKS)
    try:
        _all_fit(faults.values())
        if not arguments.no_baseline:
            _passes_without_faults(checks)
        with ThreadPoolExecutor(arguments.jobs) as pool:
            found = pool.map(lambda fault: caught_by(fault, checks), faults.values())
            results = dict(zip(faults, _report(faults, found), strict=True))
    except (StaleFault, RuntimeError) as error:
        print(error, file=sys.stderr)
        return 2
    return _verdict(faults, results, checks)


def _parser():
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=CHECKS, help="run only the tests, or only the notebooks")
    parser.add_argument("--pick", type=int, nargs="+", metavar="N", help="only these faults, by number")
    parser.add_argument("--jobs", type=int, default=1, help="faults at a time (%(default)s)")
    parser.add_argument("--no-baseline", action="store_true",
                        help="trust that everything passes without a fault")
    parser.add_argument("--list", action="store_true", help="list the faults and stop")
    return parser


def _all_fit(faults):
    for fault in faults:
        with_fault((ROOT / "stylelib" / fault.file).read_text("utf-8"), fault)


def _passes_without_faults(checks):
    failures = [failure for failure in caught_by(None, checks).values() if failure]
    if failures:
        raise RuntimeError(f"fails without any fault: {', '.join(failures)}")


def _report(faults, results):
    """Pass results on as they come, and print them."""
    for (number, fault), result in zip(faults.items(), results, strict=True):
        print(f"{number:3} {fault.what}", flush=True)
        for check, failure in result.items():
            print(f"      {check}: {failure or 'NOTHING NOTICED'}", flush=True)
        yield result


def _verdict(faults, results, checks):
    """Print the sums. Returns the exit status."""
    caught = {check: sum(bool(result[check]) for result in results.values()) for check in checks}
    for check in checks:
        print(f"{check} caught {caught[check]} of {len(faults)} faults")
    survived = [faults[number].what for number, result in results.items() if not any(result.values())]
    print(f"survived: {'; '.join(survived) or 'none'}")
    too_few = len(faults) == len(FAULTS) and caught.get("nbval", len(FAULTS)) < ENOUGH_FOR_NOTEBOOKS
    return int(bool(survived) or too_few)


if __name__ == "__main__":
    sys.exit(main())
