"""Checkers for notebook 04: the total loss and the loop that lowers it."""
from collections.abc import Callable

import torch

from ...engine.language import mark, tr
from ...losses import content_loss, gram_matrix, style_loss
from .springs import Springs
from .verdict import (
    CUT_OFF,
    Mistake,
    a_tensor,
    compare,
    equal,
    exercise,
    explained,
    has_shape,
    is_finite,
    watched,
)

ALPHA, BETA = 2.5, 7.0          # with three style layers, and no quotient of these numbers equals another
STEPS = 40
SHAPES = {"relu1_1": (1, 4, 6, 9), "relu2_1": (1, 6, 3, 4), "relu3_1": (1, 3, 2, 3), "relu4_2": (1, 5, 2, 3)}


# --------------------------------------------------------------------------------------------- total loss
@exercise
def total_loss(answer: Callable) -> None:
    """total_loss(features, content_targets, style_targets, alpha, beta): eq. 7, with several style layers."""
    features, content_targets, style_targets = _activations()
    content, styles = _terms(features, content_targets, style_targets)
    expected = ALPHA * content + BETA * sum(styles) / len(styles)
    got = watched(answer, _target_errors(), features={layer: F.clone() for layer, F in features.items()},
                  content_targets=dict(content_targets), style_targets=dict(style_targets),
                  alpha=ALPHA, beta=BETA)
    if isinstance(got, (dict, tuple, list)):
        raise Mistake(tr("one number is expected, the sum of the two weighted terms; you returned a "
                         "{type_name}", type_name=type(got).__name__))
    if isinstance(got, float):
        raise Mistake(tr("you returned a Python number, which remembers nothing of how it was computed, so "
                         "there is no gradient: leave out .item() and float()"))
    compare(got, expected.detach(), list(_wrong_totals(features, content_targets, style_targets)))
    _check_graph(got, expected, features)
    _check_other_layers(answer, features, content_targets, style_targets)


def _target_errors():
    """(words of an error, hint)."""
    yield ("'dict' object",
           tr("the targets are dictionaries: go through them with .items(), which gives each layer's name "
              "and target"))
    yield ("unpack",
           tr("going through a dictionary gives its names only: take .items(), for layer, A in "
              "style_targets.items()"))
    for layer in SHAPES:
        yield (f"'{layer}'",
               tr("there is no target for each layer of features, {layer} lacks one: go through "
                  "content_targets and through style_targets, and look up features[layer]", layer=layer))
    for words in ("'relu", "'conv"):
        # Translators: {error} is the name of a layer, in quotation marks
        yield (words,
               tr("take the layers' names from content_targets and style_targets, there is no {error} here"))
    # Translators: {error} is what style_loss says about the shapes
    yield ("(N, C, H, W)",
           tr("style_loss(F, A) takes activations and a Gram matrix, and A is one already: hand it over as "
              "it is ({error})"))


def _check_other_layers(answer, features, content_targets, style_targets):
    """Two style layers, under other names, and the features in another order."""
    fewer = dict(list(style_targets.items())[:2])
    content, styles = _terms(features, content_targets, fewer)
    needed = {layer: features[layer] for layer in (*fewer, *content_targets)}
    needed, content_targets, fewer = (
        {f"layer {layer}": tensor for layer, tensor in reversed(entries.items())}
        for entries in (needed, content_targets, fewer))
    try:
        got = answer(needed, content_targets, fewer, ALPHA, BETA)
    except Exception:  # noqa: BLE001 - the learner's own code may raise anything
        got = None
    if equal(got, ALPHA * content + BETA * sum(styles) / 3):
        raise Mistake(tr("right for three style layers, but not for two: divide by the number of layers "
                         "that are given, len(style_targets)"))
    if not equal(got, ALPHA * content + BETA * sum(styles) / 2):
        raise Mistake(tr("right for these layers, but not for others in another order: take each layer's "
                         "name from content_targets or style_targets, and look up features[layer]"))


