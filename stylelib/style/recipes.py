"""The published settings of style transfer as data, and their translation into one unit (notebook 05).

"Style weight 1e6" says nothing by itself: some sources divide their Gram matrices by the number of positions,
some by positions times channels, some not at all; then some sum and some average. Here every source's numbers
are turned into weights of the two losses of `stylelib.losses`: c for content and E for style.
"""
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..engine.language import tr
from ..engine.lines import width_of
from ..networks import VGG_CHANNELS

STANDARD = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")      # the paper's five style layers
# The range of pixels in [0, 1] after division by the mean of torchvision's three deviations
NORMALISED = 1 / 0.226

# What a source does with F F^T before it compares. C channels, M positions in the layer.
GRAM_DIVISORS = {
    "1": lambda channels, positions: 1,
    "M": lambda channels, positions: positions,
    "C*M": lambda channels, positions: channels * positions,
}

# What it divides the sum of all squared differences of two Gram matrices by; `pixels` is H*W of the picture.
STYLE_DIVISORS = {
    "sum": lambda channels, positions, pixels: 1,
    "mean": lambda channels, positions, pixels: channels**2,
    "paper": lambda channels, positions, pixels: 4 * channels**2 * positions**2,
    "keras": lambda channels, positions, pixels: 4 * 3**2 * pixels**2,
}

# The same for the squared differences of activations.
CONTENT_DIVISORS = {
    "mean": lambda channels, positions: channels * positions,
    "sum": lambda channels, positions: 1,
    "half sum": lambda channels, positions: 2,
}

LAYER_NAMES = {"vgg16": r"(?:conv|relu)([1-5])_[1-4]", "vgg19": r"(?:conv|relu)([1-5])_[1-4]",
               "squeezenet1_1": r"(?:(?:conv|relu)(?=1)|fire(?=[2-9]))(\d)"}
SQUEEZENET_CHANNELS = (64, 128, 128, 256, 256, 384, 384, 512, 512)      # conv1, fire2, fire3, ..., fire9


@dataclass(frozen=True)
class Recipe:
    """A published way to do style transfer, in its own numbers.

    Attributes:
        title: for people.
        source: where it is published.
        content, style: {layer: the number that the source multiplies this layer's loss by}.
        gram: what the Gram matrix is divided by, a key of GRAM_DIVISORS.
        style_loss, content_loss: how squared differences become one number, keys of STYLE_DIVISORS,
            CONTENT_DIVISORS.
        pixel_range: difference between white and black where the picture enters the network.
        input: the same in words.
        smoothness: total variation as the source has it, "" for none. It is not translated.
        start, optimizer, network, pooling: further settings.
        note: what else there is to know.
    """

    title: str
    source: str
    content: dict[str, float]
    style: dict[str, float]
    gram: str
    style_loss: str
    content_loss: str = "mean"
    pixel_range: float = 255.0
    input: str = "BGR 0-255 minus mean"
    smoothness: str = ""
    start: str = "content"
    optimizer: str = "L-BFGS"
    network: str = "vgg19"
    pooling: str = "max"
    note: str = ""


def _each(weight, layers=STANDARD):
    return {layer: weight for layer in layers}


_torchvision: dict[str, Any] = {"pixel_range": NORMALISED, "input": "RGB 0-1, normalised"}

