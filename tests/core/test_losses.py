"""Equations 1 to 6 of the paper, against NumPy in float64, numbers by hand, and the paper's gradients."""
import numpy as np
import pytest
import torch

from stylelib import content_loss, gram_matrix, relative_change, style_loss, total_variation


@pytest.fixture
def features(random):
    return random(2, 5, 6, 9) * 4 - 1              # a batch of two, not square


def test_content_loss_by_hand():
    features, target = torch.tensor([1.0, 2.0]), torch.tensor([3.0, 2.0])
    assert content_loss(features.view(1, 1, 1, 2), target.view(1, 1, 1, 2)) == 2.0      # (4 + 0) / 2


def test_content_loss_is_equation_1(features, random):
    target = random(*features.shape)
    sum_of_squares = ((features.double().numpy() - target.double().numpy()) ** 2).sum()
    loss = content_loss(features, target).item()         # a mean, where the paper has half a sum
    assert loss * features.numel() / 2 == pytest.approx(sum_of_squares / 2, rel=1e-5)


def test_content_gradient_is_equation_2(random):
    raw = (random(1, 5, 6, 9) * 4 - 1).requires_grad_()
    target = random(1, 5, 6, 9)
    activations = raw.relu()
    (content_loss(activations, target) * activations.numel() / 2).backward()
    expected = torch.where(raw > 0, activations - target, 0.0)
    assert torch.allclose(raw.grad, expected.detach(), atol=1e-5)


def test_relative_change_is_the_root_of_the_relative_loss(features, random):
    target = random(*features.shape)
    expected = (content_loss(features, target) / content_loss(torch.zeros_like(target), target)).item()
    assert relative_change(features, target) ** 2 == pytest.approx(expected, rel=1e-5)
    assert relative_change(target, target) == 0
    assert relative_change(0 * target, target) == pytest.approx(1)
    moved = relative_change(torch.tensor([0.0, 5.0]), torch.tensor([3.0, 1.0]))
    assert moved == pytest.approx((25 / 10) ** 0.5)


def test_gram_matrix_by_hand():
    features = torch.tensor([[1.0, 2.0, 0.0, 1.0], [0.0, 1.0, 1.0, 0.0]]).view(1, 2, 2, 2)
    assert torch.equal(gram_matrix(features), torch.tensor([[[6.0, 2.0], [2.0, 2.0]]]) / 4)


@pytest.mark.parametrize("memory_format", [torch.contiguous_format, torch.channels_last])
def test_gram_matrix_is_equation_3(features, memory_format):
    flat = features.double().numpy().reshape(2, 5, 54)
    expected = np.einsum("nik,njk->nij", flat, flat) / 54
    gram = gram_matrix(features.contiguous(memory_format=memory_format))
    assert np.allclose(gram.numpy(), expected, rtol=1e-5)


def test_gram_matrix_forgets_where(features):
    order = torch.randperm(54, generator=torch.Generator().manual_seed(0))
    shuffled = features.flatten(2)[:, :, order].view_as(features)
    assert not torch.allclose(shuffled, features)
    assert torch.allclose(gram_matrix(shuffled), gram_matrix(features), atol=1e-5)


def test_gram_matrix_does_not_change_with_size(features):
    assert torch.allclose(gram_matrix(features.repeat(1, 1, 3, 2)), gram_matrix(features), atol=1e-5)


def test_gram_matrix_is_symmetric_and_positive(features):
    gram = gram_matrix(features)
    assert torch.allclose(gram, gram.mT) and torch.linalg.eigvalsh(gram.double()).min() > -1e-9


def test_gram_matrix_in_half_precision_keeps_float32(features):
    gram = gram_matrix(features.bfloat16())
    assert gram.dtype == torch.float32 and torch.allclose(gram, gram_matrix(features), rtol=0.02, atol=0.05)


def test_style_loss_is_equation_4(random):
    features, painting = random(1, 5, 6, 9), random(1, 5, 6, 9)
    F, S = (x.double().numpy().reshape(5, 54) for x in (features, painting))
    G, A = F @ F.T, S @ S.T                       # the paper's, not divided
    expected = ((G - A) ** 2).sum() / (4 * 5**2 * 54**2)
    assert style_loss(features, gram_matrix(painting)).item() == pytest.approx(expected, rel=1e-4)


def test_style_gradient_is_equation_6(random):
    raw = (random(1, 5, 6, 9) * 2 - 1).requires_grad_()
    painting = random(1, 5, 6, 9)
    style_loss(raw.relu(), gram_matrix(painting)).backward()
    F, S = (x.detach().double().view(5, 54) for x in (raw.relu(), painting))
    G, A = F @ F.T, S @ S.T
    expected = (F.T @ (G - A)).T / (5**2 * 54**2) * (raw.detach().view(5, 54) > 0)
    assert torch.allclose(raw.grad.view(5, 54).double(), expected, rtol=1e-3, atol=1e-7)


def test_zero_at_the_target(features):
    assert content_loss(features, features) == 0
    assert style_loss(features, gram_matrix(features)) < 1e-10
    assert total_variation(torch.full((1, 3, 8, 9), 0.4)) == 0


def test_scale_laws(features, random):
    """Content is of degree 2 in the features, style of degree 4: the input range moves the balance."""
    target = random(*features.shape)
    content, style = content_loss(features, target), style_loss(features, gram_matrix(target))
    assert content_loss(3 * features, 3 * target) == pytest.approx(9 * content.item(), rel=1e-4)
    assert style_loss(3 * features, gram_matrix(3 * target)) == pytest.approx(81 * style.item(), rel=1e-4)


def test_a_batch_is_the_mean_of_its_pictures(features, random):
    target = gram_matrix(random(1, 5, 7, 4))
    each = [style_loss(picture[None], target).item() for picture in features]
    assert style_loss(features, target).item() == pytest.approx(sum(each) / 2, rel=1e-5)


def test_total_variation_by_hand():
    image = torch.zeros(1, 3, 2, 3)
    image[..., 2] = 0.6                           # one edge across, between columns 2 and 3
    assert total_variation(image).item() == pytest.approx(0.3)       # across: mean of (0, 0.6); down: 0


def test_total_variation_grows_with_noise(random):
    noise = random(1, 3, 20, 30)
    assert total_variation(noise) > 1.5 * total_variation(noise / 2) > 0


@pytest.mark.parametrize("call, words", [
    (lambda: content_loss(torch.zeros(1, 2, 3, 4), torch.zeros(1, 2, 4, 3)), r"\(1, 2, 4, 3\)"),
    (lambda: gram_matrix(torch.zeros(2, 3, 4)), r"\(2, 3, 4\)"),
    (lambda: style_loss(torch.zeros(1, 2, 3, 4), torch.zeros(1, 3, 3)), r"\(1, 3, 3\)"),
    (lambda: style_loss(torch.zeros(1, 2, 3, 4), torch.zeros(1, 2, 3, 4)), r"\(1, 2, 3, 4\)"),
    (lambda: total_variation(torch.zeros(1, 3, 1, 4)), r"\(1, 3, 1, 4\)"),
])
def test_wrong_shapes_are_quoted(call, words):
    with pytest.raises(ValueError, match=words):
        call()
