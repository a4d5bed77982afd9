"""Where to compute, and in which number format."""
import time

import torch


def as_device(device) -> str:
    """The device to compute on.

    Args:
        device: "auto" takes a GPU if there is one; or "cpu", "cuda", "cuda:1" (the second), "mps", or a
            torch.device.

    Returns:
        its name, such as "cuda:1".

    Raises:
        ValueError: an unknown device, or one that this machine does not have.
    """
    count = {"cuda": torch.cuda.device_count() if torch.cuda.is_available() else 0,
             "mps": int(torch.backends.mps.is_available()), "cpu": 1}
    if isinstance(device, str) and device == "auto":
        return next(name for name in count if count[name])
    name = str(device) if isinstance(device, (str, torch.device)) else ""
    kind, colon, index = name.partition(":")
    if kind not in count or colon and not (index.isascii() and index.isdigit()):
        raise ValueError(f"device must be auto, cpu, cuda, cuda:1 (the second) or mps, got {device!r}")
    if not count[kind]:
        raise ValueError(f"this machine has no {kind} device for PyTorch: use device 'auto' or 'cpu'")
    if colon and int(index) >= count[kind]:
        raise ValueError(f"this machine has no device {name}: the last of its kind is "
                         f"{kind}:{count[kind] - 1}")
    return name if kind == "cuda" else kind


def choose_precision(precision, device):
    """The network's number format; "auto" tries on a small convolution whether bfloat16 is faster here.

    Raises:
        ValueError: an unknown precision.
    """
    if precision not in ("auto", "float32", "bfloat16"):
        raise ValueError(f"precision must be auto, float32 or bfloat16, got {precision!r}")
    if precision != "auto":
        return precision
    if torch.device(device).type == "mps":
        return "float32"
    times = {}
    for name, dtype in (("float32", torch.float32), ("bfloat16", torch.bfloat16)):
        convolution = torch.nn.Conv2d(128, 128, 3, padding=1, device=device, dtype=dtype).to(memory_format=torch.channels_last)
        features = torch.zeros(1, 128, 64, 64, device=device, dtype=dtype).to(memory_format=torch.channels_last)
        times[name] = min(_seconds(convolution, features) for _ in range(4))
    return "bfloat16" if times["bfloat16"] < 0.8 * times["float32"] else "float32"


def _seconds(function, argument):
    started = time.perf_counter()
    with torch.no_grad():
        function(argument).sum().item()               # .item() waits until a GPU is done
    return time.perf_counter() - started
