"""The independent judge: it knows paintings and photos, and what was painted from them."""
import pytest
import torch

from stylelib import ImageError, load_image
from stylelib.fast.ready import any_style
from stylelib.images import resize_image
from stylelib.learn.judge import Judge

from ..conftest import DATA

PAINTINGS = {name: DATA / "style" / f"{name}.jpg" for name in ("mosaic", "starry_night", "woodcut_waves")}
PHOTOS = {name: DATA / "content" / f"{name}.jpg" for name in ("china", "coffee", "rocket")}
SIZE = 128


@pytest.fixture(scope="module")
def judge():
    return Judge(PAINTINGS, PHOTOS, SIZE)


@pytest.fixture(scope="module")
def painted():
    """{(photo, painting): picture}, each made in one pass."""
    painter, predictor = any_style()
    styles = {name: predictor(resize_image(load_image(file), 256, 256).clamp(0, 1))
              for name, file in PAINTINGS.items()}
    return {(photo, painting): painter(load_image(file, SIZE), style)
            for photo, file in PHOTOS.items() for painting, style in styles.items()}


def test_the_originals_are_known(judge):
    for name, file in PAINTINGS.items():
        said = judge(file)
        assert said.painting == name and said.distances[name] < 1e-6
        assert min(value for other, value in said.distances.items() if other != name) > 0.05
    for name, file in PHOTOS.items():
        said = judge(file)
        assert said.photo == name and said.likeness[name] > 0.999


def test_pictures_made_in_one_pass_are_known_and_photos_are_of_nobodys_hand(judge, painted):
    said = judge.table(painted)
    assert said.total == 9 and said.style_hits >= 7 and said.content_hits >= 7      # by guessing 3
    control = judge.table({pair: PHOTOS[pair[0]] for pair in painted})
    assert control.content_hits == 9 and control.style_hits == 3        # one and the same name for each photo


def test_the_table_counts_what_was_named(judge, painted):
    said = judge.table({("china", "mosaic"): painted["china", "mosaic"],
                        ("coffee", "mosaic"): PAINTINGS["starry_night"]})
    assert said.paintings == list(PAINTINGS) and said.photos == list(PHOTOS)
    assert said.styles[0].tolist() == [1, 1, 0] and said.contents.sum() == said.total == 2
    assert said.style_hits == 1 and "painting right 1 (by guessing 0.67)" in repr(said)


def test_size_does_not_matter_to_the_judge(judge):
    small, large = (judge(load_image(PAINTINGS["mosaic"], side)) for side in (SIZE, 2 * SIZE))
    assert small.painting == large.painting and large.distances["mosaic"] < 0.05


def test_a_network_of_ones_own():
    class Colours(torch.nn.Module):
        """Sees colours only, in whatever layer."""

        def forward(self, image, layers):
            return dict.fromkeys(layers, image)

    own = Judge({"red": torch.tensor([0.9, 0.1, 0.1]).view(1, 3, 1, 1).expand(1, 3, 20, 20),
                 "blue": torch.tensor([0.1, 0.1, 0.9]).view(1, 3, 1, 1).expand(1, 3, 20, 20)}, PHOTOS,
                network=Colours())
    assert own(torch.tensor([0.3, 0.3, 0.6]).view(1, 3, 1, 1).expand(1, 3, 30, 20)).painting == "blue"


@pytest.mark.parametrize("make, error, words", [
    (lambda judge: Judge({"one": PAINTINGS["mosaic"]}, PHOTOS), ValueError, "paintings must be a dict "
                                                                            "of at least"),
    (lambda judge: Judge(PAINTINGS, list(PHOTOS)), ValueError, "photos must be a dict of at least two"),
    (lambda judge: Judge({**PAINTINGS, "x": "no.jpg"}, PHOTOS), ImageError, "no.jpg"),
    (lambda judge: judge(torch.zeros(3)), ImageError, "picture"),
    (lambda judge: judge.table({("china", "monet"): PHOTOS["china"]}), ValueError, "does not know 'monet'"),
    (lambda judge: judge.table({("paris", "mosaic"): PHOTOS["china"]}), ValueError, "does not know 'paris'"),
])
def test_wrong_calls_are_named(make, error, words, judge):
    with pytest.raises(error, match=words):
        make(judge)