RECIPES = {
    "paper": Recipe(
        "Gatys, Ecker & Bethge", "CVPR 2016, section 2 and figure 3",
        content={"relu4_2": 1e-3}, style=_each(1 / 5), gram="1", style_loss="paper", content_loss="half sum",
        start="noise", pooling="average",
        note="alpha/beta 1e-3 (8e-4, 5e-3 and 5e-4 for some figures); activations rescaled so that each "
             "channel's mean is 1"),
    "gatys": Recipe(
        "Gatys' own notebook", "github.com/leongatys/PytorchNeuralStyleTransfer",
        content={"relu4_2": 1.0},
        style={layer: 1e3 / channels**2 for layer, channels in zip(STANDARD, VGG_CHANNELS)}, gram="M",
        style_loss="mean", optimizer="L-BFGS, 500", note="1e3 divided by the square of the channels"),
    "pytorch": Recipe(
        "PyTorch tutorial", "pytorch.org/tutorials, neural_style_tutorial",
        content={"conv2_2": 1.0}, style=_each(1e6, ("conv1_1", "conv1_2", "conv2_1", "conv2_2", "conv3_1")),
        gram="C*M", style_loss="mean", **_torchvision, optimizer="L-BFGS, 300",
        note="the first five convolutions, before the ReLU"),
    "d2l": Recipe(
        "Dive into Deep Learning", "d2l.ai, section Neural Style Transfer",
        content={"conv4_4": 1.0},
        style=_each(1e4, tuple(layer.replace("relu", "conv") for layer in STANDARD)),
        gram="C*M", style_loss="mean", smoothness="10 * (mean |down| + mean |across|) / 2", **_torchvision,
        optimizer="Adam 0.3, 500",
        note="torchvision's ReLU works in place, so that all but the last stored convolution hold their ReLU "
             "in the end; older editions type 1e3, and then add up `10 * styles_l`: of a Python list that "
             "is ten copies, so 1e4 again"),
    "neural-style": Recipe(
        "jcjohnson/neural-style", "github.com/jcjohnson/neural-style",
        content={"relu4_2": 5.0}, style=_each(1e2), gram="C*M", style_loss="mean", smoothness="1e-3",
        start="noise", optimizer="L-BFGS, 1000"),
    "gordicaleksa": Recipe(
        "gordicaleksa", "github.com/gordicaleksa/pytorch-neural-style-transfer",
        content={"relu4_2": 1e5}, style=_each(3e4 / 5), gram="C*M", style_loss="sum", smoothness="1",
        input="RGB 0-255 minus mean", optimizer="L-BFGS, 1000", note="3e4 over five layers"),
    "pystiche": Recipe(
        "pystiche", "github.com/pystiche/pystiche, example_nst_with_pystiche",
        content={"relu4_2": 1.0}, style=_each(1e3 / 5), gram="M", style_loss="mean", **_torchvision,
        optimizer="L-BFGS, 500", note="1e3 over five layers"),
    "tensorflow": Recipe(
        "TensorFlow tutorial", "tensorflow.org/tutorials/generative/style_transfer",
        content={"relu5_2": 1e4}, style=_each(1e-2 / 5), gram="M", style_loss="mean",
        optimizer="Adam 0.02, 1000", note="0.01 over five layers"),
    "keras": Recipe(
        "Keras example", "keras.io/examples/generative/neural_style_transfer",
        content={"relu5_2": 2.5e-8}, style=_each(1e-6 / 5), gram="1", style_loss="keras", content_loss="sum",
        smoothness="1e-6 * sum (down^2 + across^2)^1.25", optimizer="SGD 100, 4000",
        note="1e-6 over five layers; counts the picture's 3 channels and its pixels in every layer"),
    "cs231n": Recipe(
        "Stanford CS231n assignment", "cs231n.github.io, style transfer", network="squeezenet1_1",
        content={"fire2": 0.06}, style={"relu1": 3e5, "fire3": 1e3, "fire4": 15.0, "fire5": 3.0},
        gram="C*M", style_loss="sum", content_loss="sum", smoothness="0.02 * sum (down^2 + across^2)",
        **_torchvision, optimizer="Adam 3, 200"),
}


