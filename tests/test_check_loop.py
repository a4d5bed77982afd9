"""The checkers of notebook 04 accept right answers and know the mistakes that learners make."""
import pytest
import torch

from stylelib.check.loop import total_loss, transfer
from stylelib.check.verdict import CORRECT, NOT_ATTEMPTED
from stylelib.losses import content_loss, gram_matrix, style_loss

from .answers import broken, unsolved, verdict


# -------------------------------------------------------------------------------------------------- total loss
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


WRONG_TOTALS = [
    (of_terms(lambda c, s, alpha, beta: beta * c + alpha * mean(s)), "swapped"),
    (of_terms(lambda c, s, alpha, beta: beta * c + alpha * sum(s)), "swapped; and each style layer"),
    (of_terms(lambda c, s, alpha, beta: c + mean(s)), "the weights are missing"),
    (of_terms(lambda c, s, alpha, beta: c + beta * mean(s)), "the weight alpha of the content term is missing"),
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
    (of_terms(lambda c, s, alpha, beta: alpha * c.item() + beta * mean(s)), "gradient of the content term does not reach relu4_2"),
    (of_terms(lambda c, s, alpha, beta: alpha * c + beta * sum(x.item() for x in s) / 3), "style term does not reach relu1_1"),
    (without_graph, "torch.no_grad()"),
    (of_terms(lambda c, s, alpha, beta: {"content": alpha * c, "style": beta * mean(s)}), "you returned a dict"),
    (of_terms(lambda c, s, alpha, beta: (alpha * c, beta * mean(s))), "you returned a tuple"),
    (of_terms(lambda c, s, alpha, beta: (alpha * c + beta * mean(s)).view(1)), "the shape should be ()"),
    (of_terms(lambda c, s, alpha, beta: 2 * (alpha * c + beta * mean(s))), "other values"),
    (lambda f, p, a, alpha, beta: alpha * content_loss(f["relu4_2"], p["relu4_2"])
        + beta * mean([content_loss(gram_matrix(f[x]), a[x]) for x in a]), "other values"),
    (lambda *_: "3.0", "got str"),
    (lambda *_: None, "returned None"),
    (broken, "ZeroDivisionError"),
    (lambda features: features, "TypeError"),
]


@pytest.mark.parametrize(("wrong", "hint"), WRONG_TOTALS, ids=[hint[:40] for _, hint in WRONG_TOTALS])
def test_wrong_total_losses_get_their_hint(capsys, wrong, hint):
    got = verdict(capsys, total_loss, wrong)
    assert got.startswith("Not yet: ")
    assert hint in got


def test_right_total_losses_are_correct(capsys):
    def in_one_line(f, p, a, alpha, beta):
        return (alpha * torch.nn.functional.mse_loss(f["relu4_2"], p["relu4_2"])
                + beta * torch.stack([style_loss(f[x], a[x]) for x in a]).mean())
    assert verdict(capsys, total_loss, right_total) == CORRECT
    assert verdict(capsys, total_loss, in_one_line) == CORRECT
    assert verdict(capsys, total_loss, unsolved) == NOT_ATTEMPTED


# -------------------------------------------------------------------------------------------------------- loop
def loop(image, loss, steps, make=lambda pixels: torch.optim.Adam(pixels, lr=0.02), zero=True, backward=True, step=True,
         clamp=True, sign=1, clamp_inside=False, add=lambda terms: sum(terms.values()), copy=True, result=lambda image: image.detach()):
    """A right loop, with one switch for each way to break it."""
    image = (image.clone() if copy else image).requires_grad_(True)
    optimizer = make([image])
    for _ in range(steps):
        if zero:
            optimizer.zero_grad()
        total = sign * add(loss(image.clamp(0, 1) if clamp_inside else image))
        if backward:
            total.backward()
        if step:
            optimizer.step()
        if clamp:
            with torch.no_grad():
                image.clamp_(0, 1)
    return result(image)


