"""The losses that the transfer uses are those of `stylelib.losses`: value, gradient and second derivative."""
import pytest
import torch

from stylelib import losses
from stylelib.engine import fast

FORMATS = (torch.contiguous_format, torch.channels_last)
# Each as a function of features that is not symmetric in the Gram matrix's entries
CALLS = {
    "content_loss": lambda room, features, given: room.content_loss(features, given["target"]),
    "gram_matrix": lambda room, features, given:
        (given["weights"] * room.gram_matrix(features)).square().sum(),
    "style_loss": lambda room, features, given: room.style_loss(features, given["gram"]),
}


@pytest.fixture
def features(random):
    return random(2, 5, 6, 9) * 4 - 1              # a batch of two, not square


def value_and_derivatives(call, room, features, given):
    """The value, the gradient, and the gradient of a function of the gradient."""
    features = features.clone().requires_grad_()
    value = call(room, features, given)
    first, = torch.autograd.grad(value, features, create_graph=True)
    second, = torch.autograd.grad((first * features.detach().cos()).sum(), features)
    return value, first, second


@pytest.mark.parametrize("memory_format", FORMATS)
@pytest.mark.parametrize("pictures", [1, 2])
@pytest.mark.parametrize("name", CALLS)
def test_value_gradient_and_second_derivative(name, pictures, memory_format, random):
    features = (random(pictures, 5, 6, 7) * 4 - 1).to(memory_format=memory_format)
    target = random(pictures, 5, 6, 7)
    given = {"target": target, "weights": random(pictures, 5, 5), "gram": losses.gram_matrix(target)}
    readable, quick = (value_and_derivatives(CALLS[name], room, features, given) for room in (losses, fast))
    for got, expected in zip(quick, readable, strict=True):
        assert torch.allclose(got, expected, rtol=1e-4, atol=1e-6) and expected.abs().max() > 1e-3
    # as the network has it: with another order, the layers before it would go back more slowly
    if memory_format == torch.channels_last:
        assert quick[1].is_contiguous(memory_format=memory_format)


def test_in_double_precision_to_the_last_digits(random):
    features = random(1, 5, 6, 7).double()
    difference = fast.gram_matrix(features) - losses.gram_matrix(features)
    assert difference.dtype == torch.float64 and difference.abs().max() < 1e-14


@pytest.mark.parametrize("room", [losses, fast])
def test_half_precision_is_summed_in_float32(room, features):
    gram = room.gram_matrix(features.bfloat16())
    assert gram.dtype == torch.float32
    assert torch.allclose(gram, room.gram_matrix(features), rtol=0.02, atol=0.05)
    assert room.content_loss(features.half(), features.half() + 1).dtype == torch.float32


def test_gram_matrix_with_torch_func(random):
    features = random(3, 1, 5, 6, 7)
    gradients = torch.func.vmap(torch.func.grad(lambda F: fast.gram_matrix(F).square().sum()))(features)
    for F, gradient in zip(features, gradients, strict=True):
        plain = torch.func.grad(lambda F: (F.flatten(2) @ F.flatten(2).mT / 42).square().sum())
        assert torch.allclose(gradient, plain(F), rtol=1e-4)


@pytest.mark.parametrize("call, words", [
    (lambda: fast.content_loss(torch.zeros(1, 2, 3, 4), torch.zeros(1, 2, 4, 3)), r"\(1, 2, 4, 3\)"),
    (lambda: fast.gram_matrix(torch.zeros(2, 3, 4)), r"\(2, 3, 4\)"),
    (lambda: fast.style_loss(torch.zeros(1, 2, 3, 4), torch.zeros(1, 3, 3)), r"\(1, 3, 3\)"),
])
def test_wrong_shapes_are_quoted(call, words):
    with pytest.raises(ValueError, match=words):
        call()
