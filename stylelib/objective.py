"""What a style transfer lowers: the total loss, as a function of the picture.

Every loss is relative: 1 means "as far from the target as an empty picture would be".
"""
from collections.abc import Iterable
from dataclasses import dataclass

import torch

from .engine.checks import check_number
from .engine.inputs import check_picture
from .losses import at_least_float32, content_loss, total_variation
from .networks import list_of_layers
from .style.masks import guide
from .style.statistics import STATISTICS, Statistic

# The paper's layers, all after the ReLU
CONTENT_LAYERS = ("relu4_2",)
STYLE_LAYERS = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")

# Layers of similar depths in the other networks, known by their names
SQUEEZENET_LAYERS = ("fire5",), ("relu1", "fire3", "fire5", "fire7", "fire9")
RESNET_LAYERS = ("layer3_1",), ("relu1", "layer1_3", "layer2_4", "layer3_6", "layer4_3")

# The balance of the two relative losses at style weight 1. Found by looking at many pictures: below 10 a photo with
# texture, above 40 the photo's smaller things dissolve.
STYLE_TO_CONTENT = 20.0


@dataclass(frozen=True)
class StyleTarget:
    """One painting, as its layers describe it.

    Attributes:
        weight: its part of the style loss.
        mask: where on the photo it applies, (1, 1, H, W), or None for everywhere.
        targets: {layer: description}.
        units: {layer: the distance that counts as 1}.
    """

    weight: float
    mask: torch.Tensor | None
    targets: dict
    units: dict


class TransferLoss:
    """The total loss of style transfer, as a function of an image: {"content": scalar, "style": scalar, ...}.

    The targets are computed once, here. Weights may be changed at any time; they take effect at the next call.

    Args:
        network: describes the pictures.
        content: the photo, (1, 3, H, W).
        style: the painting, (1, 3, H', W'), or a list of paintings.
        content_layers: {layer: weight}, or names that share the weight 1 equally.
        style_layers: the same.
        content_weight, style_weight: alpha and beta.
        tv_weight: of total variation; above 0 the picture becomes smoother.
        relative: divide each layer's loss by its value for an empty picture (all activations 0). False gives the
            plain c and E of `stylelib.losses`.
        statistic: what describes style: a name in `stylelib.style.statistics.STATISTICS`, or a `Statistic`.
        style_shares: how much of each painting; None means equally much.
        masks: for each painting where on the photo it applies, (1, 1, H, W) in [0, 1], or None.
        style_masks: for each painting which part of it to take, (1, 1, H', W') in [0, 1], or None.

    Raises:
        ImageError: a picture of another shape or range.
        ValueError: layers, weights, a statistic or shares that do not exist or do not fit.

    Source: Gatys et al. 2016, eq. 7; masks Gatys et al. 2017, section 4. Relative losses are ours: with plain ones, relu4_1
        alone makes nearly all of the style loss of this network, and equal weights mean nothing.
    """

    def __init__(self, network, content, style, content_layers=CONTENT_LAYERS, style_layers=STYLE_LAYERS,
                 content_weight=1.0, style_weight=STYLE_TO_CONTENT, tv_weight=0.0, relative=True, *,
                 statistic="gram", style_shares=None, masks=None, style_masks=None):
        self.network = network
        self.content_layers = _shares("content_layers", content_layers)
        self.style_layers = _shares("style_layers", style_layers)
        self.content_weight = check_number("content_weight", content_weight)
        self.style_weight = check_number("style_weight", style_weight)
        self.tv_weight = check_number("tv_weight", tv_weight)
        self.statistic = _find_statistic(statistic)
        styles = [style] if isinstance(style, torch.Tensor) else list(style)
        content = check_picture(content, "content")
        styles = [check_picture(painting, "style") for painting in styles]
        masks, style_masks = (_one_for_each(given, styles) for given in (masks, style_masks))
        weights = _painting_weights(style_shares, masks)
        if self.statistic is not STATISTICS["gram"] and any(mask is not None for mask in (*masks, *style_masks)):
            raise ValueError("masks work with the statistic 'gram' only")
        with torch.no_grad():
            self.content_targets = self._content_targets(content)
            self.content_units = {layer: at_least_float32(target).square().mean().clamp(min=1e-12)
                                  if relative else 1.0
                                  for layer, target in self.content_targets.items()}
            self.styles = []
            for painting, weight, mask, style_mask in zip(styles, weights, masks, style_masks):
                targets, empty = self._describe(painting, style_mask)
                units = {layer: empty[layer].clamp(min=1e-12) if relative else 1.0 for layer in targets}
                self.styles.append(StyleTarget(weight, mask, targets, units))

    def __call__(self, image):
        """Weighted terms for an image of the photo's shape."""
        content, styles = self.distances(image)
        terms = {}
        if content and self.content_weight:
            terms["content"] = self.content_weight * sum(
                share * content[layer] / self.content_units[layer] for layer, share in self.content_layers.items())
        if self.style_layers and self.style_weight:
            terms["style"] = self.style_weight * sum(
                style.weight * share * distance[layer] / style.units[layer]
                for style, distance in zip(self.styles, styles) for layer, share in self.style_layers.items())
        if self.tv_weight:
            terms["smoothness"] = self.tv_weight * total_variation(image)
        if not terms:
            raise ValueError("there is no loss to lower: give at least one layer with a weight above 0")
        return terms

    @property
    def style_units(self):
        """{layer: the style loss that counts as 1} of the first painting."""
        return self.styles[0].units

    def distances(self, image):
        """How far the image is from each target, in each layer: {layer: c} and, for each painting, {layer: E}."""
        features = self.network(image, list({**self.content_layers, **self.style_layers}))
        content = {layer: content_loss(features[layer], self.content_targets[layer]) for layer in self.content_layers}
        styles = [{layer: self.statistic.distance(guide(features[layer], style.mask), style.targets[layer])
                   for layer in self.style_layers} for style in self.styles]
        return content, styles

    def _content_targets(self, content):
        """P in each content layer."""
        return self.network(content, list(self.content_layers))

    def _describe(self, painting, mask):
        """What each style layer says about a painting, and how far from that an empty picture is."""
        features = self.network(painting, list(self.style_layers))
        targets = {layer: self.statistic.describe(guide(F, mask)) for layer, F in features.items()}
        return targets, {layer: self.statistic.distance(torch.zeros_like(F), targets[layer]) for layer, F in features.items()}