def lbfgs(image, loss, steps, max_iter=1, returns=True, closure_given=True):
    image = image.detach().clone().requires_grad_(True)
    optimizer = torch.optim.LBFGS([image], max_iter=max_iter)
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


def variant(**switches):
    return lambda image, loss, steps: loop(image, loss, steps, **switches)


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
    return loop(image, lambda _: loss(pixels), steps, zero=False, clamp=False, result=lambda _: pixels.detach())


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
    return loop(image, loss, steps, clamp=False, result=lambda image: image.detach().clamp(0, 1))


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


WRONG_LOOPS = [
    (variant(zero=False), "pile up"),
    (variant(zero=False, make=sgd_at(0.05)), "pile up"),
    (variant(backward=False), "call .backward()"),
    (variant(step=False), "no pixel has changed"),
    (foreign_tensor, "the same tensor as the loss sees"),
    (wrong_tensor, "pile up"),
    (variant(clamp=False), "pixels leave [0, 1]"),
    (clamps_at_the_end, "clamped at the end only"),
    (variant(clamp_inside=True), "never comes back"),
    (variant(clamp_inside=True, clamp=False), "never comes back"),
    (variant(sign=-1), "the loss rose"),
    (variant(make=sgd_at(50.0), clamp=False), "NaN"),
    (variant(make=adam_at(1e-4)), "too small"),
    (variant(add=lambda terms: terms["content"]), "the style term has no influence"),
    (variant(add=lambda terms: terms["style"]), "the content term has no influence"),
    (variant(add=lambda terms: terms), "dictionary of terms"),
    (variant(copy=False, result=lambda image: image), "handed in has changed"),
    (lambda image, loss, steps: (image.requires_grad_(True), loop(image.detach(), loss, steps))[1], "now requires gradients"),
    (variant(result=lambda image: image), "still requires gradients"),
    (variant(result=lambda image: image.detach()[0]), "the shape should be (1, 3, 5, 8)"),
    (variant(result=lambda image: image.detach().numpy()), "got ndarray"),
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
    (lambda image, loss, steps: loop(image, loss, 40), "40 evaluations of the loss for 7 steps"),
    (lambda image, loss, steps: lbfgs(image, loss, steps, max_iter=20), "give it max_iter=1"),
    (lambda image, loss, steps: lbfgs(image, loss, steps, returns=False), "does your closure end with `return`"),
    (lambda image, loss, steps: lbfgs(image, loss, steps, closure_given=False), "optimizer.step(closure)"),
    (lambda image, loss, steps: loop(image[0], loss, steps), "your loop gave it (3, 5, 8)"),
    (lambda image, loss, steps: loss("image"), "your loop gave it str"),
    (lambda image, loss, steps: image.clone(), "never computes loss(image)"),
    (broken, "ZeroDivisionError"),
    (lambda image: image, "TypeError"),
]


@pytest.mark.parametrize(("wrong", "hint"), WRONG_LOOPS, ids=[f"{i} {hint[:40]}" for i, (_, hint) in enumerate(WRONG_LOOPS)])
def test_wrong_loops_get_their_hint(capsys, wrong, hint):
    got = verdict(capsys, transfer, wrong)
    assert got.startswith("Not yet: ")
    assert hint in got


RIGHT_LOOPS = {"adam": loop, "lbfgs": lbfgs, "sgd": variant(make=sgd_at(0.1)), "by hand": by_hand, "two backwards": two_backwards,
               "fast adam": variant(make=adam_at(0.1)), "slow adam": variant(make=adam_at(0.01))}


@pytest.mark.parametrize("right", RIGHT_LOOPS.values(), ids=RIGHT_LOOPS)
def test_right_loops_are_correct(capsys, right):
    assert verdict(capsys, transfer, right) == CORRECT


def test_a_loop_that_is_not_attempted(capsys):
    assert verdict(capsys, transfer, unsolved) == NOT_ATTEMPTED
