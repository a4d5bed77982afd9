"""Checkers for notebook 04: the total loss and the loop that lowers it."""
import torch

from ..losses import content_loss, gram_matrix, style_loss
from .verdict import Mistake, compare, exercise

STEPS = 40


@exercise
def total_loss(answer):
    """total_loss(features, content_targets, style_targets, alpha, beta): eq. 7 for one content layer, several style layers."""
    generator = torch.Generator().manual_seed(4)
    shapes = {"relu1_1": (1, 4, 6, 9), "relu2_1": (1, 6, 3, 4), "relu3_1": (1, 3, 2, 3), "relu4_2": (1, 5, 2, 3)}
    features = {layer: torch.rand(shape, generator=generator).requires_grad_(True) for layer, shape in shapes.items()}
    content_targets = {"relu4_2": torch.rand(shapes["relu4_2"], generator=generator)}
    # paintings of another size than the photo: only their Gram matrices count
    style_targets = {layer: gram_matrix(torch.rand(1, shapes[layer][1], 5, 7, generator=generator))
                     for layer in ("relu1_1", "relu2_1", "relu3_1")}
    alpha, beta = 3.0, 70.0
    content = content_loss(features["relu4_2"], content_targets["relu4_2"])
    styles = [style_loss(features[layer], target) for layer, target in style_targets.items()]
    style = sum(styles) / len(styles)
    expected = alpha * content + beta * style

    given = dict(features), dict(content_targets), dict(style_targets)
    got = answer(*given, alpha, beta)
    if isinstance(got, (dict, tuple, list)):
        raise Mistake(f"one number is expected, the sum of the two weighted terms; you returned a {type(got).__name__}")
    if isinstance(got, float):
        raise Mistake("you returned a Python number, which remembers nothing of how it was computed, so there is no gradient: "
                      "leave out .item() and float()")
    average = "each style layer has the weight 1/(number of style layers): take the mean over the layers, not the sum"
    compare(got, expected.detach(), [
        (beta * content + alpha * style, "alpha and beta are swapped: alpha belongs to the content term, beta to the style term"),
        (content + style, "the weights are missing: multiply the content term by alpha and the style term by beta"),
        (content + beta * style, "the weight alpha of the content term is missing"),
        (alpha * content + style, "the weight beta of the style term is missing"),
        (alpha * content, "the style term is missing"),
        (beta * style, "the content term is missing"),
        (alpha * content + beta * sum(styles), average),
        (beta * content + alpha * sum(styles), "alpha and beta are swapped; and " + average),
        (alpha * content + beta * styles[-1], "only the last style layer counts: does your loop overwrite the sum, where it should add?"),
        (alpha * content + beta * styles[0], "only the first style layer counts: is `return` inside your loop?"),
        ((alpha * content + beta * sum(styles)) / 4, "the mean belongs to the style layers only: the content term is not divided"),
        (alpha * content - beta * style, "the two terms are added, not subtracted"),
    ])
    if [list(part) for part in given] != [list(part) for part in (features, content_targets, style_targets)]:
        raise Mistake("your function removed an entry from one of its arguments: read them with [layer], not with pop")
    _check_graph(got, expected, features)


def _check_graph(got, expected, features):
    """The value is right; is it still connected with the features?"""
    if not got.requires_grad:
        raise Mistake("the value is right, but it is cut off from the features, so there is no gradient: "
                      "leave out .item(), float(), .detach() and torch.no_grad()")
    gradients = torch.autograd.grad(got, list(features.values()), allow_unused=True)
    wanted = torch.autograd.grad(expected, list(features.values()))
    for layer, gradient, right in zip(features, gradients, wanted):
        if gradient is None or not torch.allclose(gradient, right, rtol=1e-3, atol=1e-9):
            term = "content" if layer == "relu4_2" else "style"
            raise Mistake(f"the value is right, but the gradient of the {term} term does not reach {layer}: "
                          "leave out .item(), float() and .detach()")


