"""What networks that paint are made of: normalisation, borders, sizes."""
import pytest
import torch

from stylelib.fast.layers import ConditionalNorm, Layer, Residual, instance_norm


def test_each_channel_of_each_picture_is_normalised_on_its_own(random):
    x = random(2, 3, 8, 10) * torch.tensor([1.0, 5.0]).view(2, 1, 1, 1) + torch.arange(3.0).view(1, 3, 1, 1)
    y = instance_norm(x)
    assert y.mean((2, 3)).abs().max() < 1e-5
    assert (y.std((2, 3), unbiased=False) - 1).abs().max() < 1e-3
    assert torch.allclose(y[:1], instance_norm(x[:1]), atol=1e-6)           # whoever is beside it
    assert instance_norm(torch.full((1, 1, 4, 4), 7.0)).abs().max() == 0    # nothing is divided by 0


def test_gain_and_shift_come_from_the_style(random):
    norm = ConditionalNorm(4, numbers=3)
    with torch.no_grad():
        for part in (norm.gain, norm.shift):
            part.weight.copy_(random(*part.weight.shape))
        x, styles = random(2, 4, 6, 5), random(2, 3)
        y = norm(x, styles)
    expected = (norm.gain(styles)[:, :, None, None] * instance_norm(x) + norm.shift(styles)[:, :, None, None])
    assert torch.allclose(y, expected, atol=1e-5)
    assert not torch.allclose(norm(x, styles[:1]), norm(x, styles[1:]), atol=0.05)


def test_a_new_normalisation_changes_nothing_else(random):
    x = random(1, 4, 6, 5)
    assert torch.allclose(ConditionalNorm(4, 1)(x, torch.ones(1, 1)), instance_norm(x), atol=1e-5)


def test_what_comes_in_stays_as_it_was(random):
    """Without gradients, too: a learner may look at the features before and after."""
    x, style = random(1, 4, 8, 8), torch.ones(1, 1)
    before = x.clone()
    with torch.no_grad():
        for part in (ConditionalNorm(4, 1), Layer(4, 4, 3, 1), Residual(4, 1)):
            part(x, style)
    assert torch.equal(x, before)


@pytest.mark.parametrize("options, size", [({}, (7, 10)), ({"stride": 2}, (4, 5)), ({"enlarge": 2}, (14, 20)),
                                           ({"bias": True}, (7, 10))])
def test_sizes(options, size, random):
    layer = Layer(3, 5, 3, numbers=2, **options)
    assert layer(random(2, 3, 7, 10), random(1, 2)).shape == (2, 5, *size)
    assert (layer.conv.bias is None) == ("bias" not in options)


def test_borders_are_mirrored(random):
    """With zeros around it, the border of a grey picture would differ from its middle."""
    layer = Layer(3, 5, 9, numbers=0)
    y = layer(torch.full((1, 3, 12, 12), 0.5), torch.ones(1, 1))
    assert (y - y[:, :, 6:7, 6:7]).abs().max() < 1e-5 < y.abs().max()


def test_a_residual_block_adds_to_what_came_in(random):
    block, x = Residual(4, 1), random(1, 4, 8, 8)
    torch.nn.init.zeros_(block.second.norm.gain.weight)
    assert torch.equal(block(x, torch.ones(1, 1)), x)
