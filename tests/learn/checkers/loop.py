"""Answers to the exercises of notebook 04."""
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

import stylelib
from stylelib.learn.check import total_loss, transfer
from stylelib.losses import content_loss, gram_matrix, style_loss

from ..answers import table


# ------------------------------------------------------------------------------------------------- total loss
def terms(features, content_targets, style_targets):
    content = sum(content_loss(features[layer], target) for layer, target in content_targets.items())
    styles = [style_loss(features[layer], target) for layer, target in style_targets.items()]
    return content, styles


def right_total(features, content_targets, style_targets, alpha, beta):
    content, styles = terms(features, content_targets, style_targets)
    return alpha * content + beta * sum(styles) / len(styles)


def of_terms(combine):
    """A wrong answer that only combines the two terms wrongly: combine(content, styles, alpha, beta)."""
    return lambda f, p, a, alpha, beta: combine(*terms(f, p, a), alpha, beta)


def mean(values):
    return sum(values) / len(values)


def returns_in_loop(f, p, a, alpha, beta):
    content, _ = terms(f, p, a)
    style = 0
    for layer, target in a.items():
        style = style + style_loss(f[layer], target)
        return alpha * content + beta * style


def overwrites(f, p, a, alpha, beta):
    content, _ = terms(f, p, a)
    for layer, target in a.items():
        style = style_loss(f[layer], target)
    return alpha * content + beta * style


def pops(f, p, a, alpha, beta):
    result = right_total(f, p, a, alpha, beta)
    a.pop("relu1_1")
    return result


def without_graph(*arguments):
    with torch.no_grad():
        return right_total(*arguments)


def of_losses(content, style):
    """Right weights, own losses: content(F, P), style(F, A)."""
    return lambda f, p, a, alpha, beta: (alpha * content(f["relu4_2"], p["relu4_2"])
                                         + beta * mean([style(f[x], a[x]) for x in a]))


def relative_content(f, p):
    return content_loss(f, p) / p.square().mean()


def relative_style(f, a):
    return style_loss(f, a) / style_loss(torch.zeros_like(f), a)


def counts_all_layers(f, p, a, alpha, beta):
    content, styles = terms(f, p, a)
    return alpha * content + beta * sum(styles) / len(f)


def works_on_the_target(f, p, a, alpha, beta):
    result = right_total(f, p, a, alpha, beta)
    a["relu1_1"].mul_(2)
    return result


def works_on_the_features(f, p, a, alpha, beta):
    content, styles = terms(f, p, a)
    f["relu4_2"].sub_(p["relu4_2"])
    return alpha * content + beta * mean(styles)