def _activations():
    generator = torch.Generator().manual_seed(4)
    features = {layer: (4 * torch.rand(shape, generator=generator)).requires_grad_(True)
                for layer, shape in SHAPES.items()}
    content_targets = {"relu4_2": 4 * torch.rand(SHAPES["relu4_2"], generator=generator)}
    # paintings of another size than the photo: only their Gram matrices count
    style_targets = {layer: gram_matrix(4 * torch.rand(1, SHAPES[layer][1], 5, 7, generator=generator))
                     for layer in ("relu1_1", "relu2_1", "relu3_1")}
    return features, content_targets, style_targets


def _terms(features, content_targets, style_targets):
    content = sum(content_loss(features[layer], P) for layer, P in content_targets.items())
    return content, [style_loss(features[layer], A) for layer, A in style_targets.items()]


def _wrong_totals(features, content_targets, style_targets):
    """(wrong total, hint)."""
    content, styles = _terms(features, content_targets, style_targets)
    total, style = sum(styles), sum(styles) / len(styles)
    average = tr("each style layer has the weight 1/(number of style layers): take the mean over the "
                 "layers, not the sum")
    yield (BETA * content + ALPHA * style,
           tr("alpha and beta are swapped: alpha belongs to the content term, beta to the style term"))
    # Translators: {hint} is "each style layer has the weight 1/(number of style layers): ..."
    yield BETA * content + ALPHA * total, tr("alpha and beta are swapped; and {hint}", hint=average)
    yield (content + style,
           tr("the weights are missing: multiply the content term by alpha and the style term by beta"))
    yield content + total, tr("the weights alpha and beta are missing; and {hint}", hint=average)
    yield content + BETA * style, tr("the weight alpha of the content term is missing")
    yield ALPHA * content + style, tr("the weight beta of the style term is missing")
    yield ALPHA * content, tr("the style term is missing")
    yield BETA * style, tr("the content term is missing")
    yield ALPHA * content + BETA * total, average
    for divisor in (1, 3):
        yield (ALPHA * content + BETA * styles[-1] / divisor,
               tr("only the last style layer counts: does your loop overwrite the sum, where it should add?"))
        yield (ALPHA * content + BETA * styles[0] / divisor,
               tr("only the first style layer counts: is `return` inside your loop?"))
    for divisor in (3, 4):
        yield ((ALPHA * content + BETA * total) / divisor,
               tr("everything is divided: the mean belongs to the style layers only, the content term is "
                  "not divided. Mind the brackets"))
    for divisor in (4, 5):
        yield (ALPHA * content + BETA * total / divisor,
               tr("you divide the style by {divisor}, but here are {count} style layers: divide by "
                  "len(style_targets)", divisor=divisor, count=len(styles)))
    yield ALPHA * content + BETA * style / len(styles), tr("the number of layers is divided away twice")
    bracket = tr("a bracket is misplaced: alpha multiplies the content term only, beta the style term only")
    yield from ((ALPHA * (content + BETA * style), bracket), (BETA * (ALPHA * content + style), bracket))
    yield ALPHA * (content + BETA * total), tr("a bracket is misplaced: alpha multiplies the content term "
                                               "only, beta the style term only; and {hint}", hint=average)
    yield ALPHA * content - BETA * style, tr("the two terms are added, not subtracted")
    yield ALPHA * content * BETA * style, tr("the two terms are added, not multiplied")
    P, = content_targets.values()
    for scale, hint in (
            (P.numel() / 2, tr("your content term is half the sum of squares, as eq. 1 is printed: take "
                               "content_loss, which is the mean of squares")),
            (P.numel(), tr("your content term is the sum of squares: take content_loss, which is the mean "
                           "of squares")),
            (0.5, tr("your content term is half the mean of squares: take content_loss, which is the mean "
                     "of squares"))):
        yield ALPHA * scale * content + BETA * style, hint
    yield (ALPHA * content + BETA * 4 * style,
           tr("your style term is the mean squared difference of Gram matrices; the paper's E is a quarter "
              "of it: take style_loss"))
    own = content / P.square().mean()
    empty = [style_loss(torch.zeros_like(features[name]), A) for name, A in style_targets.items()]
    relative = sum(E / unit for E, unit in zip(styles, empty)) / len(styles)
    whole = total / sum(empty)
    for c, s in ((own, relative), (own, style), (content, relative), (content, whole), (own, whole)):
        yield (ALPHA * c + BETA * s,
               tr("these are relative losses, divided by those of an empty picture. The exercise asks for "
                  "the plain ones"))