class _ToyLoss:
    """Two springs that pull each pixel; takes notes of what the learner's loop does with it."""

    def __init__(self, shape, generator, leaves):
        self.targets = {name: 0.1 + 0.8 * torch.rand(shape, generator=generator) for name in ("content", "style")}
        for target in self.targets.values():
            target[:, :, 0] += leaves                          # the top row wants to leave [0, 1]
        self.calls, self.backwards = 0, {"content": 0, "style": 0}
        self.first = self.last = None                          # pictures seen
        self.stale = self.outside = self.copied = False
        self.fresh = True                                      # no backward pass through this evaluation yet

    def value(self, image):
        return sum(float((image - target).square().sum()) / 2 for target in self.targets.values())

    def __call__(self, image):
        if not isinstance(image, torch.Tensor):
            raise Mistake(f"loss takes a picture, your loop gave it {type(image).__name__}")
        if image.shape != self.targets["content"].shape:
            raise Mistake(f"loss takes a picture of shape {tuple(self.targets['content'].shape)}, your loop gave it {tuple(image.shape)}")
        self.calls, self.fresh = self.calls + 1, True
        self.copied |= image.requires_grad and not image.is_leaf
        seen = image.detach().clone()
        self.first, self.last = (seen if self.first is None else self.first), seen
        self.outside |= bool((seen < -1e-6).any() or (seen > 1 + 1e-6).any())
        terms = {}
        for name, target in self.targets.items():
            part = image * 1.0
            if part.requires_grad:
                part.register_hook(self._note(name, image))
            terms[name] = (part - target).square().sum() / 2
        return terms

    def _note(self, name, image):
        def hook(gradient):
            self.backwards[name] += 1
            # Before anything arrives from this evaluation, .grad must be empty
            if self.fresh and image.is_leaf and image.grad is not None and bool(image.grad.any()):
                self.stale = True
            self.fresh = False
        return hook


@exercise
def transfer(answer):
    """transfer(image, loss, steps): lower loss(image), which returns {term: scalar}, by changing the pixels."""
    _try(answer, (1, 3, 5, 8), STEPS, leaves=0.0)
    _try(answer, (1, 3, 4, 3), 7, leaves=0.7)


def _try(answer, shape, steps, leaves):
    generator = torch.Generator().manual_seed(sum(shape))
    start = 0.2 + 0.6 * torch.rand(shape, generator=generator)
    start[:, :, 0] = 0.95
    image, loss = start.clone(), _ToyLoss(shape, generator, leaves)
    got = _call(answer, image, loss, steps)
    _check_arguments(image, start)
    _check_work(loss, steps)
    _check_result(got, start, loss)
    if leaves:
        _check_range(got, loss)
    else:                   # where nothing is clamped, every method that works gets down
        _check_fall(got, start, loss, steps)


def _call(answer, image, loss, steps):
    """Run the learner's loop; explain the errors that torch words for experts."""
    try:
        return answer(image, loss, steps)
    except (Mistake, NotImplementedError):
        raise
    except Exception as error:
        text = str(error)
        for part, hint in (
                ("does not require", "nothing in the loss depends on a tensor with gradients: write image.requires_grad_(True) on your "
                                     "copy, and let only the clamp be inside torch.no_grad()"),
                ("'dict'", "loss(image) returns a dictionary of terms: add them up with sum(loss(image).values())"),
                ("missing 1 required positional argument: 'closure'", "L-BFGS computes the loss itself: write a closure and call "
                                                                      "optimizer.step(closure)"),
                ("'NoneType'", "does your closure end with `return`? L-BFGS needs the loss that it computes"),
                ("leaf Variable that requires grad", "pixels that are being optimised may be changed only inside `with torch.no_grad():`"),
                ("can't optimize a non-leaf Tensor", "the optimiser needs a tensor that was not computed from another one with gradients: "
                                                     "image.clone().requires_grad_(True), in this order"),
                ("second time", "the graph of an earlier step is used again: compute loss(image) anew in every step, and detach what "
                                "you keep")):
            if part in text:
                raise Mistake(hint) from None
        raise