TOTALS = table(total_loss, {
    "sum over length": right_total,
    "in one line": lambda f, p, a, alpha, beta: (
        alpha * sum(torch.nn.functional.mse_loss(f[x], p[x]) for x in p)
        + beta * torch.stack([style_loss(f[x], a[x]) for x in a]).mean()),
    "weights first": of_terms(lambda c, s, alpha, beta: sum(beta / len(s) * x for x in s) + alpha * c),
    "divided by an np.int64": of_terms(
        lambda c, s, alpha, beta: alpha * c + beta * sum(s) / np.int64(len(s))),
    "in double precision": of_terms(lambda c, s, alpha, beta: alpha * c.double() + beta * mean(s)),
    "going through the features": lambda f, p, a, alpha, beta: sum(
        alpha * content_loss(F, p[x]) if x in p else beta * style_loss(F, a[x]) / len(a)
        for x, F in f.items()),
}, [
    (of_terms(lambda c, s, alpha, beta: beta * c + alpha * mean(s)), "swapped"),
    (of_terms(lambda c, s, alpha, beta: beta * c + alpha * sum(s)), "swapped; and each style layer"),
    (of_terms(lambda c, s, alpha, beta: c + mean(s)), "the weights are missing"),
    (of_terms(lambda c, s, alpha, beta: c + beta * mean(s)),
     "the weight alpha of the content term is missing"),
    (of_terms(lambda c, s, alpha, beta: alpha * c + mean(s)), "the weight beta of the style term is missing"),
    (of_terms(lambda c, s, alpha, beta: alpha * c), "the style term is missing"),
    (of_terms(lambda c, s, alpha, beta: beta * mean(s)), "the content term is missing"),
    (of_terms(lambda c, s, alpha, beta: alpha * c + beta * sum(s)), "take the mean over the layers"),
    (of_terms(lambda c, s, alpha, beta: (alpha * c + beta * sum(s)) / 4), "the content term is not divided"),
    (of_terms(lambda c, s, alpha, beta: alpha * c - beta * mean(s)), "added, not subtracted"),
    (returns_in_loop, "`return` inside your loop"),
    (overwrites, "overwrite the sum"),
    (pops, "not with pop"),
    (of_terms(lambda c, s, alpha, beta: alpha * c.item() + beta * mean(s).item()), "leave out .item()"),
    (of_terms(lambda c, s, alpha, beta: (alpha * c + beta * mean(s)).detach()), "cut off from the features"),
    (of_terms(lambda c, s, alpha, beta: alpha * c.item() + beta * mean(s)),
     "gradient of the content term does not reach relu4_2"),
    (of_terms(lambda c, s, alpha, beta: alpha * c + beta * sum(x.item() for x in s) / 3),
     "style term does not reach relu1_1"),
    (without_graph, "torch.no_grad()"),
    (of_terms(lambda c, s, alpha, beta: {"content": alpha * c, "style": beta * mean(s)}),
     "you returned a dict"),
    (of_terms(lambda c, s, alpha, beta: (alpha * c, beta * mean(s))), "you returned a tuple"),
    (of_terms(lambda c, s, alpha, beta: (alpha * c + beta * mean(s)).view(1)), "the shape should be ()"),
    (of_terms(lambda c, s, alpha, beta: 2 * (alpha * c + beta * mean(s))), "other values"),
    (lambda f, p, a, alpha, beta: alpha * content_loss(f["relu4_2"], p["relu4_2"])
        + beta * mean([content_loss(gram_matrix(f[x]), a[x]) for x in a]), "take style_loss"),
    (lambda *_: "3.0", "got str"),
    (lambda *_: None, "returned None"),
    ("everything divided by 3", of_terms(lambda c, s, alpha, beta: (alpha * c + beta * sum(s)) / len(s)),
     "the content term is not divided"),
    ("alpha before a bracket", of_terms(lambda c, s, alpha, beta: alpha * (c + beta * mean(s))),
     "a bracket is misplaced"),
    ("beta before a bracket", of_terms(lambda c, s, alpha, beta: beta * (alpha * c + mean(s))),
     "a bracket is misplaced"),
    ("alpha before a bracket, sum", of_terms(lambda c, s, alpha, beta: alpha * (c + beta * sum(s))),
     "style term only; and each style layer"),
    ("no weights, sum", of_terms(lambda c, s, alpha, beta: c + sum(s)), "missing; and each style layer"),
    (of_terms(lambda c, s, alpha, beta: alpha * c * beta * mean(s)), "not multiplied"),
    ("hard-coded 5", of_terms(lambda c, s, alpha, beta: alpha * c + beta * sum(s) / 5),
     "divide the style by 5, but here are 3"),
    ("hard-coded 3", of_terms(lambda c, s, alpha, beta: alpha * c + beta * sum(s) / 3), "but not for two"),
    ("hard-coded content layer",
     lambda f, p, a, *weights: right_total(f, {"relu4_2": p["relu4_2"]}, a, *weights),
     "not for others in another order"),
    ("the first layers of features", lambda f, p, a, *weights: right_total(dict(zip(a, f.values())) | {
        x: f[x] for x in p}, p, a, *weights), "not for others in another order"),
    ("a layer that is not there", lambda f, p, a, *weights: f["conv4_2"], "there is no 'conv4_2' here"),
    ("all of features", lambda f, p, a, *weights: mean([style_loss(f[x], a[x]) for x in f]),
     "relu4_2 lacks one"),
    ("dictionaries as tensors", lambda f, p, a, *weights: content_loss(f, p), "through them with .items()"),
    ("no items()", lambda f, p, a, *weights: [layer for layer, _ in a], "its names only: take .items()"),
    ("a Gram matrix's Gram matrix",
     lambda f, p, a, *weights: mean([style_loss(f[x], gram_matrix(a[x])) for x in a]), "A is one already"),
    ("the last layer, divided", of_terms(lambda c, s, alpha, beta: alpha * c + beta * s[-1] / len(s)),
     "overwrite the sum"),
    ("the first layer, divided", of_terms(lambda c, s, alpha, beta: alpha * c + beta * s[0] / len(s)),
     "`return` inside your loop"),
    ("torch's mean of a list", of_terms(lambda c, s, alpha, beta: alpha * c + beta * torch.mean(s)),
     "torch.stack(values).mean()"),
    ("all layers counted", counts_all_layers, "divide the style by 4"),
    (of_terms(lambda c, s, alpha, beta: alpha * c + beta * mean(s) / len(s)), "divided away twice"),
    ("a number of NumPy", lambda *given: np.float32(right_total(*given).item()), "cut off from the features"),
    (of_losses(lambda f, p: (f - p).square().sum() / 2, style_loss), "as eq. 1 is printed"),
    (of_losses(lambda f, p: (f - p).square().sum(), style_loss), "your content term is the sum of squares"),
    (of_losses(lambda f, p: (f - p).square().mean() / 2, style_loss), "half the mean of squares"),
    ("relative", of_losses(relative_content, relative_style), "relative losses"),
    ("relative content", of_losses(relative_content, style_loss), "relative losses"),
    ("relative style", of_losses(content_loss, relative_style), "relative losses"),
    (works_on_the_target, "your function changes style_targets['relu1_1']"),
    (works_on_the_features, "your function changes features['relu4_2']"),
    ("NumPy's mean", of_terms(lambda c, s, alpha, beta: alpha * c + beta * np.mean(s)),
     "NumPy cannot follow gradients"),
    ("xor for power", of_losses(lambda f, p: ((f - p) ^ 2).mean(), style_loss), "power is `**`"),
])


