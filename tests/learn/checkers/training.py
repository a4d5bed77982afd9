"""Answers to notebook 08's bug hunt: a training whose network looks on."""
from collections.abc import Callable
from dataclasses import dataclass, field

import torch

from stylelib import gram_matrix
from stylelib.learn.check import training_bug

from ..answers import table


def content_of(F, P):
    return (F - P).square().mean() / P.square().mean()


def style_of(features, grams):
    return sum((gram_matrix(features[layer]) - A).square().sum() / A.square().sum()
               for layer, A in grams.items()) / len(grams)


def seen(network, image, layer):
    return network(image, [layer])[layer]


def photo_content(network, picture, photo, layer):
    with torch.no_grad():
        return seen(network, photo, layer)


@dataclass(frozen=True)
class Training:
    """A right one, with a switch for each way to break it."""

    held: Callable = lambda painter, network: painter.parameters()
    make: Callable = lambda weights: torch.optim.Adam(weights, lr=0.01)
    prepare: Callable = lambda painter, network: None
    target: Callable = photo_content
    see: Callable = lambda network, picture, layers: network(picture, layers)
    style: Callable = style_of
    add: Callable = lambda content, style: content + 10 * style
    order: tuple = field(default=("zero", "backward", "step"))
    keep: Callable = lambda loss, content, style: loss.item()
    each_time: bool = False

    def __call__(self, painter, network, photos, grams):
        self.prepare(painter, network)
        optimizer, losses, deepest = self.make(self.held(painter, network)), [], list(grams)[-1]
        for photo in photos:
            if self.each_time:
                optimizer = self.make(self.held(painter, network))
            picture = painter(photo)
            features = self.see(network, picture, list(grams))
            content = content_of(features[deepest], self.target(network, picture, photo, deepest))
            style = self.style(features, grams)
            loss = self.add(content, style)
            actions = {"zero": optimizer.zero_grad, "backward": loss.backward, "step": optimizer.step}
            for action in self.order:
                actions[action]()
            losses.append(self.keep(loss, content, style))
        return losses


def everything(painter, network):
    return [*painter.parameters(), *network.parameters()]


def freeze(painter, network):
    network.requires_grad_(False)


def by_hand(painter, network, photos, grams):
    """Gradient descent without an optimiser."""
    losses, deepest, weights = [], list(grams)[-1], list(painter.parameters())
    for photo in photos:
        features = network(painter(photo), list(grams))
        target = network(photo, [deepest])[deepest].detach()
        loss = content_of(features[deepest], target) + 10 * style_of(features, grams)
        gradients = torch.autograd.grad(loss, weights)
        with torch.no_grad():
            for weight, gradient in zip(weights, gradients):
                weight -= 0.01 * gradient
        losses.append(loss.item())
    return losses


def stacked(painter, network):
    """One module of both, as one often sees it."""
    return torch.nn.ModuleList([painter, network]).parameters()


def the_picture(network, picture, photo, layer):
    return seen(network, picture, layer)


def the_picture_detached(network, picture, photo, layer):
    return seen(network, picture, layer).detach()


def without_gradients(network, picture, layers):
    with torch.no_grad():
        return network(picture, layers)


def last_layer(features, grams):
    for layer, A in grams.items():
        loss = (gram_matrix(features[layer]) - A).square().sum() / A.square().sum()
    return loss


def first_layer(features, grams):
    return last_layer(features, {layer: grams[layer] for layer in list(grams)[:1]}) / len(grams)


def own_style(painter, network, photos, grams):
    """The style is that of the first photo."""
    grams = {layer: gram_matrix(F).detach() for layer, F in network(photos[0], list(grams)).items()}
    return Training()(painter, network, photos, grams)


def first_only(painter, network, photos, grams):
    return Training()(painter, network, photos[:1], grams)


def same_photo(painter, network, photos, grams):
    return Training()(painter, network, [photos[0]] * len(photos), grams)


