"""Train a network to paint as one painting does: minutes once, and then each photo takes a moment."""
import copy
import functools
import math
import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from ..engine.checks import check_number, check_positive_int
from ..engine.devices import as_device, placed
from ..engine.fast import content_loss, gram_matrix
from ..engine.language import mark, tr
from ..engine.progress import TRAINING, ProgressBar
from ..images import as_picture
from ..losses import gram_distance
from ..networks import load_network
from ..objective import default_layers
from ..optimize import DivergenceError, Record
from ..scene import Painting
from .crops import Crops
from .layers import ConditionalNorm
from .painter import Painter, painter_of
from .ready import load_painter
from .styles import style_numbers

DEPTH = 3                   # of the transfer's style layers, how many from the first: deeper ones cost twice
RATE, NORMS_RATE = 3e-3, 2e-2       # learning rates: few numbers that say much can take larger steps
WARM_UP = 10                # iterations in which the learning rate grows to its full value
LONGEST_GRADIENT = 10.0     # a longer one is shortened to this: one odd crop must not undo the others' work
PAINTING = 256              # px, its longest side: the larger it is, the larger are the strokes


@dataclass(frozen=True, eq=False, repr=False)
class TrainingStep(Record):
    """The state after one iteration of a training.

    Its losses are those of the crop that was seen just now, before the weights were changed. They jump from
    crop to crop; only their trend means something.

    Attributes:
        progress: share of the training that is done, from 0 to 1.
        weights: {name: tensor}, a copy.
        trained: the network that is being trained; it changes with the next iteration.
    """

    progress: float
    weights: dict[str, Tensor]
    trained: nn.Module

    @functools.cached_property
    def painter(self) -> Any:
        """The network after this iteration, ready to paint on the CPU; it does not change any more."""
        painter = copy.deepcopy(self.trained)
        painter.load_state_dict(self.weights)
        return painter.eval().requires_grad_(False).cpu()

    def __repr__(self):
        return f"<{self}>"


def train_fast(style: Any, photos: Any = None, iterations: int = 350, *,        # noqa: PLR0913 (its knobs)
               minutes: float | None = None, size: int = 96, batch: int = 1,
               learning_rate: float | None = None, style_weight: float = 10.0,
               painter: Any = None, only_norms: bool = False, network: nn.Module | None = None,
               seed: int = 0, device: Any = "auto", progress: bool = True,
               on_skip: Callable[[str], Any] | None = None) -> Iterator[TrainingStep]:
    """Train a network that paints in the manner of `style`; a generator: stop with `break`.

    Args:
        style: the painting, whatever `as_picture` takes; or a list of them, for a network with several
            styles: one of them, at random, is practised in each iteration.
        photos: what to practise on: a folder, or a list of whatever `as_picture` takes. None takes the
            course's own without china.jpg, which is left to look at. A few are enough; of a folder, files
            that are no pictures are skipped.
        iterations: how many updates of the weights.
        minutes: train for so long instead, by the clock.
        size: of a crop, in pixels.
        batch: crops in one iteration.
        learning_rate: of Adam, at its highest: it begins and ends low. None takes 0.003, and with
            `only_norms` 0.02.
        style_weight: how much the style counts, compared with the content.
        painter: a network to start from, which is not changed, or its file; None makes a new one. Its
            weights go on, the learning rate begins anew. `many_styles()` starts from that of its styles which
            is nearest to the painting, `any_style()`, both its networks, from what they make of the painting.
        only_norms: train nothing but the gains and shifts of the instance normalisation.
        network: describes the pictures, from `load_network`; None means VGG-19.
        seed: of the first weights, and of the crops. Who goes on takes another one, for other crops.
        device: "auto", "cpu", "cuda" or "mps".
        progress: show a progress bar with the remaining time.
        on_skip: called with one line for each file that is skipped; None warns.

    Yields:
        TrainingStep, whose `painter` can be kept with `save_painter`.

    Raises:
        DivergenceError: a loss became NaN or infinite.
        ImageError: the painting, or all photos, cannot be read.
        ValueError: any other argument out of range.

    Source: Johnson, Alahi & Fei-Fei 2016; several styles Dumoulin, Shlens & Kudlur 2017. Departures: relative
        losses, crops of 96 px from a handful of photos in place of 80000 pictures of 256 px, nothing
        deeper than relu3_1, no total variation.
    """
    if learning_rate is None:
        learning_rate = NORMS_RATE if only_norms else RATE
    schedule = Schedule(iterations, minutes, learning_rate)
    batch, place = check_positive_int("batch", batch, mark("number of crops")), as_device(device)
    crops = Crops(photos, size, seed, on_skip)
    loss = PaintingLoss(style, style_weight, load_network() if network is None else network, place)
    painter = _first(painter, loss, crops, seed).to(place)

    def loss_of_crops():
        photo, which = crops(batch).to(place), crops.below(len(loss.paintings))
        return loss(painter(photo, loss.number(which)), photo, which)
    return descend(painter, norms(painter) if only_norms else painter.parameters(), loss_of_crops, schedule,
                   progress)


