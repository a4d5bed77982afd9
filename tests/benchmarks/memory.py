"""(c) The most memory that a transfer takes, each in a process of its own."""
import json
import sys
import tempfile
from pathlib import Path

import psutil

from stylelib import TransferLoss, optimize, save_image, stylize
from stylelib.cli import main
from stylelib.engine.memory import PLENTY, Needs
from stylelib.engine.strips import StripLoss
from stylelib.margin import reflect
from stylelib.plan import Scale

from .report import Goal, Table, pyplot, save_svg
from .tools import GB, SETTINGS, child, network_in, peak_bytes, sample_pictures

TITLE = "peak memory"
MINUTES = 10
LIMITS = {"stylize": {512: 1.2, 1024: 1.5, 2048: 2.2}, "fast": {512: 1.0, 2048: 2.0}}      # GB
WORDS = {"stylize": "`stylize`", "plain": "`TransferLoss`, keeps all activations",
         "fast": "`stylelib stylize --fast`"}
# Steps: as many as L-BFGS needs to fill its memory, and one or two more. In one pass there are none
FULL = [("stylize", 512, 13, "float32"), ("plain", 512, 13, "float32"), ("stylize", 1024, 7, "float32"),
        ("plain", 1024, 3, "float32"), ("stylize", 2048, 5, "float32"), ("plain", 2048, 1, "float32"),
        *(("fast", size, 0, "float32") for size in (512, 1024, 2048))]
QUICK = [("stylize", 64, 3, "float32"), ("plain", 64, 3, "float32"), ("fast", 64, 0, "float32")]


def measure(quick, folder):
    """[{way, size, steps, precision, peak, rise, estimate}], bytes."""
    rows = []
    for way, size, steps, precision in QUICK if quick else FULL:
        estimate = None if way == "fast" else _estimate(way, size, precision)
        row = {"way": way, "size": size, "steps": steps, "precision": precision, "estimate": estimate,
               "peak": None, "rise": None}
        if way == "fast" or estimate < psutil.virtual_memory().available:
            row.update(child("memory", way, size, steps, precision))
        rows.append(row)
    return {"rows": rows}


def _estimate(way, size, precision):
    """What stylelib thinks that a transfer will need."""
    shape, needs = (round(size * 3 / 4), size), Needs(network_in(precision), SETTINGS)
    in_strips = way == "stylize" and needs.activations(TransferLoss, shape, [shape]) > PLENTY
    return needs(StripLoss if in_strips else TransferLoss, shape, [shape])


def run(way, size, steps, precision):
    """In the child process: a transfer, all at full size. Returns {"peak", "rise"}, bytes."""
    if way == "fast":
        return _run_fast(size)
    network = network_in(precision)
    photo, painting = sample_pictures(size)
    before = psutil.Process().memory_info().rss
    if way == "stylize":
        stylize(photo, painting, size, steps, scales=1, network=network, progress=False, device="cpu",
                precision=precision)
    else:
        history = Scale(*photo.shape[2:], steps).remembered
        photo, painting = reflect(photo), reflect(painting)
        for _ in optimize(photo, TransferLoss(network, photo, painting, **SETTINGS), steps, history=history):
            pass
    peak = peak_bytes()
    return {"peak": peak, "rise": peak - before}


def _save(pictures, files):
    for picture, file in zip(pictures, files):
        save_image(picture, file)


def _run_fast(size):
    """The whole command, with reading and writing. The rise is that over the imports."""
    with tempfile.TemporaryDirectory() as scratch:
        files = [str(Path(scratch) / f"{name}.png") for name in ("photo", "painting", "result")]
        _save(sample_pictures(size), files)
        before = psutil.Process().memory_info().rss
        if main(["stylize", *files[:2], "--fast", "--size", str(size), "-o", files[2], "--quiet"]):
            raise RuntimeError("stylize --fast failed")
    peak = peak_bytes()
    return {"peak": peak, "rise": peak - before}


def tables(result):
    rows = [[f"{row['size']} px", WORDS[row["way"]],
             *([f"{row['peak'] / GB:.2f} GB", f"{row['rise'] / GB:.2f} GB"] if row["peak"]
               else ["does not fit here", ""]),
             f"{row['estimate'] / GB:.2f} GB" if row["estimate"] else ""] for row in result["rows"]]
    return {"peaks": Table("Peak memory of a transfer in float32",
                           ["picture", "way", "peak of the process", "of that, the transfer",
                            "what stylelib estimates"], rows)}


def goals(result):
    for row in result["rows"]:
        limit = LIMITS.get(row["way"], {}).get(row["size"])
        if limit:
            what = " of `stylize --fast`" if row["way"] == "fast" else ""
            yield Goal(f"peak memory{what} at {row['size']} px: at most {limit} GB",
                       f"{row['peak'] / GB:.2f} GB", row["peak"] <= limit * GB)


def figures(result, folder):
    """memory.svg: peak memory against the size of the picture."""
    figure, axis = pyplot().subplots(figsize=(5, 3), layout="constrained")
    for way, label, style in (("plain", "all activations kept", "s--"), ("stylize", "stylize", "o-"),
                              ("fast", "stylize --fast", "^-.")):
        points = [(row["size"], row["peak"] / GB) for row in result["rows"] if row["way"] == way
                  and row["peak"]]
        if points:
            axis.plot(*zip(*points, strict=True), style, label=label)
    sizes = sorted({row["size"] for row in result["rows"]})
    axis.set(xscale="log", xlabel="longest side, px", ylabel="peak memory, GB",
             ylim=(0, 1.1 * max(row["peak"] or 0 for row in result["rows"]) / GB))
    axis.set_xticks(sizes, sizes)
    axis.minorticks_off()
    axis.legend()
    save_svg(figure, folder / "memory.svg")


if __name__ == "__main__":
    print(json.dumps(run(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])))
