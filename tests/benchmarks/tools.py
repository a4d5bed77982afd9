"""What the parts share: clocks, child processes, test pictures."""
import json
import os
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path

import torch

from stylelib import load_image, load_network, resize_image
from stylelib.engine.memory import choose_loss
from stylelib.objective import CONTENT_LAYERS, STYLE_LAYERS, STYLE_TO_CONTENT
from stylelib.scene import Painting, Scene

ROOT = Path(__file__).parents[2]
DATA = ROOT / "data"
SETTINGS = {"content_layers": CONTENT_LAYERS, "style_layers": STYLE_LAYERS, "style_weight": STYLE_TO_CONTENT,
            "tv_weight": 0.0, "statistic": "gram"}
GB = 1e9


def interleaved(functions, rounds):
    """Seconds of several functions, called in turn, A B C A B C, so that a busy moment hits all of them.

    Args:
        functions: {name: function without arguments}.
        rounds: measured calls of each, after one that is not measured.

    Returns:
        {name: [seconds, one for each round]}.
    """
    for function in functions.values():
        function()
    times = {name: [] for name in functions}
    for _ in range(rounds):
        for name, function in functions.items():
            times[name].append(seconds(function))
    return times


def seconds(function):
    """How long a call takes."""
    started = time.perf_counter()
    function()
    return time.perf_counter() - started


def ratio(times, name, base):
    """The median over the rounds of times[name] / times[base]: each round is compared with itself."""
    return statistics.median(a / b for a, b in zip(times[name], times[base], strict=True))


def child(*arguments):
    """Run `python -m tests.benchmarks.MODULE ARGUMENTS` and return what it prints last, decoded from JSON."""
    module, *rest = map(str, arguments)
    done = subprocess.run([sys.executable, "-m", f"tests.benchmarks.{module}", *rest], cwd=ROOT,
                          capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"the child process {' '.join(map(str, arguments))} failed:\n"
                           f"{done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def peak_bytes():
    """The most memory that this process has held at once.

    Linux's ru_maxrss would also count the process that started this one, up to that moment: VmHWM does not.
    """
    try:
        return int(re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text())[1]) * 1024
    except OSError:
        import resource  # Windows has neither /proc nor this
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def sample_pictures(size):
    """A photo and a painting, (1, 3, 3/4 size, size) both: the work depends on the number of pixels only."""
    height, width = round(size * 3 / 4), size
    return [resize_image(load_image(DATA / name), height, width).clamp(0, 1)
            for name in ("content/china.jpg", "style/starry_night.jpg")]


def stylizes_loss(network, photo, painting):
    """The loss in the way that `stylize` chooses for a picture of this size."""
    paintings = [Painting(painting)]
    return choose_loss(network, Scene(photo, photo, paintings), **SETTINGS)(photo, paintings)


def evaluator(loss, photo):
    """A function that computes the loss and its gradient once, as each step of an optimisation does."""
    image = photo.clone().requires_grad_(True)

    def evaluate():
        image.grad = None
        sum(loss(image).values()).backward()
    return evaluate


def network_in(precision):
    """VGG-19 in a number format."""
    return load_network().to(getattr(torch, precision))


def machine():
    """Where the numbers come from."""
    instructions = torch.backends.cpu.get_cpu_capability() + (" and AMX" if has_amx() else "")
    return {"processor": _processor(), "cores": os.cpu_count(), "threads": torch.get_num_threads(),
            "instructions": instructions, "torch": torch.__version__, "date": time.strftime("%Y-%m-%d")}


def has_amx():
    """Whether the processor has Intel's units for bfloat16 matrices: two of the goals are for these only."""
    try:
        return "amx_bf16" in Path("/proc/cpuinfo").read_text()
    except OSError:
        return False


def _processor():
    try:
        return re.search(r"model name\s*:\s*(.*)", Path("/proc/cpuinfo").read_text())[1]
    except (OSError, TypeError):
        import platform
        return platform.processor() or platform.machine()
