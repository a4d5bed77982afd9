"""Checker of notebook 08's bug hunt: a training in which only the painter's weights change."""
import copy
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.optim.optimizer import register_optimizer_step_pre_hook

from ...engine.language import mark, tr
from ...losses import gram_matrix
from .verdict import Mistake, equal, exercise, explained, returned

STYLE_WEIGHT = 10.0
LAYERS = ("relu1_1", "relu2_1")
ERRORS = (
    ("does not require grad",
     mark("no gradient gets to the painter's weights. They need not change the network, but they must get "
          "*through* it: no torch.no_grad() and no detach() around network(picture, ...); around the photo's "
          "they do no harm")),
    ("second time", mark("a graph is used again that backward() has thrown away: paint and compare each "
                         "photo anew")),
    ("'photo' and 'network'", mark("loss needs all three: loss(picture, photo, network)")),
    ("argument: 'network'", mark("loss needs all three: loss(picture, photo, network)")),
    ("'int' and 'str'", mark("sum(loss(...)) adds up the names of the terms: write sum(loss(...).values())")),
    ("'dict'", mark("loss returns a dictionary of terms: add them up with sum(loss(...).values())")),
    ("given to the optimizer", mark("an optimiser takes parameters: painter.parameters()")),
    ("'Painter' object is not iterable", mark("an optimiser takes parameters: painter.parameters()")),
    ("no attribute 'backward'", mark("a plain number has no gradient: .item() comes after backward()")),
)


