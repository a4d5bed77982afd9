"""What several tests need: the data folder, one network, a small photo and painting."""
from pathlib import Path

import pytest
import torch

import stylelib

DATA = Path(__file__).parents[1] / "data"
PHOTO = DATA / "content" / "china.jpg"
PAINTING = DATA / "style" / "starry_night.jpg"


@pytest.fixture(scope="session")
def vgg():
    return stylelib.load_network()


@pytest.fixture(scope="session")
def photo():
    return stylelib.load_image(PHOTO, 64)


@pytest.fixture(scope="session")
def painting():
    return stylelib.load_image(PAINTING, 64)


@pytest.fixture
def random():
    """A seeded source of random tensors: random(2, 3, 5, 7)."""
    generator = torch.Generator().manual_seed(0)
    return lambda *shape: torch.rand(shape, generator=generator)