def _check_arguments(image, start):
    if not torch.equal(image, start):
        raise Mistake("the picture that was handed in has changed: work on a copy, image.clone()")
    if image.requires_grad:
        raise Mistake("the picture that was handed in now requires gradients: work on a copy, image.clone().requires_grad_(True)")


def _check_work(loss, steps):
    """Was the loss of the right picture computed and differentiated, once for each step?"""
    if loss.calls == 0:
        raise Mistake("your loop never computes loss(image)")
    if not any(loss.backwards.values()):
        raise Mistake("the loss is computed but its gradient is not: call .backward() on the sum of the terms")
    if loss.calls == 1:
        raise Mistake(f"the loss was computed once, for {steps} steps: is `return` inside the loop, or the loss computed before it?")
    for name, count in loss.backwards.items():
        if count == 0:
            raise Mistake(f"the {name} term has no influence: lower the sum of all terms, sum(loss(image).values())")
    if loss.calls < steps:
        raise Mistake(f"{loss.calls} evaluations for {steps} steps: every step needs the loss of the picture as it is now; does your "
                      "loop run `steps` times?")
    if loss.calls > steps + 2:
        hint = ("one call of L-BFGS's step runs up to 20 iterations: give it max_iter=1" if loss.calls >= 2 * steps - 1
                else "does your loop run `steps` times?")
        raise Mistake(f"{loss.calls} evaluations of the loss for {steps} steps, one for each is expected: {hint}")
    if loss.copied:
        raise Mistake("the loss gets a changed copy of the picture, such as image.clamp(0, 1): a pixel outside [0, 1] then has the "
                      "gradient 0 and never comes back. Give the loss the picture itself, and clamp it after the step")
    if loss.stale:
        raise Mistake("the gradients of all steps pile up in .grad: call optimizer.zero_grad() before each backward()")


def _check_result(got, start, loss):
    if got is None:
        raise Mistake("your function returned None: does it end with `return`?")
    if not isinstance(got, torch.Tensor):
        raise Mistake(f"a picture (a tensor) is expected, got {type(got).__name__}")
    if got.ndim == 0:
        raise Mistake("the picture is expected, you returned a single number (the loss?)")
    if got.shape != start.shape:
        raise Mistake(f"the shape should be {tuple(start.shape)}, got {tuple(got.shape)}")
    if got.requires_grad:
        raise Mistake("the picture that you return still requires gradients, and can be neither saved nor shown: return image.detach()")
    if not got.isfinite().all():
        raise Mistake("the picture contains NaN or infinite values: the learning rate is far too large, or the gradients pile up")
    if torch.equal(got, start):
        if not torch.equal(loss.first, loss.last):
            raise Mistake("you return the picture you started from: return the one that was optimised")
        raise Mistake("no pixel has changed: is optimizer.step() called, and does the optimiser hold the same tensor as the loss sees?")


def _check_range(got, loss):
    if got.min() < -1e-6 or got.max() > 1 + 1e-6:
        raise Mistake(f"pixels leave [0, 1] (up to {float(got.max()):.2g}): after each step, clamp the picture inside torch.no_grad()")
    if loss.outside:
        raise Mistake("the picture is clamped at the end only: in between it leaves [0, 1], and the loss that falls is not the loss of "
                      "the picture that you return. Clamp it after each step")


def _check_fall(got, start, loss, steps):
    before, after = loss.value(start), loss.value(got)
    lowest = loss.value(sum(loss.targets.values()) / len(loss.targets))
    if after > before:
        raise Mistake(f"the loss rose instead of falling, from {before:.2g} to {after:.2g}: is the learning rate too large, or the "
                      "sign of the update wrong?")
    if before - after < 0.25 * (before - lowest):
        raise Mistake(f"the loss hardly fell in {steps} steps: the learning rate is too small (for Adam, 0.02 is a good start)")