def default_layers(network):
    """The content and the style layers to take if nobody names any."""
    for content, style in (SQUEEZENET_LAYERS, RESNET_LAYERS):
        if {*content, *style} <= set(getattr(network, "layers", ())):
            return content, style
    return CONTENT_LAYERS, STYLE_LAYERS


def _shares(what, layers):
    """Names, or {name: weight} -> {name: weight}; names share 1 equally."""
    if isinstance(layers, dict):
        return {layer: check_number(f"the weight of {layer!r} in {what}", weight)
                for layer, weight in layers.items()}
    layers = list_of_layers(layers, what)
    for layer in layers:
        if layers.count(layer) > 1:
            raise ValueError(f"{what} names {layer!r} twice: to weigh layers differently, give a dict "
                             f"{{name: weight}}")
    return {layer: 1 / len(layers) for layer in layers}


def _find_statistic(statistic):
    if isinstance(statistic, Statistic):
        return statistic
    if not isinstance(statistic, str) or statistic not in STATISTICS:
        raise ValueError(f"unknown statistic {statistic!r}: choose one of {', '.join(STATISTICS)}")
    return STATISTICS[statistic]


def _one_for_each(given, styles):
    """None, one mask or a list of masks -> a list as long as that of the paintings."""
    masks = [given] * len(styles) if given is None else [given] if isinstance(given, torch.Tensor) else list(given)
    if len(masks) != len(styles):
        raise ValueError(f"there must be one mask for each painting, got {len(masks)} masks and {len(styles)} paintings")
    return masks


def _painting_weights(shares, masks):
    """Each painting's part of the style loss. Where paintings apply, their shares sum to 1 on average.

    A guided Gram matrix is a mean over its mask. Its weight is the mask's area, so that a painting has the same strength at
    each position, however small its part of the photo.
    """
    shares = [1.0] * len(masks) if shares is None else shares
    if isinstance(shares, str) or not isinstance(shares, Iterable):
        raise ValueError(f"style_shares must be a list with one number for each painting, got {shares!r}")
    shares = [check_number("a share in style_shares", share) for share in shares]
    if len(shares) != len(masks):
        raise ValueError(f"there must be one share for each painting, got {len(shares)} for {len(masks)}")
    if not sum(shares):
        raise ValueError(f"one of the shares in style_shares must be above 0, got {shares}")
    areas = [1.0 if mask is None else float(mask.mean()) for mask in masks]
    covered = 1.0 if any(mask is None for mask in masks) else float(torch.stack(
        [(mask > 0).float() for mask in masks]).amax(0).mean())
    total = sum(share * area for share, area in zip(shares, areas)) / max(covered, 1e-12)
    return [share * area / max(total, 1e-12) for share, area in zip(shares, areas)]
