"""The loop: every method lowers a loss, counts its work honestly, and says so when a loss breaks."""
from itertools import pairwise

import pytest
import torch

from stylelib import DivergenceError, TransferLoss, load_image, optimize

from ..conftest import PAINTING, PHOTO


@pytest.fixture
def valley(random):
    """A loss with a narrow valley, and its lowest point: its axes differ a hundredfold in steepness."""
    lowest, steepness = random(1, 3, 8, 10) * 0.8 + 0.1, torch.logspace(-1, 1, 240).view(1, 3, 8, 10)
    return lambda image: {"distance": (steepness * (image - lowest).square()).sum()}, lowest


def _run(start, loss, steps, **settings):
    return list(optimize(start, loss, steps, **settings))


@pytest.mark.parametrize("method, steps, fall", [("lbfgs", 40, 1000), ("adam", 150, 100), ("sgd", 150, 3)])
def test_each_method_lowers_the_loss(valley, random, method, steps, fall):
    loss, _ = valley
    start = random(1, 3, 8, 10)
    history = _run(start, loss, steps, method=method)
    assert history[-1].total < loss(start)["distance"].item() / fall


def test_lbfgs_finds_the_lowest_point(valley, random):
    loss, lowest = valley
    assert torch.allclose(_run(random(1, 3, 8, 10), loss, 80)[-1].image, lowest, atol=1e-3)


def test_lbfgs_goes_the_way_of_torchs(valley, random):
    loss, _ = valley
    start = random(1, 3, 8, 10) * 0.5 + 0.25
    ours = _run(start, loss, 25, clamp=False, history=5)
    image = start.clone().requires_grad_()
    # with the same first change: torch divides its first step by the gradient's absolute sum
    gradient = torch.autograd.grad(loss(image)["distance"], image)[0].abs()
    first = 2 / 255 / gradient.mean() * gradient.sum().clamp(min=1)
    theirs = torch.optim.LBFGS([image], lr=float(first), max_iter=1, history_size=5,
                               tolerance_grad=0, tolerance_change=0)

    def closure():
        image.grad = None
        total = loss(image)["distance"]
        total.backward()
        return total

    for step in ours[:12]:
        theirs.step(closure)
        theirs.param_groups[0]["lr"] = 1
        assert torch.allclose(step.image, image.detach(), atol=1e-4)


def test_a_step_describes_its_own_picture(valley, random):
    loss, _ = valley
    start = random(1, 3, 8, 10)
    original = start.clone()
    history = _run(start, loss, 5)
    assert [step.index for step in history] == [1, 2, 3, 4, 5]
    assert [step.evaluations for step in history] == [2, 3, 4, 5, 6]
    for step in history:
        assert step.losses == {"distance": pytest.approx(loss(step.image)["distance"].item(), rel=1e-5)}
        assert not step.image.requires_grad
    assert all(later.seconds >= earlier.seconds for earlier, later in pairwise(history))
    assert torch.equal(start, original) and not start.requires_grad
    assert not torch.equal(history[0].image, history[1].image)     # copies, not one picture five times


def test_work_is_counted_as_it_is_done(valley, random):
    loss, _ = valley
    calls = []
    next(optimize(random(1, 3, 8, 10), lambda image: calls.append(1) or loss(image), 100))
    assert len(calls) == 2            # the start and the first step; the other 99 wait until asked for


def test_the_first_step_is_two_grey_levels_whatever_the_losss_scale(valley, random):
    loss, _ = valley
    start = random(1, 3, 8, 10) * 0.5 + 0.25
    for factor in (1e-6, 1.0, 1e6):
        for method in ("lbfgs", "sgd"):
            scaled = lambda image, factor=factor: {"d": factor * loss(image)["distance"]}      # noqa: E731
            step = next(optimize(start, scaled, 1, method=method))
            assert (step.image - start).abs().mean().item() == pytest.approx(2 / 255, rel=0.05)


def test_clamping(random):
    brighter = lambda image: {"darkness": -image.sum()}      # noqa: E731
    darker = lambda image: {"light": image.sum()}            # noqa: E731
    assert _run(random(1, 3, 8, 10), brighter, 20, method="adam")[-1].image.max() == 1
    assert _run(random(1, 3, 8, 10), darker, 60, method="adam")[-1].image.min() == 0
    assert _run(random(1, 3, 8, 10), brighter, 20, method="adam", clamp=False)[-1].image.max() > 1


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_broken_loss_is_named(bad, random):
    words = r"the style loss became (nan|inf): look for NaN in the pictures"
    with pytest.raises(DivergenceError, match=words):
        _run(random(1, 3, 8, 10), lambda image: {"content": image.sum(), "style": image.sum() * bad}, 3)
    calls = []

    def breaks_later(image):
        calls.append(1)
        return {"style": image.sum() * (bad if len(calls) > 1 else 1)}
    with pytest.raises(DivergenceError, match=r"the style loss became (nan|inf): lower"):
        _run(random(1, 3, 8, 10), breaks_later, 3)


@pytest.mark.parametrize("settings, words", [
    ({"steps": 0}, "steps must be a positive number of updates, got 0"),
    ({"steps": -1}, "got -1"),
    ({"steps": 3, "method": "newton"}, "got 'newton'"),
    ({"steps": 3, "learning_rate": 0.0}, "learning_rate must be a number above 0, got 0.0"),
    ({"steps": 3, "learning_rate": "1"}, "learning_rate must be a number above 0, got '1'"),
    ({"steps": 3, "history": 0}, "history must be a positive number of steps, got 0"),
    ({"steps": 3, "history": 2.5}, "got 2.5"),
])
def test_bad_arguments_are_refused_at_once(settings, words):
    with pytest.raises(ValueError, match=words):
        optimize(torch.zeros(1, 3, 8, 8), lambda image: {"sum": image.sum()}, **settings)