def twice(painter, network, photos, grams):
    return Training()(painter, network, photos * 2, grams)[:len(photos)]


def looks_only(painter, network, photos, grams):
    return [float(network(photo, list(grams))[layer].mean()) for photo in photos for layer in list(grams)[:1]]


ROWS = table(training_bug, {
    "the painter's weights": Training(),
    "the network frozen": Training(prepare=freeze),
    "frozen, though the optimiser holds it": Training(held=everything, prepare=freeze),
    "by hand": by_hand,
    "SGD": Training(make=lambda weights: torch.optim.SGD(weights, lr=0.01)),
    "zero_grad at the end": Training(order=("backward", "step", "zero")),
    "the photo seen with gradients": Training(target=lambda n, _, photo, layer: seen(n, photo, layer)),
    "a graph that nobody needs": Training(
        target=lambda network, _, photo, layer: seen(network, photo, layer).detach()),
    "small steps": Training(make=lambda weights: torch.optim.Adam(weights, lr=1e-4)),
}, [
    ("both are trained", Training(held=everything), "it learns to be pleased with any picture"),
    ("both in one module", Training(held=stacked), "it learns to be pleased with any picture"),
    ("eval() for frozen", Training(held=everything, prepare=lambda painter, network: network.eval()),
     "network.eval() does not freeze weights"),
    ("only the network", Training(held=lambda painter, network: network.parameters()),
     "it learns to be pleased with any picture"),
    ("network in no_grad", Training(see=without_gradients), "get *through* it"),
    ("picture detached", Training(see=lambda network, picture, layers: network(picture.detach(), layers)),
     "step() finds no gradient"),
    ("content from the picture", Training(target=the_picture), "the content has no influence"),
    ("content from the picture, detached", Training(target=the_picture_detached), "the content has no "
                                                                                  "influence"),
    (Training(add=lambda content, style: 10 * style), "the content has no influence"),
    (Training(add=lambda content, style: content), "the style has no influence"),
    (Training(add=lambda content, style: content + style), "the style counts ten times"),
    (Training(add=lambda content, style: 10 * content + style), "it is the style that counts ten times"),
    (Training(add=lambda content, style: 10 * (content + style)), "mind the brackets"),
    (Training(add=lambda content, style: -content - 10 * style), "mind the sign"),
    ("sum over the layers", Training(style=lambda features, grams: style_of(features, grams) * len(grams)),
     "the *mean* over the layers"),
    ("the last layer", Training(style=last_layer), "does the loop overwrite its sum"),
    ("the first layer", Training(style=first_layer), "does the loop overwrite its sum"),
    ("the style of a photo", own_style, "with the photo's own Gram matrices"),
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
    ("losses with graphs", Training(keep=lambda loss, content, style: loss), "append loss.item()"),
    ("only content kept", Training(keep=lambda loss, content, style: content.item()), "the content alone"),
    ("only style kept", Training(keep=lambda loss, content, style: 10 * style.item()), "the style alone"),
    ("losses of something else", Training(keep=lambda loss, content, style: 2 * loss.item()),
     "not those of the pictures"),
    ("one loss", lambda *given: Training()(*given)[-1], "a list of losses"),
    ("too few losses", lambda *given: Training()(*given)[1:], "4 losses for 5 photos"),
    ("nothing returned", lambda *given: Training()(*given) and None, "returned None"),
    ("first photo only", first_only, "1 of 5 photos"),
    ("one photo again and again", same_photo, "each as it is and in their order"),
    ("twice", twice, "10 pictures were painted of 5 photos"),
    ("paints nothing", looks_only, "painted nothing"),
    ("the painter itself", Training(held=lambda painter, network: painter), "painter.parameters()"),
    ("item before backward", Training(add=lambda content, style: (content + 10 * style).item()),
     "comes after backward()"),
    ("dictionary", Training(see=lambda network, picture, layers: {
        layer: network(picture, layers) for layer in layers}), "look up [layer]"),
])