class PaintingLoss:
    """What a network that paints must lower: how far a picture is from its photo, and from a painting.

    Args:
        style: a painting, or a list of them.
        style_weight: how much their style counts.
        network: describes the pictures.
        device: where to compute.

    Attributes:
        paintings: the pictures, (1, 3, H, W) each.
        grams: for each of them, {layer: its Gram matrix}.

    Raises:
        ImageError, ValueError: as `train_fast`.
    """

    def __init__(self, style: Any, style_weight: float, network: nn.Module, device: torch.device):
        self.style_weight = check_number("style_weight", style_weight)
        self.network, self.device = placed(network, device, "float32"), device
        self.layers = list(default_layers(network)[1])[:DEPTH]
        styles = list(style) if isinstance(style, list | tuple) else [style]
        if not styles:
            raise ValueError(tr("style must be a painting or a list of them, got an empty list"))
        self.paintings = [as_picture(one, "style", PAINTING) for one in styles]
        with torch.no_grad():
            seen = [self.network(painting.to(device), self.layers) for painting in self.paintings]
            self.grams = [{layer: gram_matrix(F) for layer, F in features.items()} for features in seen]

    def __call__(self, painted: Tensor, photo: Tensor, which: int = 0) -> dict[str, Tensor]:
        """{"content": scalar, "style": scalar, weighted}, for pictures (N, 3, H, W) and their photos."""
        deepest, targets = self.layers[-1], self.grams[which]
        with torch.no_grad():
            P = self.network(photo, [deepest])[deepest]
        features = self.network(painted, self.layers)
        # as in a transfer, 1 is the distance of a picture whose activations are all 0
        content = content_loss(features[deepest], P) / P.square().mean().clamp(min=1e-12)
        style = sum(gram_distance(gram_matrix(F), targets[layer])
                    / gram_distance(torch.zeros_like(targets[layer]), targets[layer])
                    for layer, F in features.items()) / len(features)
        return {"content": content, "style": self.style_weight * style}

    def number(self, which: int) -> Tensor:
        """The style `which` for a painter: (1, paintings), 1 for this one and 0 for the others."""
        return torch.eye(len(self.grams), device=self.device)[which:which + 1]


@dataclass(frozen=True)
class Schedule:
    """How long a training goes on, and how fast it learns meanwhile.

    The learning rate grows for ten iterations, then falls along half a cosine to 0: large steps find the
    style, small ones finish it. With `minutes` it falls by the clock, so that a training ends as well on a
    slow machine, only after fewer iterations.

    Args:
        iterations: how many.
        minutes: how long instead; None counts iterations.
        learning_rate: the highest.

    Raises:
        ValueError: one of them is out of range.
    """

    iterations: int
    minutes: float | None = None
    learning_rate: float = RATE

    def __post_init__(self):
        check_positive_int("iterations", self.iterations, mark("number of updates"))
        check_number("learning_rate", self.learning_rate, above=True)
        if self.minutes is not None:
            check_number("minutes", self.minutes, above=True)

    def share(self, index: int, seconds: float) -> float:
        """How much of the training is done after `index` iterations and so many seconds, 1 at its end."""
        done = index / self.iterations if self.minutes is None else seconds / (60 * self.minutes)
        return min(done, 1.0)

    def rate(self, index: int, share: float) -> float:
        """The learning rate of the iteration that comes after `index` others."""
        return self.learning_rate * min(1, (index + 1) / WARM_UP) * (1 + math.cos(math.pi * share)) / 2