# ------------------------------------------------------------------------------------------------------- loop
@dataclass(frozen=True)
class Loop:
    """A right loop, with one switch for each way to break it."""

    make: Callable = lambda pixels: torch.optim.Adam(pixels, lr=0.02)
    zero: bool = True
    backward: bool = True
    step: bool = True
    clamp: bool = True
    sign: int = 1
    clamp_inside: bool = False
    copy: bool = True
    add: Callable = lambda terms: sum(terms.values())
    result: Callable = lambda image: image.detach()

    def __call__(self, image, loss, steps):
        image = (image.clone() if self.copy else image).requires_grad_(True)
        optimizer = self.make([image])
        for _ in range(steps):
            if self.zero:
                optimizer.zero_grad()
            total = self.sign * self.add(loss(image.clamp(0, 1) if self.clamp_inside else image))
            if self.backward:
                total.backward()
            if self.step:
                optimizer.step()
            if self.clamp:
                with torch.no_grad():
                    image.clamp_(0, 1)
        return self.result(image)


loop = Loop()


def lbfgs(image, loss, steps, returns=True, closure_given=True, **options):
    image = image.detach().clone().requires_grad_(True)
    optimizer = torch.optim.LBFGS([image], **{"max_iter": 1, **options})
    for _ in range(steps):
        def closure():
            optimizer.zero_grad()
            total = sum(loss(image).values())
            total.backward()
            return total if returns else None
        optimizer.step(closure) if closure_given else optimizer.step()
        with torch.no_grad():
            image.clamp_(0, 1)
    return image.detach()


def adam_at(rate):
    return lambda pixels: torch.optim.Adam(pixels, lr=rate)


def sgd_at(rate):
    return lambda pixels: torch.optim.SGD(pixels, lr=rate)


def by_hand(image, loss, steps):
    image = image.clone()
    for _ in range(steps):
        image.requires_grad_(True)
        gradient, = torch.autograd.grad(sum(loss(image).values()), image)
        image = (image.detach() - 0.1 * gradient).clamp(0, 1)
    return image


def with_the_graph_of_all_steps(image, loss, steps):
    image = image.clone().requires_grad_(True)
    for _ in range(steps):
        gradient, = torch.autograd.grad(sum(loss(image).values()), image)
        image = (image - 0.1 * gradient).clamp(0, 1)
    return image.detach()


def by_torch_func(image, loss, steps):
    gradient = torch.func.grad(lambda x: sum(loss(x).values()))
    for _ in range(steps):
        image = (image - 0.1 * gradient(image)).clamp(0, 1)
    return image


def two_backwards(image, loss, steps):
    image = image.clone().requires_grad_(True)
    optimizer = torch.optim.SGD([image], lr=0.1)
    for _ in range(steps):
        optimizer.zero_grad()
        for term in loss(image).values():
            term.backward()
        optimizer.step()
        image.data.clamp_(0, 1)
    return image.detach()


def wrong_tensor(image, loss, steps):
    pixels = image.clone().requires_grad_(True)
    elsewhere = Loop(zero=False, clamp=False, result=lambda _: pixels.detach())
    return elsewhere(image, lambda _: loss(pixels), steps)