def translate(recipe: Recipe | str, height: int, width: int) -> dict[str, Any]:
    """A recipe's numbers as weights of c and E: exact, on the features that the recipe's own network returns.

    Args:
        recipe: Recipe, or a key of RECIPES.
        height, width: of the picture in pixels; a sum grows with them where a mean does not.

    Returns:
        arguments for `stylelib.TransferLoss`: {"content_layers": {layer: weight of c},
        "style_layers": {layer: weight of E}, "content_weight": 1.0, "style_weight": 1.0, "relative": False}.

    Raises:
        ValueError: an unknown recipe, or a size that is not a positive number of pixels.

    Source: the places named in RECIPES. Where a source does not divide its Gram matrices by the positions
        ("1"), the translation holds for a painting of the photo's size; for another size its own loss means
        little.
    """
    recipe = find_recipe(recipe)
    content, style = _factors(recipe.content, recipe.style, recipe, height, width)
    return {"content_layers": {layer: weight * content[layer] for layer, weight in recipe.content.items()},
            "style_layers": {layer: weight * style[layer] for layer, weight in recipe.style.items()},
            "content_weight": 1.0, "style_weight": 1.0, "relative": False}


def translate_back(weights: dict[str, Any], recipe: Recipe | str, height: int, width: int) -> Recipe:
    """Weights of c and E in a recipe's own manner: the numbers one would have to type there.

    The inverse of `translate`.

    Args:
        weights: as `translate` returns them; the layers need not be those of the recipe.
        recipe: Recipe, or a key of RECIPES: whose divisors to speak in.
        height, width: of the picture in pixels.

    Returns:
        Recipe with the new numbers and layers.

    Raises:
        ValueError: as `translate`.
    """
    recipe = find_recipe(recipe)
    content, style = _factors(weights["content_layers"], weights["style_layers"], recipe, height, width)
    alpha, beta = weights["content_weight"], weights["style_weight"]
    return replace(recipe, content={layer: alpha * weight / content[layer]
                                    for layer, weight in weights["content_layers"].items()},
                   style={layer: beta * weight / style[layer]
                          for layer, weight in weights["style_layers"].items()})


def change_range(weights: dict[str, Any], old: float, new: float) -> dict[str, Any]:
    """Weights for a network that sees pixels in another range: only approximately, unlike `translate`.

    Features grow roughly in step with the pixels (exactly, were it not for the biases), content is of degree
    2 in the features and style of degree 4. So the same number weighs style 57.6^2 = 3300 times as much
    against content if the pixels run from 0 to 255 rather than through torchvision's normalisation. That
    torchvision's network was also trained again from scratch is left out of account.

    Args:
        weights: as `translate` returns them, for features of pixels in the old range.
        old, new: ranges, such as a recipe's `pixel_range`, and 255 for this package's VGG-19.

    Returns:
        weights of the same form.

    Raises:
        ValueError: a range that is not more than 0.
    """
    if not (old > 0 and new > 0):
        raise ValueError(tr("a pixel range must be more than 0, got {old!r} and {new!r}", old=old, new=new))
    growth = new / old
    content, style = weights["content_layers"], weights["style_layers"]
    return {**weights, "content_layers": {layer: weight / growth**2 for layer, weight in content.items()},
            "style_layers": {layer: weight / growth**4 for layer, weight in style.items()}}


def find_recipe(recipe: Recipe | str) -> Recipe:
    """A Recipe by its key in RECIPES; a Recipe is returned as it is.

    Raises:
        ValueError: an unknown key.
    """
    if isinstance(recipe, Recipe):
        return recipe
    if recipe not in RECIPES:
        raise ValueError(tr("unknown recipe {recipe!r}: choose one of {recipes}",
                            recipe=recipe, recipes=", ".join(RECIPES)))
    return RECIPES[recipe]


def style_factor(recipe: Recipe, channels: int, positions: int, pixels: int) -> float:
    """How many E the recipe's style loss of one layer is, at weight 1.

    With g the recipe's divisor of the Gram matrix, its differences are M/g times ours; E is their sum divided
    by 4 C^2.

    Args:
        recipe: Recipe.
        channels, positions: C and M of the layer.
        pixels: H*W of the picture.
    """
    shrink = positions / GRAM_DIVISORS[recipe.gram](channels, positions)
    return 4 * channels**2 * shrink**2 / STYLE_DIVISORS[recipe.style_loss](channels, positions, pixels)


