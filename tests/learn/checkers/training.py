"""Answers to the bug hunt of notebook 08: a training whose network looks on."""
import copy
from collections.abc import Callable
from dataclasses import dataclass, field

import torch

from stylelib.learn.check import training_bug

from ..answers import table


@dataclass(frozen=True)
class Training:
    """A right one, with a switch for each way to break it."""

    held: Callable = lambda painter, network: painter.parameters()
    make: Callable = lambda weights: torch.optim.Adam(weights, lr=0.01)
    prepare: Callable = lambda painter, network: None
    see: Callable = lambda picture: picture
    add: Callable = lambda terms: sum(terms.values())
    order: tuple = field(default=("zero", "backward", "step"))
    keep: Callable = lambda total, terms: total.item()
    each_time: bool = False

    def __call__(self, painter, network, photos, loss):
        self.prepare(painter, network)
        optimizer, losses = self.make(self.held(painter, network)), []
        for photo in photos:
            if self.each_time:
                optimizer = self.make(self.held(painter, network))
            terms = loss(self.see(painter(photo)), photo, network)
            total = self.add(terms)
            actions = {"zero": optimizer.zero_grad, "backward": total.backward, "step": optimizer.step}
            for action in self.order:
                actions[action]()
            losses.append(self.keep(total, terms))
        return losses


def everything(painter, network):
    return [*painter.parameters(), *network.parameters()]


def freeze(painter, network):
    network.requires_grad_(False)


def by_hand(painter, network, photos, loss):
    """Gradient descent without an optimiser."""
    losses, weights = [], list(painter.parameters())
    for photo in photos:
        total = sum(loss(painter(photo), photo, network).values())
        gradients = torch.autograd.grad(total, weights)
        with torch.no_grad():
            for weight, gradient in zip(weights, gradients):
                weight -= 0.01 * gradient
        losses.append(total.item())
    return losses


def stacked(painter, network):
    """One module of both, as one often sees it."""
    return torch.nn.ModuleList([painter, network]).parameters()


def with_loss(change):
    """A right training, with a loss that is asked otherwise: change(loss, picture, photo, network)."""
    def answer(painter, network, photos, loss):
        return Training()(painter, network, photos, lambda *given: change(loss, *given))
    return answer


def without_gradients(loss, picture, photo, network):
    with torch.no_grad():
        return loss(picture, photo, network)


def first_only(painter, network, photos, loss):
    return Training()(painter, network, photos[:1], loss)


def same_photo(painter, network, photos, loss):
    return Training()(painter, network, [photos[0]] * len(photos), loss)


def twice(painter, network, photos, loss):
    return Training()(painter, network, photos * 2, loss)[:len(photos)]


def looks_only(painter, network, photos, loss):
    return [sum(loss(photo, photo, network).values()).item() for photo in photos]


ROWS = table(training_bug, {
    "the painter's weights": Training(),
    "the network frozen": Training(prepare=freeze),
    "frozen, though the optimiser holds it": Training(held=everything, prepare=freeze),
    "by hand": by_hand,
    "SGD": Training(make=lambda weights: torch.optim.SGD(weights, lr=0.01)),
    "zero_grad at the end": Training(order=("backward", "step", "zero")),
    "both terms by name": Training(add=lambda terms: terms["content"] + terms["style"]),
    "small steps": Training(make=lambda weights: torch.optim.Adam(weights, lr=1e-4)),
    "losses as tensors": Training(keep=lambda total, terms: total.detach()),
}, [
    ("both are trained", Training(held=everything), "it learns to be pleased with any picture"),
    ("both in one module", Training(held=stacked), "it learns to be pleased with any picture"),
    ("eval() for frozen", Training(held=everything, prepare=lambda painter, network: network.eval()),
     "network.eval() does not freeze weights"),
    ("only the network", Training(held=lambda painter, network: network.parameters()),
     "it learns to be pleased with any picture"),
    ("loss in no_grad", with_loss(without_gradients), "get *through* it"),
    ("picture detached", Training(see=lambda picture: picture.detach()), "picture must not be detached"),
    ("exchanged", with_loss(lambda loss, picture, photo, network: loss(photo, picture, network)),
     "are exchanged"),
    ("compared with itself", with_loss(lambda loss, picture, photo, network: loss(picture, picture, network)),
     "with the photo that it was painted from"),
    ("a copy of the network", with_loss(lambda loss, picture, photo, network: loss(
        picture, photo, copy.deepcopy(network))), "the network that was handed in"),
    ("two arguments", with_loss(lambda loss, picture, photo, network: loss(picture, photo)), "all three"),
    ("one argument", with_loss(lambda loss, picture, photo, network: loss(picture)), "all three"),
    ("no loss", lambda painter, network, photos, loss: [painter(photo).mean().item() for photo in photos],
     "the loss is never computed"),
    (Training(add=lambda terms: terms["style"]), "the content has no influence"),
    (Training(add=lambda terms: terms["content"]), "the style has no influence"),
    (Training(add=lambda terms: -sum(terms.values())), "mind the sign"),
    (Training(add=lambda terms: terms["content"] + 10 * terms["style"]), "weighted already"),
    ("other weights", Training(add=lambda terms: 3 * terms["content"] + terms["style"]), "another gradient"),
    ("sum of the names", Training(add=sum), "adds up the names"),
    ("the dictionary", Training(add=lambda terms: terms), "a dictionary of terms"),
    ("no zero_grad", Training(order=("backward", "step")), "pile up"),
    ("zero_grad in between", Training(order=("backward", "zero", "step")), "step() finds no gradient"),
    ("step before backward", Training(order=("zero", "step", "backward")), "step() finds no gradient"),
    ("no step", Training(order=("zero", "backward")), "no optimiser has made a step"),
    ("two steps", Training(order=("zero", "backward", "step", "step")), "10 steps for 5 photos"),
    ("a new optimiser", Training(each_time=True), "remembers nothing"),
    ("one weight only", Training(held=lambda painter, network: [painter.conv.bias]),
     "does not hold all of the painter's weights"),
    ("a learning rate of 0", Training(make=lambda weights: torch.optim.SGD(weights, lr=0.0)),
     "the painter's weights have not changed"),
    ("losses with graphs", Training(keep=lambda total, terms: total), "append total.item()"),
    ("only content kept", Training(keep=lambda total, terms: terms["content"].item()), "the content alone"),
    ("only style kept", Training(keep=lambda total, terms: terms["style"].item()), "the style alone"),
    ("losses of something else", Training(keep=lambda total, terms: 2 * total.item()),
     "not those of the pictures"),
    ("one loss", lambda *given: Training()(*given)[-1], "a list of losses"),
    ("too few losses", lambda *given: Training()(*given)[1:], "4 losses for 5 photos"),
    ("nothing returned", lambda *given: Training()(*given) and None, "returned None"),
    ("first photo only", first_only, "1 of 5 photos"),
    ("one photo again and again", same_photo, "each as it is and in their order"),
    ("twice", twice, "10 pictures were painted of 5 photos"),
    ("paints nothing", looks_only, "painted nothing"),
    ("the painter itself", Training(held=lambda painter, network: painter), "painter.parameters()"),
    ("item before backward", Training(add=lambda terms: sum(terms.values()).item()),
     "comes after backward()"),
])