def foreign_tensor(image, loss, steps):
    pixels, other = image.clone().requires_grad_(True), image.clone().requires_grad_(True)
    optimizer = torch.optim.Adam([other], lr=0.02)
    for _ in range(steps):
        optimizer.zero_grad()
        pixels.grad = None
        sum(loss(pixels).values()).backward()
        optimizer.step()
    return pixels.detach()


def one_evaluation(image, loss, steps):
    image = image.clone().requires_grad_(True)
    optimizer = torch.optim.Adam([image], lr=0.02)
    total = sum(loss(image).values())
    for _ in range(steps):
        optimizer.zero_grad()
        total.backward(retain_graph=True)
        optimizer.step()
    return image.detach()


def graph_used_twice(image, loss, steps):
    image = image.clone().requires_grad_(True)
    total = sum(loss(image).values())
    for _ in range(steps):
        total.backward()
    return image.detach()


def returns_inside(image, loss, steps):
    image = image.clone().requires_grad_(True)
    optimizer = torch.optim.Adam([image], lr=0.02)
    for _ in range(steps):
        sum(loss(image).values()).backward()
        optimizer.step()
        return image.detach().clamp(0, 1)


def without_gradients(image, loss, steps):
    image = image.clone()
    for _ in range(steps):
        sum(loss(image).values()).backward()
    return image


def in_place_on_a_leaf(image, loss, steps):
    image = image.clone().requires_grad_(True)
    for _ in range(steps):
        sum(loss(image).values()).backward()
        image -= 0.1 * image.grad
    return image


def non_leaf(image, loss, steps):
    image = image.requires_grad_(True).clone()
    return torch.optim.Adam([image], lr=0.02)


def one_short(image, loss, steps):
    return loop(image, loss, steps - 1)


def clamps_at_the_end(image, loss, steps):
    return Loop(clamp=False, result=lambda image: image.detach().clamp(0, 1))(image, loss, steps)


def forgets_to_return(image, loss, steps):
    loop(image, loss, steps)


def returns_the_start(image, loss, steps):
    loop(image, loss, steps)
    return image


def keeps_a_film(image, loss, steps):
    return [loop(image, loss, steps)]


def returns_the_loss(image, loss, steps):
    loop(image, loss, steps)
    return sum(loss(image).values())


def noisy(image):
    return torch.rand(image.shape, generator=torch.Generator().manual_seed(1))


def new_optimizers(make, closure=False):
    def function(image, loss, steps):
        image = image.clone().requires_grad_(True)
        for _ in range(steps):
            optimizer = make([image])

            def evaluate(optimizer=optimizer):
                optimizer.zero_grad()
                total = sum(loss(image).values())
                total.backward()
                return total
            optimizer.step(evaluate) if closure else (evaluate(), optimizer.step())
            with torch.no_grad():
                image.clamp_(0, 1)
        return image.detach()
    return function


def clamp_in(image, low, high):
    """Clamp in place; the same tensor."""
    image.data.clamp_(low, high)
    return image


def in_the_order(*parts, after=lambda image: clamp_in(image, 0, 1)):
    """A loop of the named parts; after each round, `after` clamps in place, or returns another tensor."""
    def function(image, loss, steps):
        image, total = image.clone().requires_grad_(True), None
        optimizer = torch.optim.Adam([image], lr=0.02)
        for _ in range(steps):
            for part in parts:
                if part == "zero":
                    optimizer.zero_grad()
                elif part == "loss":
                    total = sum(loss(image).values())
                elif part == "backward":
                    total.backward()
                elif part == "step":
                    optimizer.step()
                elif part == "print":
                    sum(loss(image).values()).item()
            image = after(image)
        return image.detach()
    return function


ROUND = ("zero", "loss", "backward", "step")


def clamped_without_gradients(image):
    with torch.no_grad():
        return image.clamp(0, 1)


def through_sigmoid(image, loss, steps):
    hidden = torch.logit(image.clamp(0.01, 0.99)).requires_grad_(True)
    optimizer = torch.optim.Adam([hidden], lr=0.1)
    for _ in range(steps):
        optimizer.zero_grad()
        sum(loss(torch.sigmoid(hidden)).values()).backward()
        optimizer.step()
    return torch.sigmoid(hidden).detach()


def as_a_difference(image, loss, steps):
    """Optimises what is added to the picture."""
    change = torch.zeros_like(image, requires_grad=True)
    optimizer = torch.optim.Adam([change], lr=0.02)
    for _ in range(steps):
        optimizer.zero_grad()
        sum(loss(image + change).values()).backward()
        optimizer.step()
        with torch.no_grad():
            change.copy_((image + change).clamp(0, 1) - image)
    return (image + change).detach().clamp(0, 1)


