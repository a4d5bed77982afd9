"""(d) How the time of an evaluation and the memory grow with the number of pixels."""
import json
import statistics
import sys

import psutil

from stylelib import load_network

from .report import Goal, Table
from .tools import GB, child, evaluator, peak_bytes, sample_pictures, seconds, stylizes_loss

TITLE = "growth with the number of pixels"
MINUTES = 7
BASE = 512


def measure(quick, folder):
    """{size: {seconds: [...], peak: bytes, rise: bytes}}, and which size the others are compared with."""
    sizes = (64, 96, 128) if quick else (128, 256, 512, 1024, 2048)
    return {"base": str(sizes[-1] if quick else BASE), "sizes": child("growth", *sizes)}


def run(sizes, rounds=4):
    """In the child process. First from small to large, so that each size adds to the peak of the memory."""
    network, evaluators, results = load_network(), {}, {}
    before = psutil.Process().memory_info().rss
    for size in sizes:
        photo, painting = sample_pictures(size)
        evaluators[size] = evaluator(stylizes_loss(network, photo, painting), photo)
        evaluators[size]()
        peak = peak_bytes()
        results[size] = {"seconds": [], "peak": peak, "rise": peak - before}
    for _ in range(rounds):
        for size, evaluate in evaluators.items():
            # all but the largest take equally long: so a busy moment hits all of them
            repeats = max(1, (1024 // size) ** 2)
            results[size]["seconds"].append(seconds(lambda: [evaluate() for _ in range(repeats)]) / repeats)    # noqa: B023
    return results


def _per_pixel(result, size, typical=min):
    """Seconds per pixel beside the base's: of the quickest rounds, since other work can only add."""
    base, pixels = result["base"], (int(size) / int(result["base"])) ** 2
    return typical(result["sizes"][size]["seconds"]) / typical(result["sizes"][base]["seconds"]) / pixels


def _off_the_line(result, typical=min):
    """How far sizes are from one line, seconds = constant x pixels.

    The line lies midway between the most and the least expensive of them.
    """
    values = [_per_pixel(result, size, typical) for size in result["sizes"]]
    return (max(values) / min(values)) ** 0.5 - 1


def tables(result):
    beside = f"time per pixel beside {result['base']} px"
    header = ["picture", f"{beside}, quickest rounds", f"{beside}, medians", "quickest time", "peak memory",
              "of that, the evaluation"]
    rows = [[f"{size} x {round(int(size) * 3 / 4)} px", f"{_per_pixel(result, size):.2f}",
             f"{_per_pixel(result, size, statistics.median):.2f}", f"{min(measured['seconds']):.2f} s",
             f"{measured['peak'] / GB:.2f} GB", f"{measured['rise'] / GB:.2f} GB"]
            for size, measured in result["sizes"].items()]
    return {"sizes": Table("One evaluation at several sizes, float32", header, rows)}


def goals(result):
    off, of_medians = _off_the_line(result), _off_the_line(result, statistics.median)
    sizes = sorted(map(int, result["sizes"]))
    yield Goal(f"time grows linearly with pixels from {sizes[0]} to {sizes[-1]} px: every size within "
               "15 % of one straight line", f"{off:.1%} (medians: {of_medians:.1%})", off <= 0.15)


if __name__ == "__main__":
    print(json.dumps(run([int(size) for size in sys.argv[1:]])))
