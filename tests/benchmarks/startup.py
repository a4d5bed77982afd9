"""(e) From the command line to the first evaluation, and where that time goes."""
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from .report import Goal, Table
from .tools import DATA, ROOT

TITLE = "start-up"
MINUTES = 3
LIMIT = 2.5     # s, to the first evaluation
FAST_LIMIT = 1.0        # s, over the import, to a picture in one pass

# Python programs of a line or two. The clock is the parent's: each prints when it has come far enough.
NOW = "import time; print(time.time())"
TO_AN_EVALUATION = """
import sys, time
from stylelib import objective
from stylelib.cli import main

left = int(sys.argv[4])

def stop(loss, image):
    global left
    if image.device.type != "meta":         # there the memory is estimated
        left -= 1
    if left == 0:
        print(time.time())
        sys.exit()
    return call(loss, image)

call = objective.TransferLoss.__call__

objective.TransferLoss.__call__ = stop
main(["stylize", sys.argv[1], sys.argv[2], "-o", sys.argv[3], "--quiet"])
"""
FIRST_PICTURE = """
import sys, time
import stylelib

def stop(step):
    print(time.time())
    sys.exit()

stylelib.stylize(sys.argv[1], sys.argv[2], progress=False, on_step=stop)
"""
IN_ONE_PASS = """
import sys, time
from stylelib.cli import main

status = main(["stylize", sys.argv[1], sys.argv[2], "--fast", "-o", sys.argv[3], "--quiet"])
print(time.time())
sys.exit(status)
"""
IMPORTED = "`import stylelib`, then its name `stylize`"
WHOLE = "`stylelib stylize`: its first evaluation can begin"
SECOND = "`stylelib stylize`: its second, after the optimiser's first step"
FAST = "`stylelib stylize --fast`, 512 px: the file is written"
PROGRAMS = {
    "Python alone": NOW,
    "`import torch`": f"import torch; {NOW}",
    "`import torch, torchvision`": f"import torch, torchvision; {NOW}",
    "`import torch`, then its L-BFGS, which ours replaces":
        f"import torch; torch.optim.LBFGS([torch.zeros(1)]); {NOW}",
    "`import stylelib`": f"import stylelib; {NOW}",
    IMPORTED: f"import stylelib; stylelib.stylize; {NOW}",
    "`import stylelib`, then `load_network()`": f"import stylelib; stylelib.load_network(); {NOW}",
    WHOLE: TO_AN_EVALUATION,
    SECOND: TO_AN_EVALUATION,
    "`stylize`, 512 px: `on_step` has its first picture": FIRST_PICTURE,
    FAST: IN_ONE_PASS,
}


def measure(quick, folder):
    """{"seconds": {program: [...]}, "imports": {package: seconds}}."""
    times = {name: [] for name in PROGRAMS}
    with tempfile.TemporaryDirectory() as scratch:
        arguments = [str(DATA / "content/china.jpg"), str(DATA / "style/starry_night.jpg"),
                     str(Path(scratch) / "result.jpg")]
        for measured in range(2 if quick else 6):           # the first round warms the disk's caches
            for name, program in PROGRAMS.items():
                took = _seconds(program, [*arguments, "2" if name == SECOND else "1"])
                if measured:
                    times[name].append(took)
    return {"seconds": times, "imports": import_seconds(_importtime())}


def _seconds(program, arguments):
    started = time.time()
    done = subprocess.run([sys.executable, "-c", program, *arguments], cwd=ROOT, capture_output=True,
                          text=True, check=True)
    return float(done.stdout) - started


def _importtime():
    return subprocess.run([sys.executable, "-X", "importtime", "-c", "import stylelib.transfer"], cwd=ROOT,
                          capture_output=True, text=True).stderr


def import_seconds(report, count=8):
    """What `python -X importtime` reports, summed up for each package: {package: seconds}, the slowest first.

    Args:
        report: its text. A line has a module's own microseconds, those with all it imports, and its name.
        count: how many packages to name; the rest is summed up.
    """
    own = Counter()
    for microseconds, module in re.findall(r"import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)", report):
        package = module.partition(".")[0]
        own["Python's own library" if package in sys.stdlib_module_names else package] += int(microseconds)
    named = own.most_common(count)
    rest = sum(own.values()) - sum(value for _, value in named)
    return {name: value / 1e6 for name, value in [*named, ("all others", rest)]}


def tables(result):
    medians = {name: statistics.median(times) for name, times in result["seconds"].items()}
    base = medians["`import torch, torchvision`"]
    steps = [[name, f"{value / base:.2f}", f"{value:.2f} s"] for name, value in medians.items()]
    imports = result["imports"]
    shares = [[name, f"{100 * value / sum(imports.values()):.0f} %"] for name, value in imports.items()]
    return {"steps": Table("From the start of the process, with warm disk caches",
                           ["up to the end of", "beside `import torch, torchvision`", "time"], steps),
            "imports": Table("Where the time of the imports goes (`python -X importtime`)",
                             ["package", "share"], shares)}


def goals(result):
    value = statistics.median(result["seconds"][WHOLE])
    yield Goal(f"from the command line to the first evaluation: at most {LIMIT} s", f"{value:.2f} s",
               value <= LIMIT)
    if FAST in result["seconds"]:
        over = (statistics.median(result["seconds"][FAST]) - statistics.median(result["seconds"][IMPORTED]))
        yield Goal(f"`stylize --fast` at 512 px: at most {FAST_LIMIT} s over the import", f"{over:.2f} s",
                   over <= FAST_LIMIT)
