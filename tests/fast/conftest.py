"""What tests of the networks that paint share."""
import pytest
import torch

from stylelib.fast import Painter, any_style, many_styles


@pytest.fixture(scope="session")
def any_networks():
    """(painter, predictor) for any style."""
    return any_style()


@pytest.fixture(scope="session")
def many():
    """The network that knows 26 styles."""
    return many_styles()


@pytest.fixture
def small():
    """A small painter with one style and random weights."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return Painter((4, 4, 8), blocks=1, ends=(4, 4)).requires_grad_(False)
