"""Checker of notebook 08's bug hunt: a training in which only the painter's weights change."""
import copy
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.optim.optimizer import register_optimizer_step_pre_hook

from ...losses import gram_matrix
from .verdict import Mistake, equal, exercise, explained, returned

STYLE_WEIGHT = 10.0
LAYERS = ("relu1_1", "relu2_1")
NETWORK_CHANGED = ("the weights of the network have changed: it learns to be pleased with any picture, and "
                   "the loss falls for nothing. Give the optimiser the painter's weights alone, "
                   "painter.parameters()")
ERRORS = (
    ("does not require grad",
     "no gradient gets to the painter's weights. They need not change the network, but they must get "
     "*through* it: no torch.no_grad() and no detach() around network(picture, ...); around the photo's "
     "they do no harm"),
    ("second time", "a graph is used again that backward() has thrown away: paint and compare each photo "
                    "anew"),
    ("'dict'", "network(image, layers) returns a dictionary: look up [layer] in it"),
    ("given to the optimizer", "an optimiser takes parameters: painter.parameters()"),
    ("'Painter' object is not iterable", "an optimiser takes parameters: painter.parameters()"),
    ("no attribute 'backward'", "a plain number has no gradient: .item() comes after backward()"),
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

    def forward(self, image: Tensor, layers: list[str]) -> dict[str, Tensor]:
        """(1, 3, H, W) -> {layer: activations}."""
        one = self.first(image).relu()
        features = {LAYERS[0]: one, LAYERS[1]: self.second(one).relu()}
        return {layer: features[layer] for layer in layers}


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
    """Check `training(painter, network, photos, grams)` -> losses: one step of the painter for each photo."""
    painter, network, photos, grams = _toys()
    fixed, watch = copy.deepcopy(network), Watch(painter)
    before = [value.detach().clone() for value in painter.parameters()]
    handle = register_optimizer_step_pre_hook(watch.before)
    try:
        got = explained(ERRORS, answer, painter, network, [photo.clone() for photo in photos], dict(grams))
    finally:
        handle.remove()
    _check_network(network, fixed)
    _check_painting(painter, photos)
    moved = any(not torch.equal(old, new.detach()) for old, new in zip(before, painter.parameters()))
    _check_steps(watch, moved, len(photos))
    _check_gradients(watch, fixed, photos, grams)
    if not moved:
        raise Mistake("the painter's weights have not changed: call optimizer.step() after backward()")
    _check_losses(got, fixed, painter.notes, grams)
    return "The network looks on, and stays as it is."


def _toys():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(8)
        painter, network = Painter(), Network()
        photos = [torch.rand(1, 3, 12, 16) for _ in range(5)]
        painting = torch.rand(1, 3, 15, 11).square()
    with torch.no_grad():
        grams = {layer: gram_matrix(F) for layer, F in network(painting, list(LAYERS)).items()}
    return painter, network, photos, grams


def _check_network(network, fixed):
    if any(not torch.equal(old, new) for old, new in zip(fixed.parameters(), network.parameters())):
        frozen = "" if network.training else ". network.eval() does not freeze weights"
        raise Mistake(NETWORK_CHANGED + frozen)


def _check_painting(painter, photos):
    """Was each photo painted, in order?"""
    if not painter.notes:
        raise Mistake("the painter has painted nothing: picture = painter(photo)")
    seen = [photo for photo, _ in painter.notes]
    if len(seen) > len(photos):
        raise Mistake(f"{len(seen)} pictures were painted of {len(photos)} photos: one of each is enough")
    if len(seen) < len(photos):
        raise Mistake(f"{len(seen)} of {len(photos)} photos were painted: is `return` inside your loop?")
    if not all(torch.equal(one, other) for one, other in zip(seen, photos)):
        raise Mistake("the painter must be given the photos, each as it is and in their order")


def _check_steps(watch, moved, count):
    steps = len(watch.optimizers)
    if moved and not steps:             # weights changed by hand
        return
    if not steps:
        raise Mistake("no optimiser has made a step: optimizer.step() after backward()")
    if steps != count:
        raise Mistake(f"{steps} steps for {count} photos: one for each is expected, inside the loop")
    if len({id(optimizer) for optimizer in watch.optimizers}) > 1:
        raise Mistake("a new optimiser for each photo remembers nothing of the photos before: make one, "
                      "before the loop")
    held = {id(value) for group in watch.optimizers[0].param_groups for value in group["params"]}
    if not {id(value) for value in watch.painter.parameters()} <= held:
        raise Mistake("the optimiser does not hold all of the painter's weights: painter.parameters()")


def _check_gradients(watch, network, photos, grams):
    """Is it the gradient of the right loss that the optimiser follows?"""
    earlier = [torch.zeros_like(gradient) for gradient in watch.gradients[0]] if watch.gradients else []
    for i, (found, weights) in enumerate(zip(watch.gradients, watch.weights)):
        photo = photos[i]
        right = _gradient(watch.painter, weights, photo, _total(network, photo, grams))
        if not any(map(torch.any, found)):
            raise Mistake("step() finds no gradient: the order is zero_grad, backward, step")
        if _agree(found, right):
            earlier = [before + now for before, now in zip(earlier, right)]
            continue
        if i and _agree(found, [before + now for before, now in zip(earlier, right)]):
            raise Mistake("the gradients of all photos pile up in .grad: call optimizer.zero_grad() before "
                          "each backward()")
        for wrong, hint in _wrong_losses(network, photo, grams):
            if _agree(found, _gradient(watch.painter, weights, photo, wrong)):
                raise Mistake(hint)
        raise Mistake(f"at photo {i + 1} the optimiser follows another gradient than that of the loss in "
                      "the docstring: content + 10 style")


def _total(network, photo, grams):
    return lambda picture: sum(terms(network, picture, photo, grams))


def _gradient(painter, weights, photo, loss):
    """Of a loss of the picture, towards these weights."""
    weights = {name: value.clone().requires_grad_(True) for name, value in weights.items()}
    total = loss(functional_call(copy.deepcopy(painter), weights, photo))
    found = torch.autograd.grad(total, list(weights.values()), allow_unused=True)
    return [torch.zeros_like(value) if gradient is None else gradient
            for gradient, value in zip(found, weights.values())]


def _agree(found, right):
    return equal(torch.cat([x.flatten() for x in found]), torch.cat([x.flatten() for x in right]))


def terms(network: nn.Module, picture: Tensor, photo: Tensor, grams: dict[str, Tensor]) -> list[Tensor]:
    """[content, 10 style], both relative: what a training lowers."""
    deepest = list(grams)[-1]
    F = network(picture, list(grams))
    P = network(photo, [deepest])[deepest]
    content = (F[deepest] - P).square().mean() / P.square().mean()
    styles = [(gram_matrix(F[layer]) - A).square().sum() / A.square().sum() for layer, A in grams.items()]
    return [content, STYLE_WEIGHT * torch.stack(styles).mean()]


def _wrong_losses(network, photo, grams) -> Iterator[tuple[Callable[[Tensor], Tensor], str]]:
    """(a wrong loss of the picture, hint)."""
    layers = list(grams)

    def part(content, style, of=grams):
        def loss(picture):
            return (content * terms(network, picture, photo, grams)[0]
                    + style * terms(network, picture, photo, of)[1])
        return loss

    with torch.no_grad():
        own = {layer: gram_matrix(F) for layer, F in network(photo, layers).items()}
    yield part(0, 1), ("the content has no influence: does it stand in the sum, and is its target what the "
                       "network sees in the *photo*, network(photo, ...)?")
    yield part(1, 0), "the style has no influence: add 10 times the mean of its relative losses"
    yield part(1, 1, own), "the style is compared with the photo's own Gram matrices: compare with grams"
    yield part(1, 1 / STYLE_WEIGHT), "the style counts ten times: content + 10 * style"
    yield part(STYLE_WEIGHT, 1 / STYLE_WEIGHT), "it is the style that counts ten times, not the content"
    yield part(STYLE_WEIGHT, 1), "the style counts ten times, the content once: mind the brackets"
    yield part(1, len(layers)), "the style is the *mean* over the layers, not the sum: divide by len(grams)"
    for layer in layers:
        only = {layer: grams[layer]}
        for share in (1, 1 / len(layers)):
            yield (part(1, share, only),
                   f"of the style layers only {layer} counts: does the loop overwrite its sum?")
    yield part(-1, -1), "the loss is raised instead of lowered: mind the sign"


def _check_losses(got, network, notes, grams):
    """One plain number for each photo, and the right one?"""
    if not isinstance(returned(got), (list, tuple)):
        raise Mistake(f"a list of losses is expected, one for each photo; got {type(got).__name__}")
    if any(isinstance(value, Tensor) and value.requires_grad for value in got):
        raise Mistake("the losses still hold the graphs that made them, and the memory of all photos: "
                      "append loss.item()")
    with torch.no_grad():
        parts = [terms(network, picture, photo, grams) for photo, picture in notes]
    right = [float(content + style) for content, style in parts]
    if len(got) != len(right):
        raise Mistake(f"{len(got)} losses for {len(right)} photos: append one in each round")
    values = [float(value) for value in got]
    for wrong, hint in (([float(content) for content, _ in parts], "what you return is the content alone"),
                        ([float(style) for _, style in parts], "what you return is the style alone")):
        if _close(values, wrong):
            raise Mistake(f"{hint}: append their sum")
    if not _close(values, right):
        raise Mistake("the losses that you return are not those of the pictures, content + 10 style: "
                      "append loss.item() in each round")


def _close(values, others):
    return all(math.isclose(value, other, rel_tol=1e-3) for value, other in zip(values, others))
