"""(a) What one evaluation of loss and gradient costs, beside a bare loop; and where its time goes."""
import statistics

import torch
from torch import nn

from stylelib import load_network
from stylelib.engine.fast import gram_matrix
from stylelib.engine.strips import StripLoss
from stylelib.objective import CONTENT_LAYERS, STYLE_LAYERS, TransferLoss
from stylelib.style.statistics import STATISTICS

from .report import Goal, Table, pyplot, save_svg, times_text
from .tools import (
    SETTINGS,
    evaluator,
    has_amx,
    interleaved,
    network_in,
    ratio,
    sample_pictures,
    stylizes_loss,
)

TITLE = "one evaluation of loss and gradient"
MINUTES = 3
DEEPEST = STYLE_LAYERS[-1]


class BareLoop:
    """Style transfer with nothing around it: VGG-19 as a row of modules up to relu5_1, and plain Gram losses.

    Args:
        network: whose weights to take (channels last, frozen).
        photo, painting: (1, 3, H, W).
    """

    def __init__(self, network, photo, painting):
        names = network.layers[:network.layers.index(DEEPEST) + 1]
        self.names = names
        self.modules = nn.Sequential(*(nn.ReLU(inplace=True) if name.startswith("relu")
                                       else network.stages[name] for name in names))
        self.mean = torch.tensor(network.preprocessing.mean).view(1, 3, 1, 1)
        with torch.no_grad():
            self.content, _ = self.describe(photo)
            _, self.style = self.describe(painting)

    def describe(self, image):
        x = (image.flip(1) * 255 - self.mean).to(memory_format=torch.channels_last)
        content, style = {}, {}
        for name, module in zip(self.names, self.modules, strict=True):
            x = module(x)
            if name in CONTENT_LAYERS:
                content[name] = x
            if name in STYLE_LAYERS:
                flat = x[0].flatten(1)
                style[name] = flat @ flat.T / flat.shape[1]
        return content, style

    def __call__(self, image):
        content, style = self.describe(image)
        return {"content": sum((content[name] - self.content[name]).square().mean() for name in content),
                "style": sum((style[name] - self.style[name]).square().sum() / (4 * len(style[name])**2)
                             for name in style)}


def measure(quick, folder):
    """{size: seconds of each way, in each round}, the shares of the blocks, and the statistics' seconds."""
    sizes, rounds = ((64, 96), 2) if quick else ((256, 512), 15)
    network = load_network()
    result = {"sizes": {}, "amx": has_amx()}
    for size in sizes:
        photo, painting = sample_pictures(size)
        ways = {"bare loop": BareLoop(network, photo, painting),
                "TransferLoss": TransferLoss(network, photo, painting, **SETTINGS)}
        chosen = stylizes_loss(network, photo, painting)
        if isinstance(chosen, StripLoss):
            ways["StripLoss"] = chosen
        ways["bfloat16"] = stylizes_loss(network_in("bfloat16"), photo, painting)
        evaluators = {name: evaluator(loss, photo) for name, loss in ways.items()}
        result["sizes"][str(size)] = {"chosen": type(chosen).__name__,
                                      "in_bfloat16": type(ways["bfloat16"]).__name__,
                                      "times": interleaved(evaluators, rounds)}
    result["blocks"] = {"size": sizes[-1], "rows": _blocks(network, sample_pictures(sizes[-1])[0], rounds)}
    times = _statistics(network, *sample_pictures(sizes[0]), rounds)
    result["statistics"] = {"size": sizes[0], "times": times}
    return result


def _statistics(network, photo, painting, rounds):
    """Seconds of each statistic in all style layers: the distance and its gradient, without the network."""
    functions = {}
    with torch.no_grad():
        painted, shown = (network(picture, list(STYLE_LAYERS)).values() for picture in (painting, photo))
        for name, statistic in STATISTICS.items():
            targets = [statistic.describe(features) for features in painted]
            functions[name] = _forward_and_back(_distances(statistic, targets), *shown)
    return interleaved(functions, rounds)


def _distances(statistic, targets):
    """A function of the layers' activations: the sum of their distances."""
    return lambda *layers: sum(statistic.distance(features, target)
                               for features, target in zip(layers, targets, strict=True))