class Painter(nn.Module):
    """A painter of twelve numbers, which takes notes: the photos, and the pictures that it made of them."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 1)
        self.notes: list[tuple[Tensor, Tensor]] = []

    def forward(self, photo: Tensor) -> Tensor:
        """(1, 3, H, W) -> (1, 3, H, W)."""
        picture = self.conv(photo).sigmoid()
        self.notes.append((photo.detach().clone(), picture.detach().clone()))
        return picture


class Network(nn.Module):
    """Two layers in the manner of VGG. Its weights want gradients, as those of any new module."""

    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Conv2d(3, 4, 3), nn.Conv2d(4, 5, 3, stride=2)

    def forward(self, image: Tensor, layers: Sequence[str] = LAYERS) -> dict[str, Tensor]:
        """(1, 3, H, W) -> {layer: activations}."""
        one = self.first(image).relu()
        features = {LAYERS[0]: one, LAYERS[1]: self.second(one).relu()}
        return {layer: features[layer] for layer in layers}


class Loss:
    """Content and style, both relative, of a picture: what a training lowers. It takes notes, too.

    Args:
        painting: its Gram matrices are the aim.
        network: describes it.
    """

    def __init__(self, painting: Tensor, network: Network):
        with torch.no_grad():
            self.grams = {layer: gram_matrix(F) for layer, F in network(painting).items()}
        self.network = network
        self.notes: list[tuple[Tensor, Tensor, bool]] = []      # picture, photo, was it our network?

    def __call__(self, picture: Tensor, photo: Tensor, network: nn.Module) -> dict[str, Tensor]:
        """{"content": scalar, "style": scalar}, weighted."""
        self.notes.append((picture.detach().clone(), photo.detach().clone(), network is self.network))
        return dict(zip(("content", "style"), self.terms(picture, photo, network)))

    def terms(self, picture: Tensor, photo: Tensor, network: nn.Module) -> list[Tensor]:
        """[content, style], without a note."""
        F, P = network(picture), network(photo)[LAYERS[-1]].detach()
        content = (F[LAYERS[-1]] - P).square().mean() / P.square().mean()
        styles = [(gram_matrix(F[layer]) - A).square().sum() / A.square().sum()
                  for layer, A in self.grams.items()]
        return [content, STYLE_WEIGHT * torch.stack(styles).mean()]


@dataclass
class Watch:
    """What was noted at each step of an optimiser."""

    painter: Painter
    weights: list[dict[str, Tensor]] = field(default_factory=list)      # before the step
    gradients: list[list[Tensor]] = field(default_factory=list)
    painted: list[int] = field(default_factory=list)                    # photos so far
    optimizers: list[torch.optim.Optimizer] = field(default_factory=list)

    def before(self, optimizer, arguments, options):
        """Called by PyTorch before each step of any optimiser."""
        self.weights.append({name: value.detach().clone()
                             for name, value in self.painter.named_parameters()})
        self.gradients.append([torch.zeros_like(value) if value.grad is None else value.grad.clone()
                               for value in self.painter.parameters()])
        self.painted.append(len(self.painter.notes))
        self.optimizers.append(optimizer)


@exercise
def training_bug(answer: Callable) -> str:
    """Check `training(painter, network, photos, loss)` -> losses: one step of the painter for each photo."""
    painter, network, photos, loss = _toys()
    fixed, watch = copy.deepcopy(network), Watch(painter)
    before = [value.detach().clone() for value in painter.parameters()]
    handle = register_optimizer_step_pre_hook(watch.before)
    try:
        got = explained(ERRORS, answer, painter, network, [photo.clone() for photo in photos], loss)
    finally:
        handle.remove()
    _check_network(network, fixed)
    _check_painting(painter, photos)
    _check_comparisons(loss, painter)
    moved = any(not torch.equal(old, new.detach()) for old, new in zip(before, painter.parameters()))
    _check_steps(watch, moved, len(photos))
    _check_gradients(watch, fixed, photos, loss)
    if not moved:
        raise Mistake(tr("the painter's weights have not changed: call optimizer.step() after backward()"))
    _check_losses(got, fixed, painter.notes, loss)
    return tr("The network looks on, and stays as it is.")


def _toys():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(8)
        painter, network = Painter(), Network()
        photos = [torch.rand(1, 3, 12, 16) for _ in range(5)]
        painting = torch.rand(1, 3, 15, 11).square()
    return painter, network, photos, Loss(painting, network)


def _check_network(network, fixed):
    if any(not torch.equal(old, new) for old, new in zip(fixed.parameters(), network.parameters())):
        if network.training:
            raise Mistake(tr("the weights of the network have changed: it learns to be pleased with any "
                             "picture, and the loss falls for nothing. Give the optimiser the painter's "
                             "weights alone, painter.parameters()"))
        raise Mistake(tr("the weights of the network have changed: it learns to be pleased with any picture, "
                         "and the loss falls for nothing. Give the optimiser the painter's weights alone, "
                         "painter.parameters(). network.eval() does not freeze weights"))


def _check_painting(painter, photos):
    """Was each photo painted, in order?"""
    if not painter.notes:
        raise Mistake(tr("the painter has painted nothing: picture = painter(photo)"))
    seen = [photo for photo, _ in painter.notes]
    if len(seen) > len(photos):
        raise Mistake(tr("{painted} pictures were painted of {photos} photos: one of each is enough",
                         painted=len(seen), photos=len(photos)))
    if len(seen) < len(photos):
        raise Mistake(tr("{painted} of {photos} photos were painted: is `return` inside your loop?",
                         painted=len(seen), photos=len(photos)))
    if not all(torch.equal(one, other) for one, other in zip(seen, photos)):
        raise Mistake(tr("the painter must be given the photos, each as it is and in their order"))


def _check_comparisons(loss, painter):
    """Was the loss asked about the picture and its photo, with the network?"""
    if not loss.notes:
        raise Mistake(tr("the loss is never computed: loss(picture, photo, network)"))
    for (picture, photo, by_network), (original, painted) in zip(loss.notes, painter.notes):
        if not by_network:
            raise Mistake(tr("the loss needs the network that was handed in: loss(picture, photo, network)"))
        if torch.equal(picture, original) and torch.equal(photo, painted):
            raise Mistake(tr("picture and photo are exchanged: loss(picture, photo, network)"))
        if not (torch.equal(picture, painted) and torch.equal(photo, original)):
            raise Mistake(tr("the loss compares each picture with the photo that it was painted from: "
                             "loss(picture, photo, network)"))


def _check_steps(watch, moved, count):
    steps = len(watch.optimizers)
    if moved and not steps:             # weights changed by hand
        return
    if not steps:
        raise Mistake(tr("no optimiser has made a step: optimizer.step() after backward()"))
    if steps != count:
        raise Mistake(tr("{steps} steps for {photos} photos: one for each is expected, inside the loop",
                         steps=steps, photos=count))
    if len({id(optimizer) for optimizer in watch.optimizers}) > 1:
        raise Mistake(tr("a new optimiser for each photo remembers nothing of the photos before: make one, "
                         "before the loop"))
    held = {id(value) for group in watch.optimizers[0].param_groups for value in group["params"]}
    if not {id(value) for value in watch.painter.parameters()} <= held:
        raise Mistake(tr("the optimiser does not hold all of the painter's weights: painter.parameters()"))


def _check_gradients(watch, network, photos, loss):
    """Is it the gradient of the right loss that the optimiser follows?"""
    earlier = [torch.zeros_like(gradient) for gradient in watch.gradients[0]] if watch.gradients else []
    for i, (found, weights) in enumerate(zip(watch.gradients, watch.weights)):
        of_term = [_gradient(watch.painter, weights, photos[i], _term(loss, network, photos[i], k))
                   for k in range(2)]
        right = _sum(of_term, (1, 1))
        if not any(map(torch.any, found)):
            raise Mistake(tr("step() finds no gradient in the painter's weights: the order is zero_grad, "
                             "backward, step; and picture must not be detached"))
        if _agree(found, right):
            earlier = [before + now for before, now in zip(earlier, right)]
            continue
        if i and _agree(found, [before + now for before, now in zip(earlier, right)]):
            raise Mistake(tr("the gradients of all photos pile up in .grad: call optimizer.zero_grad() "
                             "before each backward()"))
        for factors, hint in WRONG_SUMS:
            if _agree(found, _sum(of_term, factors)):
                raise Mistake(tr(hint))
        raise Mistake(tr("at photo {number} the optimiser follows another gradient than that of "
                         "sum(loss(picture, photo, network).values())", number=i + 1))


WRONG_SUMS = (
    ((0, 1), mark("the content has no influence: add up all terms, sum(loss(...).values())")),
    ((1, 0), mark("the style has no influence: add up all terms, sum(loss(...).values())")),
    ((-1, -1), mark("the loss is raised instead of lowered: mind the sign")),
    ((1, STYLE_WEIGHT), mark("the terms are weighted already: add them up as they are")),
)


def _term(loss, network, photo, index):
    return lambda picture: loss.terms(picture, photo, network)[index]


def _sum(gradients, factors):
    return [sum(factor * part for factor, part in zip(factors, parts)) for parts in zip(*gradients)]


def _gradient(painter, weights, photo, loss):
    """Of a loss of the picture, towards these weights."""
    weights = {name: value.clone().requires_grad_(True) for name, value in weights.items()}
    total = loss(functional_call(copy.deepcopy(painter), weights, photo))
    found = torch.autograd.grad(total, list(weights.values()), allow_unused=True)
    return [torch.zeros_like(value) if gradient is None else gradient
            for gradient, value in zip(found, weights.values())]


def _agree(found, right):
    return equal(torch.cat([x.flatten() for x in found]), torch.cat([x.flatten() for x in right]))


def _check_losses(got, network, notes, loss):
    """One plain number for each photo, and the right one?"""
    if not isinstance(returned(got), (list, tuple)):
        raise Mistake(tr("a list of losses is expected, one for each photo; got {type}",
                         type=type(got).__name__))
    if any(isinstance(value, Tensor) and value.requires_grad for value in got):
        raise Mistake(tr("the losses still hold the graphs that made them, and the memory of all photos: "
                         "append total.item()"))
    with torch.no_grad():
        parts = [loss.terms(picture, photo, network) for photo, picture in notes]
    right = [float(content + style) for content, style in parts]
    if len(got) != len(right):
        raise Mistake(tr("{losses} losses for {photos} photos: append one in each round", losses=len(got),
                         photos=len(right)))
    values = [float(value) for value in got]
    if _close(values, [float(content) for content, _ in parts]):
        raise Mistake(tr("what you return is the content alone: append their sum"))
    if _close(values, [float(style) for _, style in parts]):
        raise Mistake(tr("what you return is the style alone: append their sum"))
    if not _close(values, right):
        raise Mistake(tr("the losses that you return are not those of the pictures, content + 10 style: "
                         "append total.item() in each round"))


def _close(values, others):
    return all(math.isclose(value, other, rel_tol=1e-3) for value, other in zip(values, others))