def _check_graph(got, expected, features):
    """The value is right; is it still connected with the features?"""
    if not (isinstance(got, torch.Tensor) and got.requires_grad):
        raise Mistake(tr(CUT_OFF))
    gradients = torch.autograd.grad(got, list(features.values()), allow_unused=True)
    wanted = torch.autograd.grad(expected, list(features.values()))
    for layer, gradient, right in zip(features, gradients, wanted):
        if gradient is None or not equal(gradient, right):
            term = "content" if layer == "relu4_2" else "style"
            # Translators: {term} is "content" or "style", a key of the loss
            raise Mistake(tr("the value is right, but the gradient of the {term} term does not reach "
                             "{layer}: leave out .item(), float() and .detach()", term=term, layer=layer))


# --------------------------------------------------------------------------------------------------- loop
@exercise
def transfer(answer: Callable) -> None:
    """transfer(image, loss, steps): lower loss(image), which returns {term: scalar}, by moving the pixels."""
    _try(answer, (1, 3, 5, 8), STEPS, ("content", "style"))
    _try(answer, (1, 3, 4, 3), 7, ("content", "style", "smoothness"), leaves=0.7)


def _try(answer, shape, steps, terms, leaves=0.0):
    generator = torch.Generator().manual_seed(sum(shape))
    start = 0.2 + 0.6 * torch.rand(shape, generator=generator)
    start[:, :, 0], start[:, :, 1] = 0.95, 0.05
    image, loss = start.clone(), Springs(shape, generator, terms, leaves)
    with loss.watching():
        got = explained(_meanings(loss), answer, image, loss, steps)
    _check_arguments(image, start)
    _check_evaluations(loss, start, steps)
    _check_steps(loss, steps)
    _check_number(loss, steps)
    _check_gradients(loss)
    _check_result(got, start, loss)
    if leaves:
        _check_range(got, loss)
    else:                   # where nothing is clamped, every method that works gets down
        _check_fall(got, start, loss, steps)


NEW_TENSOR = mark("after the first step, the loss sees another tensor than the optimiser holds: image = "
                  "image.clamp(0, 1) makes a new one, and so do detach() and clone(). Change the pixels in "
                  "place: with torch.no_grad(): image.clamp_(0, 1)")


def _meanings(loss):
    """(words of an error, what they mean), where torch writes for experts; read when it has happened."""
    if loss.evaluations and loss.evaluations[0].itself and loss.evaluations[0].leaves:
        if not loss.evaluations[-1].leaves:
            yield "does not require", NEW_TENSOR
        if not loss.evaluations[-1].itself:
            yield "second time", NEW_TENSOR
            yield "inplace operation", NEW_TENSOR
    yield ("does not require",
           tr("nothing in the loss depends on a tensor with gradients: write image.requires_grad_(True) on "
              "your copy, and let only the clamp be inside torch.no_grad()"))
    yield ("'int' and 'str'",
           tr("sum(loss(image)) adds up the names of the terms: write sum(loss(image).values())"))
    yield "'dict'", tr("loss(image) returns a dictionary of terms: add them up with "
                       "sum(loss(image).values())")
    yield ("'Springs' object has no attribute",
           tr("loss is a function: first compute total = sum(loss(image).values()), then call "
              "total.backward()"))
    yield ("params argument given to the optimizer",
           tr("an optimiser takes a list of tensors: write [image], in brackets"))
    yield ("missing 1 required positional argument: 'closure'",
           tr("L-BFGS computes the loss itself: write a closure and call optimizer.step(closure)"))
    yield "not 'NoneType'", tr("does your closure end with `return`? L-BFGS needs the loss that it computes")
    yield ("'NoneType'",
           tr("a .grad is None: no backward() has reached that tensor. Either backward() was not called "
              "yet, or image = image - ... made a new tensor, which collects no gradients: change the "
              "pixels in place, inside `with torch.no_grad():`"))
    yield "no attribute 'backward'", tr("a plain number has no gradient: leave out .item() and float()")
    yield ("leaf Variable that requires grad",
           tr("pixels that are being optimised may be changed only inside `with torch.no_grad():`"))
    yield ("can't optimize a non-leaf Tensor",
           tr("the optimiser needs a tensor that was not computed from another one with gradients: "
              "image.clone().requires_grad_(True), in this order"))
    yield ("second time",
           tr("the graph of an earlier step is used again: compute loss(image) again in every step, and "
              "detach what you keep"))