def best_seen(image, loss, steps):
    image, best, lowest = image.clone().requires_grad_(True), None, float("inf")
    optimizer = torch.optim.Adam([image], lr=0.05)
    for _ in range(steps):
        optimizer.zero_grad()
        total = sum(loss(image).values())
        if total.item() < lowest:
            best, lowest = image.detach().clone(), total.item()
        total.backward()
        optimizer.step()
        image.data.clamp_(0, 1)
    return best


def two_optimizers(image, loss, steps):
    half = loop(image, loss, steps // 2)
    return lbfgs(half, loss, steps - steps // 2)


def of_the_package(image, loss, steps):
    for step in stylelib.optimize(image, lambda x: loss(x), steps):
        last = step.image
    return last


def one_call_of_lbfgs(image, loss, steps):
    return lbfgs(image, loss, 1, max_iter=steps)


def line_search(image, loss, steps):
    return lbfgs(image, loss, steps, line_search_fn="strong_wolfe")


def without_backward(image, loss, steps):
    image = image.clone().requires_grad_(True)
    for _ in range(steps):
        sum(loss(image).values())
        with torch.no_grad():
            image -= 0.1 * image.grad


def backward_on_the_function(image, loss, steps):
    loss(image)
    loss.backward()


def term_by_term(image, loss, steps):
    return loop(image, lambda x: {name: loss(x)[name] for name in loss(x)}, steps)


def by_hand_on_new_tensors(image, loss, steps):
    image = image.clone().requires_grad_(True)
    for _ in range(steps):
        sum(loss(image).values()).backward()
        with warnings.catch_warnings():         # PyTorch warns of what goes wrong here
            warnings.simplefilter("ignore")
            image = image - 0.1 * image.grad
    return image.detach()


LOOPS = table(transfer, {
    "adam": loop, "lbfgs": lbfgs, "sgd": Loop(make=sgd_at(0.1)), "by hand": by_hand,
    "two backwards": two_backwards,
    "fast adam": Loop(make=adam_at(0.1)), "slow adam": Loop(make=adam_at(0.01)),
    "rmsprop": Loop(make=lambda pixels: torch.optim.RMSprop(pixels, lr=0.02)),
    "mean of the terms": Loop(add=lambda terms: sum(terms.values()) / len(terms)),
    "sigmoid": through_sigmoid, "a difference": as_a_difference, "the best seen": best_seen,
    "two optimisers": two_optimizers,
    "zero_grad at the end": in_the_order("loss", "backward", "step", "zero"),
    "by hand, never detached": with_the_graph_of_all_steps, "by torch.func": by_torch_func,
    "parameter and momentum": Loop(make=lambda pixels: torch.optim.SGD(pixels, lr=0.05, momentum=0.5)),
    "sgd without momentum, made again": new_optimizers(sgd_at(0.1)),
    "the package's own": of_the_package,
}, [
    (Loop(zero=False), "pile up"),
    (Loop(zero=False, make=sgd_at(0.05)), "pile up"),
    (Loop(backward=False), "call .backward()"),
    (Loop(step=False), "no pixel has changed"),
    (foreign_tensor, "holds another tensor than the loss sees"),
    (wrong_tensor, "holds another tensor than the loss sees"),
    (Loop(clamp=False), "pixels leave [0, 1]"),
    (clamps_at_the_end, "clamped at the end only"),
    (Loop(clamp_inside=True), "never comes back"),
    (Loop(clamp_inside=True, clamp=False), "never comes back"),
    (Loop(sign=-1), "the loss rose"),
    (Loop(make=sgd_at(50.0), clamp=False), "NaN"),
    (Loop(make=adam_at(1e-4)), "too small"),
    (Loop(add=lambda terms: terms["content"]), "the style term has no influence"),
    (Loop(add=lambda terms: terms["style"]), "the content term has no influence"),
    (Loop(add=lambda terms: terms), "dictionary of terms"),
    (Loop(copy=False, result=lambda image: image), "handed in has changed"),
    (lambda image, loss, steps: (image.requires_grad_(True), loop(image.detach(), loss, steps))[1],
     "now requires gradients"),
    (Loop(result=lambda image: image), "still requires gradients"),
    (Loop(result=lambda image: image.detach()[0]), "the shape should be (1, 3, 5, 8)"),
    (Loop(result=lambda image: image.detach().numpy()), "got ndarray"),
    (forgets_to_return, "returned None"),
    (returns_the_start, "the picture you started from"),
    (keeps_a_film, "got list"),
    (returns_the_loss, "a single number"),
    (one_evaluation, "computed once"),
    (graph_used_twice, "graph of an earlier step"),
    (returns_inside, "`return` inside the loop"),
    (without_gradients, "requires_grad_(True)"),
    (in_place_on_a_leaf, "only inside `with torch.no_grad():`"),
    (non_leaf, "in this order"),
    (one_short, "39 evaluations for 40 steps"),
    ("one step too many", lambda image, loss, steps: loop(image, loss, steps + 1), "41 steps instead of 40"),
    ("two terms by name", Loop(add=lambda terms: terms["content"] + terms["style"]),
     "the smoothness term has no influence"),
    ("each term by an evaluation of its own", term_by_term, "call loss(image) once in each step"),
    ("a sum of plain numbers", Loop(add=lambda terms: sum(x.item() for x in terms.values())),
     "leave out .item()"),
    ("new tensor by hand", by_hand_on_new_tensors, "image = image - ... made a new tensor"),
    (lambda image, loss, steps: loop(image, loss, 40), "40 evaluations of the loss for 7 steps"),
    (lambda image, loss, steps: lbfgs(image, loss, steps, max_iter=20), "give it max_iter=1"),
    (lambda image, loss, steps: lbfgs(image, loss, steps, returns=False),
     "does your closure end with `return`"),
    (lambda image, loss, steps: lbfgs(image, loss, steps, closure_given=False), "optimizer.step(closure)"),
    (lambda image, loss, steps: loop(image[0], loss, steps), "your loop gave it (3, 5, 8)"),
    (lambda image, loss, steps: loss("image"), "your loop gave it str"),
    (lambda image, loss, steps: image.clone(), "never computes loss(image)"),
    ("clamp to [-1, 1]", in_the_order(*ROUND, after=lambda image: clamp_in(image, -1, 1)), "at one end only"),
    ("upper half of a clamp", in_the_order(*ROUND, after=lambda image: clamp_in(image, None, 1)),
     "at one end only"),
    ("lower half of a clamp", in_the_order(*ROUND, after=lambda image: clamp_in(image, 0, None)),
     "at one end only"),
    ("new Adam in each step", new_optimizers(adam_at(0.02)), "a new optimiser in each step"),
    ("new L-BFGS in each step",
     new_optimizers(lambda pixels: torch.optim.LBFGS(pixels, max_iter=1), closure=True),
     "a new optimiser in each step"),
    ("starts from noise", lambda image, loss, steps: loop(noisy(image), loss, steps),
     "another picture than the one handed in"),
    ("starts from black", lambda image, loss, steps: loop(torch.zeros_like(image), loss, steps),
     "another picture than the one handed in"),
    ("product", Loop(add=lambda terms: terms["content"] * terms["style"]), "no product"),
    ("own weights", Loop(add=lambda terms: terms["content"] + 10 * terms["style"]),
     "do not count equally"),
    ("new tensor after the clamp",
     in_the_order(*ROUND, after=lambda image: image.detach().clamp(0, 1).requires_grad_(True)),
     "image.clamp_(0, 1)"),
    ("clamp with gradients", in_the_order(*ROUND, after=lambda image: torch.clamp(image, 0, 1)),
     "image.clamp_(0, 1)"),
    ("clamp without gradients, new tensor", in_the_order(*ROUND, after=clamped_without_gradients),
     "image.clamp_(0, 1)"),
    ("prints by a second evaluation", in_the_order(*ROUND, "print"), "Keep what you have"),
    (one_call_of_lbfgs, "give it max_iter=1"),
    (line_search, "leave out line_search_fn"),
    ("zero_grad before step", in_the_order("loss", "backward", "zero", "step"),
     "throws the new gradient away"),
    ("step before backward", in_the_order("zero", "loss", "step", "backward"),
     "step() comes before backward()"),
    ("sum of the names", Loop(add=sum), "write sum(loss(image).values())"),
    ("no list", Loop(make=lambda pixels: torch.optim.Adam(pixels[0], lr=0.02)),
     "write [image], in brackets"),
    (without_backward, "no backward() has reached"),
    (backward_on_the_function, "loss is a function"),
    ("NumPy's mean", Loop(add=lambda terms: np.mean(list(terms.values()))),
     "NumPy cannot follow gradients"),
])

ROWS = TOTALS + LOOPS
