"""Answers to the exercises of notebook 02."""
import numpy as np
import torch
import torch.nn.functional

from stylelib.learn.check import choose_layer, content_gradient, content_loss
from stylelib.learn.check.content import AIMS

from ..answers import table


# ----------------------------------------------------------------------------------------------- content loss
def in_place(f, p):
    f -= p
    return f.square().mean()


def without_graph(f, p):
    with torch.no_grad():
        return (f - p).square().mean()


def target_in_place(f, p):
    return p.sub_(f).square().mean()


LOSSES = table(content_loss, {
    "square and mean": lambda f, p: (f - p).square().mean(),
    "sum over number": lambda f, p: ((p - f) ** 2).sum() / f.numel(),
    "torch's own": lambda f, p: torch.nn.functional.mse_loss(f, p),
    "in double precision": lambda f, p: (f.double() - p).square().mean(),
    "divided by an np.int64": lambda f, p: (f - p).square().sum() / np.prod(f.shape),
}, [
    (lambda f, p: (f - p).square().sum() / 2, "eq. 1 as printed"),
    (lambda f, p: ((f - p) ** 2).sum(), "sum of all squares"),
    (lambda f, p: ((f - p) ** 2).mean() / 2, "half as large"),
    (lambda f, p: (f - p).mean(), "the square is missing"),
    (lambda f, p: (f - p).sum(), "the square is missing, and a sum"),
    (lambda f, p: (f - p).mean() ** 2, "the square comes too late"),
    (lambda f, p: (f.mean() - p.mean()) ** 2, "the square comes too late"),
    (lambda f, p: (f - p).sum() ** 2, "the square comes too late"),
    (lambda f, p: (f - p).abs().mean(), "absolute values"),
    (lambda f, p: (f - p).square().mean().sqrt(), "the root at the end"),
    (lambda f, p: (f - p).norm(), "a norm"),
    (lambda f, p: (f - p).square().mean() / p.square().mean(), "relative loss"),
    (lambda f, p: (f - p).square().sum() / len(f), "number of pictures only"),
    (lambda f, p: (f - p).square().sum() / f[0, 0].numel(), "number of positions only"),
    (lambda f, p: (f - p).square().sum() / f[:, 0].numel(), "not by channels"),
    (lambda f, p: (f - p).square().sum() / f[0].numel(), "values of one picture"),
    (lambda f, p: (f - p).square(), "one value for each activation"),
    (lambda f, p: (f - p).square().mean((1, 2, 3)), "one loss for each picture"),
    (lambda f, p: (f - p).square().mean((2, 3)), "one loss for each channel"),
    (lambda f, p: (f - p).square().mean().item(), "cut off from the features"),
    (lambda f, p: (f - p).square().mean().detach(), "cut off from the features"),
    (lambda f, p: float(((f - p) ** 2).mean().detach()), "cut off from the features"),
    (without_graph, "cut off from the features"),
    (lambda f, p: (f.detach() - p).square().mean() + 0 * f.sum(), "only a part of the gradient"),
    (lambda f, p: sum((f - p)**2) / f.numel(), "Python's sum()"),
    (lambda f, p: (f - p).square.mean(), "brackets are missing"),
    (lambda f, p: (f**2 - p**2).mean(), "first subtract, then square"),
    (in_place, "your function changes features"),
    (lambda f, p: None, "returned None"),
    (lambda f, p: (f - p).square().mean().detach().numpy(), "a tensor is expected, got ndarray"),
    (lambda f, p: (f - p).square().mean(1), "the shape should be ()"),
    (lambda f, p: (f - p).square().mean() * 11, "other values"),
    (target_in_place, "your function changes target"),
    ("a number of NumPy", lambda f, p: np.float32((f - p).square().mean().item()),
     "cut off from the features"),
    ("NumPy's mean", lambda f, p: np.mean([x for x in (f - p).square()]), "NumPy cannot follow gradients"),
    ("no brackets", lambda f, p: (f - p).square().sum() / f.shape[0] * f.shape[1] * f.shape[2] * f.shape[3],
     "brackets are missing"),
    ("no brackets, no batch", lambda f, p: (f - p).square().sum() / f.shape[2] * f.shape[3],
     "brackets are missing"),
    ("a number of one shape", lambda f, p: (f - p).square().sum() / 420, "not for another"),
    ("xor for power", lambda f, p: ((f - p) ^ 2).mean(), "power is `**`"),
    ("divided by 0", lambda f, p: (f - p).square().mean() / 0, "divided by 0"),
])


# ----------------------------------------------------------------------------------------------- its gradient
def with_autograd(f, p):
    before_relu = f.clone().requires_grad_(True)
    (before_relu.relu() - p).square().mean().backward()
    return before_relu.grad