def descend(network: nn.Module, parameters: Iterable[Tensor], loss: Callable[[], dict[str, Tensor]],
            schedule: Schedule, progress: bool = True) -> Iterator[TrainingStep]:
    """Lower a loss by changing weights: the loop of every training here.

    Args:
        network: whose weights change.
        parameters: those of its weights that change.
        loss: returns {term: scalar} for crops that it draws itself.
        schedule: how long, and how fast.
        progress: show a bar.

    Yields:
        TrainingStep.

    Raises:
        DivergenceError: a term became NaN or infinite. All networks before were sound.
    """
    if torch.is_inference_mode_enabled():
        raise ValueError(tr("inside torch.inference_mode() nothing can be trained: leave it out"))
    network.requires_grad_(False)
    trained = list(parameters)
    for parameter in trained:
        parameter.requires_grad_(True)
    optimizer = torch.optim.Adam(trained, schedule.learning_rate)
    index, share, started = 0, 0.0, time.perf_counter()
    with ProgressBar(TRAINING, shown=progress) as bar:
        while share < 1:
            optimizer.param_groups[0]["lr"] = schedule.rate(index, share)
            losses = _update(optimizer, trained, loss)
            index, seconds = index + 1, time.perf_counter() - started
            share = schedule.share(index, seconds)
            bar.show(share)
            weights = {name: value.detach().clone() for name, value in network.state_dict().items()}
            yield TrainingStep(index, index, seconds, losses, share, weights, network)


def _update(optimizer, trained, loss):
    """One step of Adam; the terms before it, as numbers."""
    with torch.enable_grad():
        terms = loss()
        gradients = torch.autograd.grad(sum(terms.values()), trained)
    losses = {name: float(value.detach()) for name, value in terms.items()}
    for parameter, gradient in zip(trained, gradients):
        parameter.grad = gradient
    length = float(nn.utils.clip_grad_norm_(trained, LONGEST_GRADIENT))
    for name, value in losses.items():
        if not math.isfinite(value):
            raise DivergenceError(tr("the {term} loss became {value}: lower the learning rate, or begin with "
                                     "a new network", term=name, value=value))
    if not math.isfinite(length):
        raise DivergenceError(tr("the gradient of the loss became {value}: lower the learning rate, or begin "
                                 "with a new network", value=length))
    optimizer.step()
    return losses


def norms(painter: nn.Module) -> list[Tensor]:
    """The gains and shifts of all its instance normalisations: those of its weights that hold the style."""
    return [linear.weight for norm in painter.modules() if isinstance(norm, ConditionalNorm)
            for linear in (norm.gain, norm.shift)]


def in_one_style(painter: Painter, style: Tensor) -> Painter:
    """A network with one style out of one with several: its gains and shifts, for this style.

    Args:
        painter: with K numbers.
        style: (1, K), as `painter` takes it.

    Returns:
        a new Painter with `numbers=1`, which paints the same.
    """
    weights = {name: value.detach().clone() for name, value in painter.state_dict().items()}
    for name, value in weights.items():
        if name.endswith((".norm.gain.weight", ".norm.shift.weight")):
            weights[name] = value @ style.to(value).mT
    return painter_of(weights)


def _first(painter, loss, crops, seed):
    """The network to begin with: a new one, a copy, or one with one style out of one with more."""
    count = len(loss.paintings)
    if painter is None:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            return Painter(numbers=count)
    if isinstance(painter, str | os.PathLike):
        painter = load_painter(painter)
    painter, predictor = painter if isinstance(painter, tuple) else (painter, None)
    if predictor is None and painter.numbers == count:
        return copy.deepcopy(painter)
    if count > 1:
        raise ValueError(tr("there are {count} paintings, and the painter has {numbers} numbers for styles: "
                            "give one that was trained with as many, or one painting",
                            count=count, numbers=painter.numbers))
    if predictor is None:
        return in_one_style(painter, _nearest(painter, loss, crops))
    return in_one_style(painter, style_numbers(Painting(loss.paintings[0]), predictor))


def _nearest(painter, loss, crops):
    """The one of a painter's many styles that is nearest to the painting, for two crops: (1, K)."""
    with torch.no_grad():
        photo, painter = crops(2).to(loss.device), copy.deepcopy(painter).to(loss.device)
        styles = torch.eye(painter.numbers).to(photo)
        far = [float(loss(painter(photo, style[None]), photo)["style"]) for style in styles]
    best = far.index(min(far))
    return styles[best:best + 1]
