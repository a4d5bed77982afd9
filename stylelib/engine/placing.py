"""A network where it is to compute, and in the number format that it is to compute in."""
import contextlib
import copy
import inspect

import torch
from torch.nn import Module


def placed(network: Module, device: torch.device, precision: str) -> Module:
    """The network on this device in this precision; the caller's own stays where and as it is.

    Args:
        network: a function of an image and names of layers, such as the networks of `load_network`.
        device: from `as_device`.
        precision: from `choose_precision`.

    Raises:
        ValueError: it is no such function.
    """
    _check(network)
    dtype = getattr(torch, precision)
    parameter = next(network.parameters(), None)
    if parameter is None or (parameter.device, parameter.dtype) == (device, dtype):
        return network
    return copy.deepcopy(network).to(device, dtype)


def _check(network):
    if isinstance(network, Module):
        with contextlib.suppress(TypeError):
            inspect.signature(network.forward).bind("image", "layers")
            return
    got = repr(network) if isinstance(network, str) else f"a {type(network).__name__}"
    example = network if isinstance(network, str) else "vgg19"
    raise ValueError(f"network must take an image and names of layers, got {got}: "
                     f"write network=load_network({example!r})")