def _check_arguments(image, start):
    if not torch.equal(image, start):
        raise Mistake(tr("the picture that was handed in has changed: work on a copy, image.clone()"))
    if image.requires_grad:
        raise Mistake(tr("the picture that was handed in now requires gradients: work on a copy, "
                         "image.clone().requires_grad_(True)"))


def _check_evaluations(loss, start, steps):
    """Was the right picture's loss computed and differentiated, all of it?"""
    pulls = [evaluation.pulls for evaluation in loss.evaluations if evaluation.pulls]
    if not loss.evaluations:
        raise Mistake(tr("your loop never computes loss(image)"))
    if (loss.evaluations[0].seen - start).abs().mean() > 0.05:
        raise Mistake(tr("your loop starts from another picture than the one handed in: begin with a copy "
                         "of it, image.clone()"))
    if not pulls:
        raise Mistake(tr("the loss is computed but its gradient is not: call .backward() on the sum of the "
                         "terms"))
    if len(loss.evaluations) == 1 and steps > 1:
        raise Mistake(tr("the loss was computed once, for {steps} steps: is `return` inside the loop, or "
                         "the loss computed before it?", steps=steps))
    for name in loss.targets:
        if not any(name in factors for factors in pulls):
            # Translators: {name} is "content" or "style", a key of the loss
            raise Mistake(tr("the {name} term has no influence: lower the sum of all terms, "
                             "sum(loss(image).values())", name=name))
    if len(loss.evaluations) > steps + 2:       # perhaps each term of another evaluation: see _check_number
        return
    for factors in pulls:
        low, *_, high = sorted(factors.get(name, 0) for name in loss.targets)
        if high - low > 1e-3 * abs(high):
            raise Mistake(tr("the terms do not count equally: one has {low:.3g} times its gradient, another "
                             "{high:.3g} times. Lower their plain sum, sum(loss(image).values()), with no "
                             "weights and no product", low=low, high=high))


def _check_steps(loss, steps):
    """Does the optimiser hold the right tensor, find a gradient, and keep its memory?"""
    if not loss.steps:
        return
    first = loss.steps[0]
    if not first.holds:
        raise Mistake(tr("the optimiser holds another tensor than the loss sees: give the same tensor to "
                         "both, [image] and loss(image)"))
    if not all(step.holds for step in loss.steps):
        raise Mistake(tr(NEW_TENSOR))
    if first.empty and not first.closure:
        raise Mistake(tr("zero_grad() comes between backward() and step(), and throws the new gradient "
                         "away: the order is zero_grad, backward, step") if first.differentiated else
                      tr("step() comes before backward(), when there is no gradient yet: the order is "
                         "zero_grad, backward, step"))
    optimizers = {id(step.optimizer): step.optimizer for step in loss.steps}.values()
    if len(optimizers) > max(2, steps / 2) and any(map(_has_memory, optimizers)):
        raise Mistake(tr("your loop makes a new optimiser in each step, which remembers nothing of the "
                         "steps before: make one, before the loop"))


def _has_memory(optimizer):
    return not isinstance(optimizer, torch.optim.SGD) or optimizer.defaults["momentum"] != 0


