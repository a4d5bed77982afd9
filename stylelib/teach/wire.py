"""What passes between the judge and a learner's process: messages of bytes, and values as plain data.

Toward the learner's process anything may go. What comes back is never unpickled, as that would run what a
learner wrote: numbers, texts, lists, and tensors as bytes, and of anything else the name of its type.
"""
import json
import struct
from collections.abc import Iterator
from typing import IO, Any

import numpy as np
import torch
from safetensors.torch import load, save
from torch import Tensor

LARGEST = 64 * 2**20        # bytes of a message from a learner's process


class Garbled(ValueError):
    """A message that is none of ours."""


def send(stream: IO[bytes], message: bytes) -> None:
    """Write a message with its length before it."""
    stream.write(struct.pack("<Q", len(message)) + message)
    stream.flush()


def receive(stream: IO[bytes], largest: int = LARGEST) -> bytes:
    """The next message.

    Raises:
        EOFError: there is none any more.
        Garbled: it is longer than `largest` bytes.
    """
    length, = struct.unpack("<Q", _exactly(stream, 8))
    if length > largest:
        raise Garbled(f"a message of {length} bytes")
    return _exactly(stream, length)


def _exactly(stream, count):
    data = stream.read(count)
    if data is None or len(data) < count:
        raise EOFError
    return data


def pack(value: Any) -> bytes:
    """A value as bytes that `unpack` reads: plain data as it is, tensors, the type's name of all else."""
    tensors: dict[str, Tensor] = {}
    plan = json.dumps(_plan(value, tensors))
    return save({name: tensor.detach().cpu().contiguous().clone() for name, tensor in tensors.items()},
                {"plan": plan})


def unpack(message: bytes) -> Any:
    """What `pack` has packed.

    Raises:
        Garbled: it is something else.
    """
    try:
        length, = struct.unpack("<Q", message[:8])
        header = json.loads(message[8:8 + length])
        return _value(json.loads(header["__metadata__"]["plan"]), load(message))
    except Exception as error:      # noqa: BLE001 - anything can come from a learner's process
        raise Garbled(str(error)) from None


def _plan(value, tensors) -> Any:
    if value is None or isinstance(value, (bool, float, str)) or type(value) is int:
        return value
    if isinstance(value, (list, tuple)):
        return {"tuple" if isinstance(value, tuple) else "list": [_plan(each, tensors) for each in value]}
    if isinstance(value, dict) and all(isinstance(key, (str, int, float)) for key in value):
        return {"dict": [[key, _plan(each, tensors)] for key, each in value.items()]}
    kind = "tensor"
    if isinstance(value, (np.ndarray, np.generic)) and value.dtype.kind in "biuf":
        kind = "scalar" if isinstance(value, np.generic) else "array"
        value = torch.from_numpy(np.array(value))
    if isinstance(value, Tensor) and not value.is_complex() and value.layout == torch.strided:
        name = str(len(tensors))
        tensors[name] = value
        return {kind: name, "gradient": value.requires_grad}
    return {"other": type(value).__name__}


def _value(plan: Any, tensors: dict[str, Tensor]) -> Any:
    if not isinstance(plan, dict):
        return plan
    for kind, make in (("list", list), ("tuple", tuple)):
        if kind in plan:
            return make(_value(each, tensors) for each in plan[kind])
    if "dict" in plan:
        return {key: _value(each, tensors) for key, each in plan["dict"]}
    if "tensor" in plan:
        tensor = tensors[plan["tensor"]]
        return tensor.requires_grad_() if plan["gradient"] and tensor.is_floating_point() else tensor
    if "array" in plan:
        return tensors[plan["array"]].numpy()
    if "scalar" in plan:
        return tensors[plan["scalar"]].numpy()[()]
    name = str(plan["other"])
    return type(name if name.isidentifier() else "object", (), {})()


def tensors_in(value: Any) -> Iterator[Tensor]:
    """All tensors in lists, tuples and dictionaries, always in the same order."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from tensors_in(each)
    elif isinstance(value, dict):
        for each in value.values():
            yield from tensors_in(each)


def replaced(value: Any, tensors: Iterator[Tensor]) -> Any:
    """The same lists, tuples and dictionaries with other tensors, in the order of `tensors_in`."""
    if isinstance(value, Tensor):
        return next(tensors)
    if type(value) in (list, tuple):
        return type(value)(replaced(each, tensors) for each in value)
    if isinstance(value, dict):
        return {key: replaced(each, tensors) for key, each in value.items()}
    return value
