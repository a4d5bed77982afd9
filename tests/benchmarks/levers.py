"""(h) What each lever gains: the same transfer, or the same evaluation, with one of them left out."""
import copy
import functools
import math
from pathlib import Path
from unittest import mock

import torch

from stylelib import (
    Network,
    TransferLoss,
    lbfgs,
    load_image,
    load_network,
    margin,
    optimize,
    stylize_steps,
    transfer,
)
from stylelib.engine.devices import choose_precision
from stylelib.images import from_pil, to_pil
from stylelib.losses import gram_distance
from stylelib.objective import STYLE_TO_CONTENT
from stylelib.plan import Scale, make_plan
from stylelib.settings import Settings
from stylelib.style.statistics import Statistic

from .report import Table, times_text
from .tools import DATA, SETTINGS, evaluator, interleaved, network_in, ratio, sample_pictures
from .yardstick import STYLE_WEIGHT, Yardstick

TITLE = "what each lever gains"
MINUTES = 10
MANY = 9                # scales; fewer are useful
PICTURES = "content/china.jpg", "style/starry_night.jpg"


def measure(quick, folder):
    """{"size", "precision", "losses": {steps: {"lever: its substitute": loss}}, "times": {likewise}}."""
    size, all_steps, rounds = (128, (3, 6), 2) if quick else (256, (50, Settings().steps), 15)
    precision = choose_precision("auto", "cpu")
    return {"size": size, "precision": precision, 
            "losses": {str(steps): _losses(size, steps, precision) for steps in all_steps},
            "times": _times(size, rounds)}


# --- levers on the way to a good picture: the loss after the same work --------------------------------------

def _losses(size, steps, precision):
    network, fast = load_network(), network_in(precision)
    photo, painting = (load_image(DATA / name, size) for name in PICTURES)
    yardstick = Yardstick(network, photo, painting)
    settings = functools.partial(Settings, size=size, device="cpu", precision=precision,
                                 style_weight=STYLE_WEIGHT / STYLE_TO_CONTENT)
    plan = make_plan(photo.shape[2:], steps, painted=True)
    all_work = sum(stage.steps * stage.cost for stage in plan)

    def same_work(**plan_of):
        """As many steps of another plan as cost the same."""
        return round(steps * all_work / sum(stage.steps * stage.cost
                                            for stage in make_plan(photo.shape[2:], steps, **plan_of)))

    def paint(steps=steps, **changed):
        *_, last = stylize_steps(photo, painting, settings(steps=steps, **changed), network=fast)
        return last.image

    # without the margin, a step is cheaper
    bare_steps = round(steps * all_work / sum(stage.steps * math.prod(stage.size) for stage in plan))
    from_coarse = same_work(scales=MANY)
    ways = {
        "all levers": paint,
        "start in one pass: from the photo": functools.partial(paint, init="content", scales=1),
        "start in one pass: from the photo, coarse to fine": functools.partial(paint, from_coarse,
                                                                               init="content"),
        "start in one pass: from noise, coarse to fine": functools.partial(paint, from_coarse, init="noise"),
        "all steps at full size: coarse to fine": functools.partial(paint, from_coarse, scales=MANY),
        "pixels kept in range: only the last picture is": _changed(
            paint, transfer, "optimize", functools.partial(optimize, clamp=False)),
        "first step of two grey levels: torch's first step": _changed(
            paint, lbfgs, "careful_rate", lambda gradient: min(1.0, 1 / float(gradient.abs().sum()))),
        "the margin inside the loss: no margin": _changed(
            functools.partial(paint, bare_steps), margin, "MARGIN", 0),
        "L-BFGS: Adam": functools.partial(paint, method="adam"),
        "history of ten steps: of three": _changed(paint, Scale, "remembered", 3),
        "history of ten steps: of a hundred": _changed(paint, Scale, "remembered", 100),
    }
    # as saved, in 8 bits
    return {name: yardstick(from_pil(to_pil(way())))["L"] for name, way in ways.items()}


def _changed(function, owner, name, value):
    """The function, run with one thing replaced."""
    def run():
        with mock.patch.object(owner, name, value):
            return function()
    return run


# --- levers on one evaluation: seconds ----------------------------------------------------------------------

class _InRows(Network):
    """A network whose activations lie in memory channel by channel."""

    def preprocess(self, image):
        return super().preprocess(image).contiguous()


class _WholeNetwork(Network):
    """A network that always computes its last layer, too."""

    def forward(self, image, layers):
        features = super().forward(image, [*layers, self.layers[-1]])
        return {layer: features[layer] for layer in layers}


def _plain_gram(features):
    flat = features[0].flatten(1)
    return (flat @ flat.mT / flat.shape[1])[None]


def _times(size, rounds):
    network, (photo, painting) = load_network(), sample_pictures(size)

    def loss_with(network, **settings):
        return TransferLoss(network, photo, painting, **{**SETTINGS, **settings})

    rows, whole = (kind(copy.deepcopy(dict(network.stages.items())), network.preprocessing)
                   for kind in (_InRows, _WholeNetwork))
    plain = Statistic(_plain_gram, lambda features, target: gram_distance(_plain_gram(features), target))
    trainable = copy.deepcopy(network).requires_grad_(True)
    inside = loss_with(network)
    ways = {
        "all levers": inside,
        "channels last: activations channel by channel": loss_with(
            rows.to(memory_format=torch.contiguous_format)),
        "the Gram matrix's own way back: PyTorch's": loss_with(network, statistic=plain),
        "a frozen network: gradients of its weights, too": loss_with(trainable),
        "no work above the deepest layer: up to pool5": loss_with(whole),
        "targets computed once: in each step": lambda image: loss_with(network)(image),
        "float32 network: in bfloat16 (`--precision`)": loss_with(network_in("bfloat16")),
    }
    return interleaved({name: evaluator(loss, photo) for name, loss in ways.items()}, rounds)


def tables(result):
    times, (few, many) = result["times"], result["losses"].items()
    rows = []
    for name in few[1]:
        row = _words(name)
        for _, losses in (few, many):
            row += [f"{losses[name]:.2f}", times_text(losses[name] / losses["all levers"])]
        rows.append(row)
    header = ["lever", "in its place", f"{few[0]} steps", "beside all levers", f"{many[0]} steps",
              "beside all levers"]
    photo, painting = (Path(name).stem for name in PICTURES)
    title = (f"Loss after the same work, L = C + {STYLE_WEIGHT:g} S: {photo} painted once in the manner of "
             f"{painting}, {result['size']} px, {result['precision']}")
    return {"losses": Table(title, header, rows),
            "times": Table(f"Seconds of one evaluation, {result['size']} px",
                           ["lever", "in its place", "beside all levers"],
                           [[*_words(name), times_text(ratio(times, name, "all levers"))] for name in times])}


def _words(name):
    lever, _, instead = name.partition(": ")
    return [lever, instead]


def goals(result):
    return []