def _check_number(loss, steps):
    """One evaluation for each step?"""
    calls, used = len(loss.evaluations), sum(bool(evaluation.pulls) for evaluation in loss.evaluations)
    allowed = len(loss.steps) + (2 if len(loss.steps) >= steps else 0)
    if any(step.closure for step in loss.steps) and used > allowed:
        search = loss.steps[0].optimizer.defaults.get("line_search_fn")
        raise Mistake(tr("{calls} evaluations of the loss for {steps} steps, one for each is expected: the "
                         "line search computes it several times; leave out line_search_fn",
                         calls=calls, steps=steps) if search else
                      tr("{calls} evaluations of the loss for {steps} steps, one for each is expected: one "
                         "call of L-BFGS's step runs up to 20 iterations; give it max_iter=1, and call it "
                         "`steps` times", calls=calls, steps=steps))
    if calls < steps:
        raise Mistake(tr("{calls} evaluations for {steps} steps: every step needs the loss of the picture "
                         "as it is now; does your loop run `steps` times?", calls=calls, steps=steps))
    if calls > steps + 2 >= used:
        raise Mistake(tr("{calls} evaluations of the loss for {steps} steps, one for each is expected: you "
                         "compute it again, to look at it? Keep what you have: terms = loss(image), then "
                         "sum(terms.values())", calls=calls, steps=steps))
    if calls > steps + 2:
        raise Mistake(tr("{calls} evaluations of the loss for {steps} steps, one for each is expected: does "
                         "your loop run `steps` times, and call loss(image) once in each step?",
                         calls=calls, steps=steps))
    if len(loss.steps) > steps:
        raise Mistake(tr("{count} steps instead of {steps}: does your loop run `steps` times?",
                         count=len(loss.steps), steps=steps))


def _check_gradients(loss):
    copied = not loss.evaluations[0].itself         # else the gradient may be taken at the picture itself
    if copied and any(evaluation.blocked for evaluation in loss.evaluations):
        raise Mistake(tr("the loss gets a changed copy of the picture, such as image.clamp(0, 1): a pixel "
                         "that has reached 0 or 1 then gets no gradient and never comes back. Give the loss "
                         "the picture itself, and clamp it after the step"))
    if any(evaluation.stale for evaluation in loss.evaluations):
        raise Mistake(tr("the gradients of all steps pile up in .grad: call optimizer.zero_grad() before "
                         "each backward()"))


def _check_result(got, start, loss):
    if a_tensor(got, mark("a picture (a tensor) is expected, got {type_name}")).ndim == 0:
        raise Mistake(tr("the picture is expected, you returned a single number (the loss?)"))
    has_shape(got, start.shape)
    if got.requires_grad:
        raise Mistake(tr("the picture that you return still requires gradients, and can be neither saved "
                         "nor shown: return image.detach()"))
    is_finite(got, tr("the learning rate is far too large, or the gradients pile up"))
    if torch.equal(got, start):
        if not torch.equal(loss.evaluations[0].seen, loss.evaluations[-1].seen):
            raise Mistake(tr("you return the picture you started from: return the one that was optimised"))
        raise Mistake(tr("no pixel has changed: call optimizer.step() after backward()"))


def _check_range(got, loss):
    low, high = float(got.min()), float(got.max())
    if low < -1e-6 or high > 1 + 1e-6:
        raise Mistake(tr("pixels leave [0, 1] (from {low:.2g} to {high:.2g}). You clamp at one end only. "
                         "After each step, clamp the picture to [0, 1] inside torch.no_grad()",
                         low=low, high=high) if 0 <= low or high <= 1 else
                      tr("pixels leave [0, 1] (from {low:.2g} to {high:.2g}). After each step, clamp the "
                         "picture to [0, 1] inside torch.no_grad()", low=low, high=high))
    seen = torch.stack([evaluation.seen for evaluation in loss.evaluations])
    if seen.min() < -1e-6 or seen.max() > 1 + 1e-6:
        raise Mistake(tr("the picture is clamped at the end only: in between it leaves [0, 1], and the loss "
                         "that falls is not the loss of the picture that you return. Clamp it after each "
                         "step"))


def _check_fall(got, start, loss, steps):
    before, after = loss.value(start), loss.value(got)
    lowest = loss.value(sum(loss.targets.values()) / len(loss.targets))
    if after > before:
        raise Mistake(tr("the loss rose instead of falling, from {before:.2g} to {after:.2g}: is the "
                         "learning rate too large, or the sign of the update wrong?",
                         before=before, after=after))
    if before - after < 0.25 * (before - lowest):
        raise Mistake(tr("the loss hardly fell in {steps} steps: the learning rate is too small (for Adam, "
                         "0.02 is a good start)", steps=steps))
