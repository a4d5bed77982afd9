"""What several tests need: the data folder, one network, a small photo and painting."""
import os
from pathlib import Path

import pytest
import torch

import stylelib

from .browser import chromium, file_page, missing

DATA = Path(__file__).parents[1] / "data"
PHOTO = DATA / "content" / "china.jpg"
PAINTING = DATA / "style" / "starry_night.jpg"
os.environ["LANGUAGE"] = "en"       # what the command line says is read in English, whoever runs the tests


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


@pytest.fixture(scope="module")
def browser():
    """A chromium; where there is none, the test is skipped.

    For one module only: while playwright runs, no notebook can (both want an event loop in this thread).
    """
    reason = missing()
    if reason:
        pytest.skip(reason)
    with chromium() as browser:
        yield browser


@pytest.fixture
def page_size():
    """(width, height) of the next page. A test file with other pages says its own."""
    return 1280, 900


@pytest.fixture
def page(browser, page_size):
    """A page for files from a plain folder, which may ask nothing of a network; see `browser.file_page`."""
    with file_page(browser, *page_size) as page:
        yield page