def _blocks(network, photo, rounds):
    """Each block of VGG by itself, and the Gram matrices: {name: [gigaflops, seconds]}."""
    functions, work, x, name_of_block = {}, {}, network.preprocess(photo), None
    names = network.layers[:network.layers.index(DEEPEST) + 1]
    inputs, stages = {}, {}
    grams, gram_work = [], 0
    with torch.no_grad():
        for name in names:
            name_of_block = f"block {name.removeprefix('pool')[-1] if name.startswith('pool') else name[4]}"
            if name_of_block not in inputs:
                inputs[name_of_block], stages[name_of_block], work[name_of_block] = x, [], 0
            stage = network.stages[name]
            # a multiplication and an addition for each weight and position, there and back
            if isinstance(stage, nn.Conv2d):
                work[name_of_block] += 2 * 2 * stage.weight.numel() * x.shape[2] * x.shape[3]
            stages[name_of_block].append(stage)
            x = stage(x)
            if name in STYLE_LAYERS:                # one product for F F^T, one for its gradient
                grams.append(x)
                gram_work += 2 * 2 * x.shape[1]**2 * x.shape[2] * x.shape[3]
    for name_of_block, start in inputs.items():
        functions[name_of_block] = _forward_and_back(nn.Sequential(*stages[name_of_block]), start)
    functions["Gram matrices"] = _forward_and_back(
        lambda *features: sum(gram_matrix(F).sum() for F in features), *grams)
    work["Gram matrices"] = gram_work
    times = interleaved(functions, rounds)
    return {name: [work[name] / 1e9, statistics.median(times[name])] for name in functions}


def _forward_and_back(module, *inputs):
    inputs = [x.detach().requires_grad_(True) for x in inputs]

    def run():
        output = module(*inputs)
        torch.autograd.grad(output, inputs, torch.ones_like(output))
    return run


def _shares(result):
    """{part of the network: (share of the arithmetic, share of the time)}."""
    rows = result["blocks"]["rows"]
    all_work, all_seconds = (sum(column) for column in zip(*rows.values(), strict=True))
    return {name: (work / all_work, took / all_seconds) for name, (work, took) in rows.items()}


def tables(result):
    costs = []
    for size, measured in result["sizes"].items():
        times = measured["times"]
        for name in times:
            label = {"TransferLoss": "ours: `TransferLoss`", "StripLoss": "ours: `StripLoss`, less memory",
                     "bfloat16": f"ours: `{measured['in_bfloat16']}` in bfloat16"}.get(name, name)
            chosen = " (what `stylize` takes)" if name == measured["chosen"] else ""
            costs.append([f"{size} px", label + chosen, times_text(ratio(times, name, "bare loop")),
                          f"{statistics.median(times[name]):.2f} s"])
    shares = [[name, f"{100 * work:.0f} %", f"{100 * took:.0f} %"]
              for name, (work, took) in _shares(result).items()]
    small, times = result["statistics"]["size"], result["statistics"]["times"]
    others = [[f"`{name}`", times_text(ratio(times, name, "gram")), f"{statistics.median(times[name]):.3f} s"]
              for name in times]
    return {"statistics": Table(f"Each statistic's distance and gradient at {small} px, without the network",
                                ["statistic", "beside the Gram matrix", "seconds"], others),
            "costs": Table("One evaluation of loss and gradient, float32 unless it says otherwise",
                           ["picture", "way", "beside the bare loop", "seconds"], costs),
            "blocks": Table(f"Where one evaluation's work lies, at {result['blocks']['size']} px",
                            ["part", "arithmetic", "time"], shares)}


def goals(result):
    for size, measured in result["sizes"].items():
        times = measured["times"]
        cost = ratio(times, measured["chosen"], "bare loop")
        yield Goal(f"one float32 evaluation at {size} px: at most 1.05 times the bare loop", times_text(cost),
                   cost <= 1.05)
        if result["amx"]:
            cost = ratio(times, "bfloat16", "bare loop")
            yield Goal(f"one bfloat16 evaluation at {size} px: at most 0.3 times the bare loop",
                       times_text(cost), cost <= 0.3)


def figures(result, folder):
    """blocks.svg: two bars for each part of the network."""
    shares = _shares(result)
    figure, axis = pyplot().subplots(figsize=(7, 2.6), layout="constrained")
    for i, (label, color) in enumerate((("arithmetic", "0.75"), ("time", "C0"))):
        heights = [100 * pair[i] for pair in shares.values()]
        axis.bar([x + 0.4 * i for x in range(len(shares))], heights, 0.38, color=color, edgecolor="black",
                 label=label)
    axis.set_xticks([x + 0.2 for x in range(len(shares))], shares)
    axis.set_ylabel("% of one evaluation")
    axis.legend()
    save_svg(figure, folder / "blocks.svg")
