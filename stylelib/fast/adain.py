"""Any style without training for it: exchange what is normalised, and make a picture of it again.

Instance normalisation takes mean and deviation out of each channel. Adaptive instance normalisation (AdaIN)
puts those of a painting in their place. What comes out are activations, not a picture: `invert` looks for a
picture that has them, and a `Decoder` has learned to draw one.
"""
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from safetensors import SafetensorError
from torch import Tensor, nn

from ..engine.checks import check_positive_int
from ..engine.language import mark, tr
from ..engine.weights import NetworkError
from ..losses import check_features, content_loss
from ..networks import load_network
from ..optimize import Step, optimize
from .crops import Crops
from .layers import Layer, mean_and_deviation
from .ready import WEIGHTS, read
from .train import Schedule, TrainingStep, descend

SMALLEST = 1e-3             # a channel's deviation: one that is always 0 is not divided by it
DECODED = "relu3_1"         # the layer of VGG that a decoder draws from ...
CHANNELS = 256              # ... and its channels
SEEN = "relu1_1", "relu2_1", DECODED        # where a drawn picture is compared with its photo
PIXELS = 10.0               # how much pixels count in a decoder's training, compared with activations
CROPS_MEASURED = 16         # from which a decoder learns how large activations are


def adain(content: Tensor, style: Tensor) -> Tensor:
    """The activations of a photo, with each channel's mean and deviation from a painting.

    Args:
        content: (N, C, H, W).
        style: (1 or N, C, H', W').

    Returns:
        (N, C, H, W); a channel that is the same everywhere becomes the painting's mean.

    Raises:
        ValueError: they do not fit.

    Source: Huang & Belongie 2017, eq. 8.
    """
    check_features(content)
    check_features(style)
    if style.shape[1] != content.shape[1] or len(style) not in (1, len(content)):
        raise ValueError(tr("content and style must be of the same layer, got activations of shapes "
                            "{content} and {style}", content=tuple(content.shape), style=tuple(style.shape)))
    mean, deviation = mean_and_deviation(content)
    style_mean, style_deviation = mean_and_deviation(style)
    return (content - mean) / deviation * style_deviation + style_mean


def invert(features: Tensor, start: Tensor, network: nn.Module, layer: str = "relu4_1",
           steps: int = 40) -> Iterator[Step]:
    """Look for a picture that has these activations, by changing pixels: no weights are needed for it.

    Args:
        features: what the picture's activations should be, (1, C, H', W').
        start: picture to start from, (1, 3, H, W); the photo is a good one.
        network: that the activations are of.
        layer: likewise.
        steps: how many updates.

    Yields:
        Step; its loss {"features": ...} is 1 for a picture whose activations are all 0.

    Raises:
        ValueError: features of another shape than `start` has in this layer, or as `optimize`.

    Source: Mahendran & Vedaldi 2015, without their prior for natural pictures.
    """
    target = features.detach()
    unit = target.square().mean()
    return optimize(start, lambda image: {"features": content_loss(network(image, [layer])[layer], target)
                                          / unit}, steps)


class Decoder(nn.Module):
    """Activations of relu3_1 of VGG -> the picture that they are of, about.

    The way back through the network: where it halves the picture, this doubles it.

    Args:
        width: channels at full size; they double with each halving.

    Attributes:
        mean, deviation: of each channel, (1, 256, 1, 1), as measured before the training: activations of VGG
            differ a thousandfold, and numbers of size 1 are easier to learn from.

    Source: Huang & Belongie 2017, section 6.1; there from relu4_1, and with four times the channels.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, width: int = 32):
        super().__init__()
        self.register_buffer("mean", torch.zeros(1, CHANNELS, 1, 1))
        self.register_buffer("deviation", torch.ones(1, CHANNELS, 1, 1))
        self.layers = nn.ModuleList([
            Layer(CHANNELS, 2 * width, 3, 0, bias=True),
            Layer(2 * width, width, 3, 0, enlarge=2, bias=True),
            Layer(width, width, 3, 0, bias=True),
            Layer(width, width, 3, 0, enlarge=2, bias=True)])
        self.last = Layer(width, 3, 3, 0, bias=True)

    def forward(self, features: Tensor) -> Tensor:
        """(N, 256, H, W) -> pictures (N, 3, 4 H, 4 W), RGB; only in training they may leave [0, 1]."""
        x = (features - self.mean) / self.deviation
        for layer in self.layers:
            x = layer(x, x).relu()
        x = self.last(x, x) + 0.5
        return x if self.training else x.clamp(0, 1)


def load_decoder(file: str | os.PathLike[str] | None = None) -> Decoder:
    """A decoder for relu3_1 of VGG-19: the one that ships with the package, or one from `save_painter`.

    Raises:
        NetworkError: there is no such file, or it holds no such decoder.
    """
    path = WEIGHTS / "decoder.safetensors" if file is None else Path(file)
    if not path.is_file():
        raise NetworkError(tr("no file {name!r} with a decoder: give another, or install stylelib again",
                              name=str(path)))
    decoder = Decoder()
    try:
        decoder.load_state_dict(read(path))
    except (SafetensorError, RuntimeError, OSError):
        raise NetworkError(tr("{name!r} holds no decoder of relu3_1: it is damaged, or of another program",
                              name=str(path))) from None
    return decoder.eval().requires_grad_(False)


def train_decoder(photos: Any = None, iterations: int = 600, *, size: int = 96, batch: int = 2,
                  network: nn.Module | None = None, seed: int = 0,
                  progress: bool = True) -> Iterator[TrainingStep]:
    """Train a `Decoder`: show it the activations of photos, and let it draw the photos.

    Args:
        photos, iterations, size, batch, seed, progress: as for `train_fast`.
        network: whose relu3_1 it is; None means VGG-19. It computes where this network is.

    Yields:
        TrainingStep, whose `painter` is the decoder; its losses are "pixels" and "features".

    Raises:
        the same as `train_fast`.

    Source: Huang & Belongie 2017 train with a painting's statistics, and a style loss; this one learns only
        to draw what it was shown, so that nothing but the exchange of statistics carries style.
    """
    schedule, batch = Schedule(iterations), check_positive_int("batch", batch, mark("number of crops"))
    crops, network = Crops(photos, size, seed), load_network() if network is None else network
    place = next(network.parameters()).device
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        decoder = Decoder().to(place)
    with torch.no_grad():
        _measure(decoder, network(crops(CROPS_MEASURED).to(place), [DECODED])[DECODED])

    def loss():
        photo = crops(batch).to(place)
        with torch.no_grad():
            targets = network(photo, SEEN)
        drawn = decoder(targets[DECODED])
        return {"pixels": PIXELS * F.mse_loss(drawn, photo),
                "features": sum(content_loss(features, targets[name]) / targets[name].square().mean()
                                for name, features in network(drawn, SEEN).items())}
    return descend(decoder, decoder.parameters(), loss, schedule, progress)


def _measure(decoder, features):
    """How large activations are, channel by channel, over all crops."""
    decoder.mean.copy_(features.mean((0, 2, 3), keepdim=True))
    decoder.deviation.copy_(features.std((0, 2, 3), keepdim=True).clamp(min=SMALLEST))