def masked_in_place(f, p):
    gradient = 2 * (f - p) / f.numel()
    gradient[f == 0] = 0
    return gradient


GRADIENTS = table(content_gradient, {
    "by hand": lambda f, p: 2 / f.numel() * (f - p) * (f > 0),
    "autograd through the ReLU": with_autograd,
    "masked in place": masked_in_place,
    "where": lambda f, p: torch.where(f > 0, 2 * (f - p) / f.numel(), 0.0),
    "masked_fill": lambda f, p: (2 * (f - p) / f.numel()).masked_fill(f == 0, 0),
    "in double precision": lambda f, p: 2 / f.numel() * (f.double() - p) * (f > 0),
}, [
    (lambda f, p: 2 / f.numel() * (f - p), "ReLU is closed"),
    (lambda f, p: (f - p) * (f > 0), "eq. 2 as printed"),
    (lambda f, p: f - p, "Two things are missing"),
    (lambda f, p: (f - p) * (f > 0) / f.numel(), "half as large"),
    (lambda f, p: (f - p) / f.numel(), "the factor 2 of the square, and the mask"),
    (lambda f, p: 2 * (f - p) * (f > 0), "divide by the number of values"),
    (lambda f, p: 2 * (f - p), "divide by the number of values, and the mask"),
    (lambda f, p: 2 / f.numel() * (p - f) * (f > 0), "wrong sign"),
    (lambda f, p: 2 / f.numel() * (p - f), "wrong sign, and no mask"),
    (lambda f, p: 2 / f.numel() * (f - p) * (p > 0), "P > 0"),
    (lambda f, p: 2 / f.numel() * (f - p).clamp(min=0), "your mask looks at F - P"),
    (lambda f, p: 2 / f.numel() * (f - p) ** 2 * (f > 0), "no longer a square"),
    (lambda f, p: 2 / f[0].numel() * (f - p) * (f > 0), "those of all pictures"),
    (lambda f, p: 2 / f[0, 0].numel() * (f - p) * (f > 0), "not only over positions"),
    (lambda f, p: (2 / f.numel() * (f - p) * (f > 0)).sum(), "you added everything up"),
    (lambda f, p: (2 / f.numel() * (f - p) * (f > 0)).mean(), "you took the mean"),
    (lambda f, p: (f - p).square().mean(), "this is the loss itself"),
    (lambda f, p: (2 / f.numel() * (f - p) * (f > 0))[0], "the shape should be (3, 4, 5, 7)"),
    (lambda f, p: 7 * (f - p), "other values"),
    (lambda f, p: None, "returned None"),
    (lambda f, p: [f - p], "a tensor is expected, got list"),
    (lambda f, p: 0.5, "a tensor is expected, got float"),
    (lambda f, p: (p - f) * (f > 0), "wrong sign, and another scale"),
    (lambda f, p: 2 * (p - f), "wrong sign, another scale, and no mask"),
    ("no brackets around a comparison", lambda f, p: 2 / f.numel() * (f - p) * (f > 0 & f),
     "put brackets around each comparison"),
    (lambda f, p: 2 / f.numel() * (f - p) if f > 0 else 0, "`if` decides once"),
    ("no brackets around the mask", lambda f, p: 2 / f.numel() * (f - p) * f > 0, "True and False came back"),
    ("a number of one shape", lambda f, p: 2 / 420 * (f - p) * (f > 0), "not for another"),
    ("an error for another shape", lambda f, p: 2 / f.numel() * ((f - p) * (f > 0)).reshape(3, 4, 5, 7),
     "stopped with RuntimeError"),
    ("xor for power", lambda f, p: (f - p) ^ 2, "power is `**`"),
    ("in place", lambda f, p: f.sub_(p) * (f > 0), "your function changes features"),
])


# --------------------------------------------------------------------------------------------- choose a layer
RIGHT = {aim: layer for aim, (layer, _) in AIMS.items()}


LAYER_NAMES = table(choose_layer, {"a dictionary's get": RIGHT.get}, [
    # Each wrong layer of each aim has a reason of its own
    *((f"{aim}: {layer}", {**RIGHT, aim: layer}.get, f"Not yet: for '{aim}' you chose '{layer}': {reason}")
      for aim, (_, reasons) in AIMS.items() for layer, reason in reasons.items()),
    (lambda aim: None, "returned None"),
    (lambda aim: 4, "a layer's name is expected, such as 'relu3_2', got int"),
    (lambda aim: ["relu1_2"], "got list"),
    (lambda aim: "conv4_2", "write 'relu4_2'"),
    (lambda aim: "conv_4", "choose one of relu1_2"),
    (lambda aim: "relu4_1", "choose one of relu1_2"),
    (lambda aim: {}[aim], "KeyError"),
])

ROWS = LOSSES + GRADIENTS + LAYER_NAMES
