"""(g) The same code on a GPU, beside the CPU, if there is one."""
import functools
import statistics

import torch

from stylelib import load_network, paint_fast, stylize

from .report import Table, times_text
from .tools import GB, interleaved, ratio, sample_pictures, seconds, stylizes_loss

TITLE = "the same on a GPU, if there is one"
MINUTES = 2
PRECISIONS = ("float32", "bfloat16")


def measure(quick, folder, device=None):
    """{"device": its name or None, "sizes": {size: {way: seconds in each round}}, "stylize", "paint_fast"}.

    A way is "cpu float32" or the like; `paint_fast` has {size: {device: seconds in each round}}.
    """
    present = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    device = device or next((name for name in present if present[name]), None)
    if device is None:
        return {"device": None}
    sizes, rounds = ((64, 96), 2) if quick else ((256, 512, 1024), 5)
    result = {"device": torch.cuda.get_device_name() if device == "cuda" else device, "sizes": {},
              "stylize": {}, "paint_fast": {}}
    for size in sizes:
        ways = {"cpu float32": _evaluator(size, "cpu", "float32"),
                **{f"{device} {precision}": _evaluator(size, device, precision) for precision in PRECISIONS}}
        result["sizes"][str(size)] = interleaved(ways, rounds)
        result["paint_fast"][str(size)] = interleaved(
            {place: functools.partial(paint_fast, *sample_pictures(size), size, device=place)
             for place in ("cpu", device)}, rounds)
    photo, painting = sample_pictures(sizes[-1])
    for precision in PRECISIONS:
        if device == "cuda":
            torch.cuda.reset_peak_memory_stats()
        settings = {"device": device, "precision": precision, "progress": False}
        steps = 4 if quick else 200
        took = seconds(functools.partial(stylize, photo, painting, sizes[-1], steps, **settings))
        result["stylize"][precision] = {"size": sizes[-1], "seconds": took,
                                        "peak": torch.cuda.max_memory_allocated() if device == "cuda"
                                        else None}
    return result


def _evaluator(size, device, precision):
    """Loss and gradient on a device. The sum at the end waits until the device is done."""
    photo, painting = (picture.to(device) for picture in sample_pictures(size))
    loss = stylizes_loss(load_network().to(device, getattr(torch, precision)), photo, painting)
    image = photo.clone().requires_grad_(True)

    def evaluate():
        image.grad = None
        sum(loss(image).values()).backward()
        image.grad.sum().item()
    return evaluate


def tables(result):
    if result["device"] is None:
        return {"costs": Table("One evaluation of loss and gradient on a GPU",
                               ["picture", "where", "beside the CPU", "seconds"],
                               [["", "this machine has no GPU that PyTorch can use", "", ""]])}
    costs = [[f"{size} px", way, times_text(ratio(times, way, "cpu float32")),
              f"{statistics.median(times[way]):.3f} s"] for size, times in result["sizes"].items()
             for way in times]
    whole = [[f"`stylize` whole, {measured['size']} px", f"{precision}", "", f"{measured['seconds']:.1f} s"
              + (f", {measured['peak'] / GB:.2f} GB of its memory" if measured["peak"] else "")]
             for precision, measured in result["stylize"].items()]
    fast = [[f"`paint_fast` whole, {size} px", place, times_text(ratio(times, place, "cpu")),
             f"{statistics.median(times[place]):.3f} s"]
            for size, times in result.get("paint_fast", {}).items() for place in times]
    return {"costs": Table(f"One evaluation of loss and gradient on {result['device']}, and whole pictures",
                           ["picture", "where", "beside the CPU", "seconds"], costs + whole + fast)}


def goals(result):
    return []