def content_factor(recipe: Recipe, channels: int, positions: int) -> float:
    """How many c the recipe's content loss of one layer is, at weight 1; arguments as of `style_factor`."""
    return channels * positions / CONTENT_DIVISORS[recipe.content_loss](channels, positions)


def layer_shape(layer: str, height: int, width: int, network: str = "vgg19") -> tuple[int, int]:
    """Channels and positions of a layer, without computing it.

    Args:
        layer: a VGG layer's name, such as "relu4_2", or one of SqueezeNet 1.1, such as "fire4".
        height, width: of the picture in pixels.
        network: "vgg16", "vgg19" or "squeezenet1_1".

    Returns:
        (C, M).

    Raises:
        ValueError: an unknown layer, or a size that is not a positive number of pixels.
    """
    if not (height > 0 and width > 0):
        raise ValueError(tr("height and width must be positive numbers of pixels, got {height!r} and "
                            "{width!r}", height=height, width=width))
    found = re.fullmatch(LAYER_NAMES[network], layer)
    if not found:
        raise ValueError(tr("unknown layer {layer!r} of {network}", layer=layer, network=network))
    block = int(found[1])
    if network == "squeezenet1_1":
        sides = [(side - 3) // 2 + 1 for side in (height, width)]  # conv1: stride 2, no padding
        for _ in range(sum(block > after for after in (1, 3, 5))):      # pooling follows conv1, fire3, fire5,
            sides = [math.ceil((side - 3) / 2) + 1 for side in sides]   # and rounds up
        return SQUEEZENET_CHANNELS[block - 1], sides[0] * sides[1]
    halvings = block - 1
    return VGG_CHANNELS[block - 1], (height >> halvings) * (width >> halvings)


def table(height: int = 384, width: int = 512) -> str:
    """All recipes in one unit, as lines of text.

    Args:
        height, width: of the picture in pixels.

    Returns:
        for each recipe what it types for style (at its first layer), and the weight of E for a weight 1 of c
        at its first and its last style layer: on its own network's features, and (approximately) for pixels
        from 0 to 255.
    """
    head = (tr("recipe"), tr("Gram /"), tr("loss"), tr("it types"), tr("= E per c, first"), tr("last"),
            tr("at 0-255: first"), tr("last"))
    rows: list[Sequence[str]] = [head]
    for name, recipe in RECIPES.items():
        own = translate(recipe, height, width)
        numbers = [next(iter(recipe.style.values()))]
        for weights in (own, change_range(own, recipe.pixel_range, 255)):
            content, style = sum(weights["content_layers"].values()), [*weights["style_layers"].values()]
            numbers += [style[0] / content, style[-1] / content]
        rows.append((name, recipe.gram, recipe.style_loss, *(f"{number:.1e}" for number in numbers)))
    widths = [max(width_of(row[i]) for row in rows) for i in range(len(head))]
    return "\n".join("  ".join(_padded(cell, width, left=i < 3)
                               for i, (cell, width) in enumerate(zip(row, widths))).rstrip() for row in rows)


def _padded(cell, width, left):
    space = " " * (width - width_of(cell))
    return cell + space if left else space + cell


def _factors(content_layers, style_layers, recipe, height, width):
    """{layer: what its loss must be multiplied by to become c}, and the same for style and E."""
    shapes = {layer: layer_shape(layer, height, width, recipe.network)
              for layer in (*content_layers, *style_layers)}
    return ({layer: content_factor(recipe, *shapes[layer]) for layer in content_layers},
            {layer: style_factor(recipe, *shapes[layer], height * width) for layer in style_layers})