@pytest.mark.parametrize("image, words", [(torch.zeros(1, 3, 8, 8, dtype=torch.uint8), "one of uint8"),
                                          ("photo.jpg", "a str")])
def test_a_start_must_be_a_tensor_of_floats(image, words):
    with pytest.raises(ValueError, match=f"image must be a tensor of floats .* got {words}"):
        optimize(image, lambda image: {"sum": image.sum()}, 3)


def test_a_start_without_gradient_stays_where_it_is():
    start = torch.full((1, 3, 4, 4), 0.5)
    history = _run(start, lambda image: {"nothing": (image * 0).sum()}, 3)
    assert torch.equal(history[-1].image, start)
    # and no RuntimeError about ambiguous truth
    assert history[0] != history[1] and history[0] == history[0]


@pytest.mark.parametrize("surroundings", [torch.no_grad, torch.enable_grad])
def test_what_surrounds_the_loop_does_not_matter(valley, random, surroundings):
    loss, _ = valley
    with surroundings():
        was = torch.is_grad_enabled()
        for _step in optimize(random(1, 3, 8, 10), loss, 3):
            assert torch.is_grad_enabled() == was


def test_inference_mode_is_named(valley, random):
    with torch.inference_mode(), pytest.raises(ValueError, match=r"leave it out, torch\.no_grad"):
        optimize(random(1, 3, 8, 10), valley[0], 3)


@pytest.mark.parametrize("terms, words", [
    (lambda image: image.sum(), "got Tensor: write for instance {'content'"),
    (lambda image: None, "got NoneType"), (lambda image: {}, "got dict"), (lambda image: 1.0, "got float"),
    (lambda image: {"style": image},
     r"the style loss must be a tensor with a single number, got one of shape \(1, 3, 8, 10\)"),
    (lambda image: {"style": image.sum(), "content": image.sum().item()},
     "the content loss must be .* got a float"),
    (lambda image: {"style": image.detach().sum()}, "does not depend on the image"),
    (lambda image: {"style": torch.ones((), requires_grad=True)}, "does not depend on the image")])
def test_a_loss_must_be_terms_by_name(terms, words, random):
    with pytest.raises(TypeError, match=words):
        _run(random(1, 3, 8, 10), terms, 3)


@pytest.mark.parametrize("method", ["lbfgs", "sgd"])
@pytest.mark.parametrize("constant", [0.0, 100.0, -100.0, -1e4])
def test_a_constant_in_the_loss_changes_nothing(valley, random, method, constant):
    """With a negative loss, every step used to count as a bad one, and was taken back."""
    loss, _ = valley
    start = random(1, 3, 8, 10) * 0.5 + 0.25
    plain = _run(start, loss, 12, method=method)[-1].image
    shifted = lambda image: {"d": loss(image)["distance"].double() + constant}      # noqa: E731
    moved = _run(start, shifted, 12, method=method)[-1].image
    assert torch.allclose(plain, moved, atol=1e-3) and (plain - start).abs().mean() > 0.01


def test_a_negative_loss_falls(random):
    """What excites a channel: the more negative, the better."""
    start, wanted = random(1, 3, 8, 10), random(1, 3, 8, 10) - 0.5
    history = _run(start, lambda image: {"dullness": -(image * wanted).sum()}, 30)
    assert all(after.total < before.total for before, after in pairwise(history))
    assert history[-1].total < -0.4 * wanted.clamp(min=0).sum()


@pytest.mark.parametrize("method", ["lbfgs", "sgd"])
def test_from_a_good_picture_the_loss_still_falls(valley, random, method):
    """The careful first step of two grey levels is too long there; it used to be repeated unshortened."""
    loss, lowest = valley
    start = lowest + 1e-4 * (random(1, 3, 8, 10) - 0.5)
    history = _run(start, loss, 25, method=method)
    assert history[-1].total < 0.8 * loss(start)["distance"].item()
    # with sgd it was 10^8 times
    assert max(step.total for step in history) < 20 * loss(start)["distance"].item()


def test_at_the_lowest_point_the_picture_stays(valley):
    loss, lowest = valley
    for method in ("lbfgs", "sgd"):
        assert torch.allclose(_run(lowest, loss, 10, method=method)[-1].image, lowest, atol=1e-4)


def test_changing_a_steps_picture_changes_nothing_else(valley, random):
    """A step that is taken back restores the picture before it, which used to be that step's very tensor."""
    loss, lowest = valley
    start = lowest + 1e-4 * (random(1, 3, 8, 10) - 0.5)
    untouched = [step.total for step in optimize(start, loss, 12)]
    painted_over = []
    for step in optimize(start, loss, 12):
        painted_over.append(step.total)
        step.image.zero_()
    assert painted_over == untouched


def test_a_step_that_goes_too_far_is_taken_back(vgg):
    """With two shallow layers at 96 px, L-BFGS without a line search jumps to a hundred times the loss."""
    photo, painting = load_image(PHOTO, 96), load_image(PAINTING, 96)
    loss = TransferLoss(vgg, photo, painting, style_layers=["relu1_1", "relu2_1"])
    totals = [step.total for step in optimize(photo, loss, 24)]
    assert all(after <= 2 * before for before, after in pairwise(totals))
    assert totals[-1] < totals[0] / 10
