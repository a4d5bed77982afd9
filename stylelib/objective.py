"""What a style transfer lowers: the total loss, as a function of the picture.

The photo gives the content, the paintings the style, and the image is the picture that is being changed.
Content and style losses are relative: 1 is the distance of an empty picture, one whose activations are all 0.
Then they are weighted, and added up.
"""
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor
from torch.nn import Module

from .engine.checks import check_number
from .engine.fast import content_loss  # equal to that of losses
from .engine.inputs import check_picture
from .engine.language import tr
from .engine.layer_names import list_of_layers
from .losses import at_least_float32, total_variation
from .scene import Painting, painting_weights
from .style.masks import guide
from .style.statistics import STATISTICS, Statistic

Layers = Iterable[str] | Mapping[str, float]        # names, or {name: weight}

# The paper's layers, all after the ReLU
CONTENT_LAYERS = ("relu4_2",)
STYLE_LAYERS = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")

# Layers of similar depths in the other networks, known by their names
SQUEEZENET_LAYERS = ("fire5",), ("relu1", "fire3", "fire5", "fire7", "fire9")
RESNET_LAYERS = ("layer3_1",), ("relu1", "layer1_3", "layer2_4", "layer3_6", "layer4_3")

# The balance of the two relative losses at `stylize(style_weight=1)`. Found by looking at many pictures:
# below 10 one sees a photo with a texture, above 40 the photo's smaller things dissolve.
STYLE_TO_CONTENT = 20.0


@dataclass(frozen=True)
class StyleTarget:
    """One painting, as the network's layers describe it.

    Attributes:
        weight: how much it counts in the style loss.
        mask: where on the photo it applies, (1, 1, H, W), or None for everywhere.
        targets: {layer: description}.
        units: {layer: the distance that counts as 1}.
    """

    weight: float
    mask: Tensor | None
    targets: dict[str, Any]
    units: dict[str, Any]


