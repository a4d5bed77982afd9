"""Where to compute, and in which number format."""
import contextlib
import copy
import inspect
import time
from collections.abc import Sequence

import torch
from torch.nn import Module

from .language import tr


def as_device(device: str | torch.device) -> torch.device:
    """Whatever names a device, as PyTorch's own object: the one way by which devices come in.

    Args:
        device: "auto" takes a GPU if there is one; or "cpu", "cuda", "cuda:1" (the second), "mps", or a
            torch.device.

    Returns:
        a device that this machine has.

    Raises:
        ValueError: an unknown device, or one that this machine does not have.
    """
    count = {"cuda": torch.cuda.device_count() if torch.cuda.is_available() else 0,
             "mps": int(torch.backends.mps.is_available()), "cpu": 1}
    if isinstance(device, str) and device == "auto":
        return torch.device(next(kind for kind in count if count[kind]))
    name = str(device) if isinstance(device, (str, torch.device)) else ""
    kind, colon, index = name.partition(":")
    if kind not in count or (colon and not (index.isascii() and index.isdigit())):
        raise ValueError(tr("device must be auto, cpu, cuda, cuda:1 (the second) or mps, got {device!r}",
                            device=device))
    if not count[kind]:
        raise ValueError(tr("this machine has no {kind} device for PyTorch: use device 'auto' or 'cpu'",
                            kind=kind))
    if colon and int(index) >= count[kind]:
        last = f"{kind}:{count[kind] - 1}"
        raise ValueError(tr("this machine has no device {name}: the last of its kind is {last}",
                            name=name, last=last))
    return torch.device(name if kind == "cuda" else kind)      # there is only one cpu, and one mps


def choose_precision(precision: str, device: str | torch.device) -> str:
    """The network's number format.

    Args:
        precision: "float32", "bfloat16", or "auto", which tries on a small convolution whether bfloat16 is
            faster on this device.
        device: where the network will compute.

    Returns:
        "float32" or "bfloat16".

    Raises:
        ValueError: an unknown precision.
    """
    if precision not in ("auto", "float32", "bfloat16"):
        raise ValueError(tr("precision must be auto, float32 or bfloat16, got {precision!r}",
                            precision=precision))
    if precision != "auto":
        return precision
    if torch.device(device).type == "mps":
        return "float32"
    usual, short = convolution_seconds((torch.float32, torch.bfloat16), device)
    return "bfloat16" if short < 0.8 * usual else "float32"


def convolution_seconds(dtypes: Sequence[torch.dtype], device: str | torch.device) -> list[float]:
    """How long a convolution such as VGG's takes in each number format: the fastest of ten tries.

    They take turns, so that another program that keeps the machine busy for a moment delays all of them.
    """
    trials = [_convolution(dtype, device) for dtype in dtypes]
    rounds = [[_timed(*trial) for trial in trials] for _ in range(10)]
    return [min(times) for times in zip(*rounds)]


def _convolution(dtype, device):
    """A layer, and features for it."""
    layer = torch.nn.Conv2d(128, 128, 3, padding=1, device=device, dtype=dtype)
    features = torch.zeros(1, 128, 64, 64, device=device, dtype=dtype)
    return layer.to(memory_format=torch.channels_last), features.to(memory_format=torch.channels_last)


def _timed(function, argument):
    started = time.perf_counter()
    with torch.no_grad():
        function(argument).sum().item()               # .item() waits until a GPU is done
    return time.perf_counter() - started


def placed(network: Module, device: torch.device, precision: str) -> Module:
    """The network on this device in this precision; the caller's own stays where and as it is.

    Args:
        network: a function of an image and names of layers, such as the networks of `load_network`.
        device: from `as_device`.
        precision: from `choose_precision`.

    Raises:
        ValueError: it is no such function.
    """
    _check_network(network)
    dtype = getattr(torch, precision)
    parameter = next(network.parameters(), None)
    if parameter is None or (parameter.device, parameter.dtype) == (device, dtype):
        return network
    return copy.deepcopy(network).to(device, dtype)


def _check_network(network):
    if isinstance(network, Module):
        with contextlib.suppress(TypeError):
            inspect.signature(network.forward).bind("image", "layers")
            return
    if isinstance(network, str):
        raise ValueError(tr("network must take an image and names of layers, got {name!r}: "
                            "write network=load_network({name!r})", name=network))
    raise ValueError(tr("network must take an image and names of layers, got a {kind}: "
                        "write network=load_network('vgg19')", kind=type(network).__name__))
