"""An independent judge: a network that was in no loss says whose manner a picture has, and what it shows.

A method that lowers a loss of VGG is good in the eyes of VGG; that proves little. SqueezeNet has other
layers, other weights and was never asked while a picture was made. It is shown the paintings and the photos
first. Of a result it then says which painting is nearest, and which photo: like an exam, with a known rate of
lucky guesses.
"""
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..engine.language import tr
from ..images import as_picture
from ..losses import gram_matrix
from ..networks import load_network

STYLE_LAYERS = ("relu1", "fire3", "fire5", "fire7")     # of SqueezeNet, a quarter of the way each
CONTENT_LAYER = "fire9"
GRID = 4, 6                 # what is compared of a photo is the mean of so many fields: "about here"
SIZE = 192                  # px, longest side of what the judge looks at: strokes must be alike in size


class Verdict(NamedTuple):
    """What the judge says of one picture.

    Attributes:
        painting, photo: names of the nearest.
        distances: {painting: relative style loss, the mean over the layers}: the smaller, the nearer.
        likeness: {photo: cosine}: 1 is the same.
    """

    painting: str
    photo: str
    distances: dict[str, float]
    likeness: dict[str, float]


@dataclass
class Verdicts:
    """What the judge said of many pictures.

    Attributes:
        paintings, photos: names.
        styles: (P, P) counts, a row for each painting that was asked for, a column for each that was named.
        contents: (C, C), the same for the photos.
    """

    paintings: list[str]
    photos: list[str]
    styles: Tensor
    contents: Tensor

    @property
    def total(self) -> int:
        """How many pictures were judged."""
        return int(self.styles.sum())

    @property
    def style_hits(self) -> int:
        """How often the right painting was named."""
        return int(self.styles.diagonal().sum())

    @property
    def content_hits(self) -> int:
        """How often the right photo was named."""
        return int(self.contents.diagonal().sum())

    def __repr__(self):
        words = tr("Verdicts of {total} pictures: painting right {style_hits} (by guessing "
                   "{style_luck:.2g}), photo right {content_hits} (by guessing {content_luck:.2g})",
                   total=self.total, style_hits=self.style_hits, content_hits=self.content_hits,
                   style_luck=self.total / len(self.paintings), content_luck=self.total / len(self.photos))
        return f"<{words}>"


class Judge:
    """Looks at a picture and names its painting and its photo.

    Args:
        paintings: {name: whatever `as_picture` takes} to choose from.
        photos: the same.
        size: longest side in pixels of everything that it looks at.
        network: None takes SqueezeNet 1.1 with its authors' weights. Another one must have the same layers.

    Raises:
        ImageError: one of them is no picture.
        ValueError: there is nothing to choose from.

    Source: to ask a network that was not in the loss is the idea of Sanakoyeu et al. 2018 ("deception rate").
        Theirs was trained to name painters; this one compares with the paintings themselves.
    """

    def __init__(self, paintings: Mapping[str, Any], photos: Mapping[str, Any], size: int = SIZE,
                 network: nn.Module | None = None):
        for what, given in {"paintings": paintings, "photos": photos}.items():
            if not isinstance(given, Mapping) or len(given) < 2:
                raise ValueError(tr("{argument} must be a dict of at least two pictures, {example}: with "
                                    "fewer there is nothing to choose", argument=what,
                                    example="{'name': picture}"))
        self.size = size
        self.network = load_network("squeezenet1_1") if network is None else network
        self.grams = {name: self._look(picture, name)[0] for name, picture in paintings.items()}
        self.scenes = {name: self._look(picture, name)[1] for name, picture in photos.items()}

    def __call__(self, picture: Any) -> Verdict:
        """Name painting and photo of a picture, which is whatever `as_picture` takes."""
        grams, scene = self._look(picture, "picture")
        distances = {name: _distance(grams, wanted) for name, wanted in self.grams.items()}
        likeness = {name: float(F.cosine_similarity(scene, other, dim=0))
                    for name, other in self.scenes.items()}
        return Verdict(min(distances, key=distances.__getitem__), max(likeness, key=likeness.__getitem__),
                       distances, likeness)

    def table(self, results: Mapping[tuple[str, str], Any]) -> Verdicts:
        """Judge many pictures.

        Args:
            results: {(name of the photo, name of the painting): picture}.

        Returns:
            Verdicts.

        Raises:
            ValueError: a name that the judge does not know.
        """
        paintings, photos = list(self.grams), list(self.scenes)
        styles, contents = torch.zeros(len(paintings), len(paintings)), torch.zeros(len(photos), len(photos))
        for (photo, painting), picture in results.items():
            for name, known in ((photo, photos), (painting, paintings)):
                if name not in known:
                    raise ValueError(tr("the judge does not know {name!r}: it knows {names}", name=name,
                                        names=", ".join(known)))
            said = self(picture)
            styles[paintings.index(painting), paintings.index(said.painting)] += 1
            contents[photos.index(photo), photos.index(said.photo)] += 1
        return Verdicts(paintings, photos, styles, contents)

    def _look(self, picture, role):
        """(Gram matrices, what is where)."""
        with torch.no_grad():
            features = self.network(as_picture(picture, role, self.size), [*STYLE_LAYERS, CONTENT_LAYER])
        grams = {layer: gram_matrix(features[layer]) for layer in STYLE_LAYERS}
        return grams, F.adaptive_avg_pool2d(features[CONTENT_LAYER], GRID).flatten()


def _distance(grams, wanted):
    distances = [(grams[layer] - A).square().sum() / A.square().sum() for layer, A in wanted.items()]
    return float(torch.stack(distances).mean())