class TransferLoss:
    """The total loss of style transfer, as a function of an image: {"content": scalar, "style": scalar, ...}.

    The targets are computed once, here. Weights may be changed at any time; they take effect at the next
    call.

    Args:
        network: describes the pictures.
        photo: (1, 3, H, W).
        paintings: (1, 3, H', W'), a `Painting` (with its share, and masks), or a list of these.
        content_layers: {layer: weight}, or names that share the weight 1 equally.
        style_layers: the same.
        content_weight, style_weight: alpha and beta.
        tv_weight: of total variation; above 0 the picture becomes smoother.
        relative: divide each layer's loss by its value for activations that are all 0. False gives
            the plain c and E of `stylelib.losses`.
        statistic: what describes style: a name in `stylelib.style.statistics.STATISTICS`, or a `Statistic`.

    Raises:
        ImageError: a picture of another shape or range.
        ValueError: layers, weights, a statistic or shares that do not exist or do not fit.

    Source: Gatys et al. 2016, eq. 7; masks Gatys et al. 2017, section 4. Relative losses are ours: with plain
        ones, relu4_1 alone makes nearly all of the style loss of this network, and equal weights mean
        nothing.
    """

    def __init__(self, network: Module, photo: Tensor, paintings: Any, *,       # noqa: PLR0913 (its knobs)
                 content_layers: Layers = CONTENT_LAYERS, style_layers: Layers = STYLE_LAYERS,
                 content_weight: float = 1.0, style_weight: float = STYLE_TO_CONTENT, tv_weight: float = 0.0,
                 relative: bool = True, statistic: str | Statistic = "gram"):
        self.network = network
        self.content_layers = _layer_weights("content_layers", content_layers)
        self.style_layers = _layer_weights("style_layers", style_layers)
        self.content_weight = check_number("content_weight", content_weight)
        self.style_weight = check_number("style_weight", style_weight)
        self.tv_weight = check_number("tv_weight", tv_weight)
        self.statistic = _find_statistic(statistic)
        photo, paintings = check_picture(photo, "photo"), _as_paintings(paintings)
        masked = any(painting.mask is not None or painting.part is not None for painting in paintings)
        if masked and self.statistic is not STATISTICS["gram"]:
            raise ValueError(tr("masks work with the statistic 'gram' only"))
        with torch.no_grad():
            self.content_targets = self._content_targets(photo)
            self.content_units = {layer: at_least_float32(target).square().mean().clamp(min=1e-12)
                                  if relative else 1.0
                                  for layer, target in self.content_targets.items()}
            self.styles = [self._style_target(painting, weight, relative)
                           for painting, weight in zip(paintings, painting_weights(paintings))]

    def __call__(self, image: Tensor) -> dict[str, Tensor]:
        """Weighted terms for an image of the photo's shape."""
        content, styles = self.distances(image)
        terms = {}
        if content and self.content_weight:
            terms["content"] = self.content_weight * sum(
                share * content[layer] / self.content_units[layer]
                for layer, share in self.content_layers.items())
        if self.style_layers and self.style_weight:
            terms["style"] = self.style_weight * sum(
                style.weight * share * distance[layer] / style.units[layer]
                for style, distance in zip(self.styles, styles) for layer, share in self.style_layers.items())
        if self.tv_weight:
            terms["smoothness"] = self.tv_weight * total_variation(image)
        if not terms:
            raise ValueError(tr("there is no loss to lower: give at least one layer with a weight above 0"))
        return terms

    @property
    def style_units(self) -> dict[str, Any]:
        """{layer: the style loss that counts as 1} of the first painting."""
        return self.styles[0].units

    def distances(self, image: Tensor) -> tuple[dict[str, Tensor], list[dict[str, Tensor]]]:
        """How far the image is from each target: {layer: c} and, for each painting, {layer: E}."""
        features = self.network(image, list({**self.content_layers, **self.style_layers}))
        content = {layer: content_loss(features[layer], self.content_targets[layer])
                   for layer in self.content_layers}
        # With the statistic "gram", describe is gram_matrix, and distance is style_loss. `guide` multiplies
        # activations by the mask, shrunk to the layer
        styles = [{layer: self.statistic.distance(guide(features[layer], style.mask), style.targets[layer])
                   for layer in self.style_layers} for style in self.styles]
        return content, styles

    def _content_targets(self, photo):
        """P in each content layer."""
        return self.network(photo, list(self.content_layers))

    def _style_target(self, painting, weight, relative):
        targets, empty = self._describe(painting.image, painting.part)
        units = {layer: empty[layer].clamp(min=1e-12) if relative else 1.0 for layer in targets}
        return StyleTarget(weight, painting.mask, targets, units)

    def _describe(self, image, part):
        """What each style layer says about a painting, and how far from that an empty picture is."""
        features = self.network(image, list(self.style_layers))
        targets = {layer: self.statistic.describe(guide(F, part)) for layer, F in features.items()}
        return targets, {layer: self.statistic.distance(torch.zeros_like(F), targets[layer])
                         for layer, F in features.items()}


def default_layers(network: Module) -> tuple[Layers, Layers]:
    """The content and the style layers to take if nobody names any."""
    for content, style in (SQUEEZENET_LAYERS, RESNET_LAYERS):
        if {*content, *style} <= set(getattr(network, "layers", ())):
            return content, style
    return CONTENT_LAYERS, STYLE_LAYERS


def _layer_weights(what, layers):
    """Names, or {name: weight} -> {name: weight}; names share 1 equally."""
    if isinstance(layers, Mapping):
        return {layer: check_number(tr("the weight of {layer!r} in {argument}", layer=layer, argument=what),
                                    weight) for layer, weight in layers.items()}
    layers = list_of_layers(layers, what)
    for layer in layers:
        if layers.count(layer) > 1:
            raise ValueError(tr("{argument} names {layer!r} twice: to weigh layers differently, give a dict "
                                "{{name: weight}}", argument=what, layer=layer))
    return {layer: 1 / len(layers) for layer in layers}


def _find_statistic(statistic):
    if isinstance(statistic, Statistic):
        return statistic
    if not isinstance(statistic, str) or statistic not in STATISTICS:
        raise ValueError(tr("unknown statistic {statistic!r}: choose one of {statistics}",
                            statistic=statistic, statistics=", ".join(STATISTICS)))
    return STATISTICS[statistic]


def _as_paintings(paintings):
    """A picture, a Painting or a list of these -> a list of Paintings."""
    listed = [paintings] if isinstance(paintings, Tensor | Painting) else list(paintings)
    listed = [painting if isinstance(painting, Painting) else Painting(painting) for painting in listed]
    return [replace(painting, image=check_picture(painting.image, "painting")) for painting in listed]
